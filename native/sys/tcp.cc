#include "sys/tcp.h"

#include <netinet/tcp.h>

#include "sys/socket_calls.h"
#include "sys/sockets.h"

namespace palisade::sys {
namespace {

constexpr int kKeepIntervalSeconds = 5;
constexpr int kKeepProbes = 4;

Result<long> moved(const char* name, ssize_t count) {
  if (count >= 0) return static_cast<long>(count);
  if (errno == EAGAIN || errno == EINTR) return kWouldWait;
  return SysError{name, errno};
}

// As `prepare_listener` of sockets.cc.
Status bound_buffers(const SocketFd& socket) {
  for (const int option : {SO_RCVBUF, SO_SNDBUF}) {
    if (direct::setsockopt(socket.number(), SOL_SOCKET, option, &kBufferBytes, sizeof kBufferBytes) != 0)
      return SysError{"setsockopt", errno};
  }
  return {};
}

Status set_linger(const SocketFd& socket, const linger& value) {
  if (direct::setsockopt(socket.number(), SOL_SOCKET, SO_LINGER, &value, sizeof value) != 0)
    return SysError{"setsockopt", errno};
  return {};
}

}  // namespace

Result<SocketFd> accept_connection(const SocketFd& listener) {
  const int number = direct::accept4(listener.number(), SOCK_CLOEXEC | SOCK_NONBLOCK);
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

Status prepare_accepted(const SocketFd& socket) {
  const Status prompt = send_promptly(socket);
  if (prompt.failed()) return prompt;
  const Status bounded = bound_buffers(socket);
  return bounded.failed() ? bounded : reset_on_close(socket);
}

Result<Dialled> dial(const Endpoint& to) {
  Dialled result;
  const int kind = SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK;
  result.socket = SocketFd(direct::socket(family_of(to.address), kind, IPPROTO_TCP));
  if (!result.socket.is_open()) return SysError{"socket", errno};
  const SocketAddress name(to);
  result.connected = direct::connect(result.socket.number(), name.get(), name.size()) == 0;
  if (!result.connected && errno != EINPROGRESS) return SysError{"connect", errno};
  return result;
}

Status send_promptly(const SocketFd& socket) {
  const int on = 1;
  if (direct::setsockopt(socket.number(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) != 0)
    return SysError{"setsockopt", errno};
  return {};
}

Status keep_alive(const SocketFd& socket, int idle_seconds) {
  const struct {
    int level, name, value;
  } options[] = {{SOL_SOCKET, SO_KEEPALIVE, 1},
                 {IPPROTO_TCP, TCP_KEEPIDLE, idle_seconds},
                 {IPPROTO_TCP, TCP_KEEPINTVL, kKeepIntervalSeconds},
                 {IPPROTO_TCP, TCP_KEEPCNT, kKeepProbes}};
  for (const auto& [level, option, value] : options) {
    if (direct::setsockopt(socket.number(), level, option, &value, sizeof value) != 0)
      return SysError{"setsockopt", errno};
  }
  return {};
}

std::uint32_t unanswered_ms(const SocketFd& socket) {
  tcp_info info{};
  socklen_t size = sizeof info;
  if (direct::getsockopt(socket.number(), IPPROTO_TCP, TCP_INFO, &info, &size) != 0) return 0;
  // Probes of a closed window are counted elsewhere (tcpi_probes).
  return info.tcpi_retransmits > 0 && info.tcpi_unacked > 0 ? info.tcpi_last_ack_recv : 0;
}

int connection_error(const SocketFd& socket) {
  int error = 0;
  socklen_t size = sizeof error;
  return direct::getsockopt(socket.number(), SOL_SOCKET, SO_ERROR, &error, &size) == 0 ? error : errno;
}

Result<long> receive(const SocketFd& socket, std::span<std::uint8_t> bytes) {
  return moved("recv", direct::recv(socket.number(), bytes.data(), bytes.size(), MSG_DONTWAIT));
}

Result<long> send(const SocketFd& socket, std::span<const std::uint8_t> bytes) {
  return moved("send", direct::send(socket.number(), bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL));
}

Result<long> peek(const SocketFd& socket, std::span<std::uint8_t> bytes) {
  return moved("recv", direct::recv(socket.number(), bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_PEEK));
}

Status end_writing(const SocketFd& socket) {
  // ENOTCONN: the peer has reset it meanwhile, which the next event tells.
  if (direct::shutdown(socket.number(), SHUT_WR) != 0 && errno != ENOTCONN) return SysError{"shutdown", errno};
  return {};
}

Status reset_on_close(const SocketFd& socket) {
  return set_linger(socket, {1, 0});
}

Status end_on_close(const SocketFd& socket) {
  return set_linger(socket, {0, 0});
}

}  // namespace palisade::sys
