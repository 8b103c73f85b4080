#include "sys/tcp.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include "sys/raw.h"

namespace palisade::sys {

Result<SocketFd> accept_connection(const SocketFd& listener) {
  const int number = ::accept4(listener.number(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
  if (number >= 0) return SocketFd(number);
  // accept(2): errors of the connection itself are to be treated as "none waits".
  switch (errno) {
    case EAGAIN:
    case EINTR:
    case ECONNABORTED:
    case EPROTO:
    case ENETDOWN:
    case ENETUNREACH:
    case EHOSTDOWN:
    case EHOSTUNREACH:
      return SocketFd();
    default:
      return SysError{"accept4", errno};
  }
}

Result<SocketFd> dial(std::uint32_t address, std::uint16_t port) {
  SocketFd socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, IPPROTO_TCP));
  if (!socket.is_open()) return SysError{"socket", errno};
  const int on = 1;
  if (::setsockopt(socket.number(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) != 0)
    return SysError{"setsockopt", errno};
  sockaddr_in name{};
  name.sin_family = AF_INET;
  name.sin_port = htons(port);
  name.sin_addr.s_addr = address;
  const int connected = ::connect(socket.number(), reinterpret_cast<const sockaddr*>(&name), sizeof name);
  if (connected != 0 && errno != EINPROGRESS) return SysError{"connect", errno};
  return socket;
}

int connection_error(const SocketFd& socket) {
  int error = 0;
  socklen_t size = sizeof error;
  return ::getsockopt(socket.number(), SOL_SOCKET, SO_ERROR, &error, &size) == 0 ? error : errno;
}

Result<Pipe> make_pipe() {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0) return SysError{"pipe2", errno};
  Pipe pipe;
  pipe.read_end = PipeFd(ends[0]);
  pipe.write_end = PipeFd(ends[1]);
  return pipe;
}

Result<long> move_bytes(int from, int to, std::size_t size) {
  const ssize_t moved = ::splice(from, nullptr, to, nullptr, size, SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
  if (moved >= 0) return static_cast<long>(moved);
  if (errno == EAGAIN || errno == EINTR) return static_cast<long>(-EAGAIN);
  return SysError{"splice", errno};
}

Status end_writing(const SocketFd& socket) {
  // ENOTCONN: the peer has reset it meanwhile, which the next poll tells.
  if (::shutdown(socket.number(), SHUT_WR) != 0 && errno != ENOTCONN) return SysError{"shutdown", errno};
  return {};
}

Status reset_on_close(const SocketFd& socket) {
  const linger now{1, 0};
  if (::setsockopt(socket.number(), SOL_SOCKET, SO_LINGER, &now, sizeof now) != 0) return SysError{"setsockopt", errno};
  return {};
}

}  // namespace palisade::sys
