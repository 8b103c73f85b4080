#include "sys/udp.h"

#include "sys/socket_calls.h"
#include "sys/tcp.h"

namespace palisade::sys {

Result<SocketFd> connect_datagrams(const Endpoint& to) {
  SocketFd socket(direct::socket(family_of(to.address), SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, IPPROTO_UDP));
  if (!socket.is_open()) return SysError{"socket", errno};
  const SocketAddress name(to);
  if (direct::connect(socket.number(), name.get(), name.size()) != 0) return SysError{"connect", errno};
  return socket;
}

Result<Datagram> receive_datagram(const SocketFd& socket, std::span<std::uint8_t> bytes) {
  SocketAddress from;
  const ssize_t count = direct::recvfrom(socket.number(), bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_TRUNC,
                                         from.room(), from.room_size());
  Datagram datagram;
  if (count < 0 && (errno == EAGAIN || errno == EINTR)) {
    datagram.size = kWouldWait;
    return datagram;
  }
  if (count < 0) return SysError{"recvfrom", errno};
  datagram.size = static_cast<long>(count);
  datagram.from = from.endpoint();
  return datagram;
}

Status send_datagram(const SocketFd& socket, std::span<const std::uint8_t> bytes) {
  if (direct::send(socket.number(), bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
    return SysError{"send", errno};
  return {};
}

Status send_datagram_to(const SocketFd& socket, std::span<const std::uint8_t> bytes, const Endpoint& to) {
  const SocketAddress name(to);
  if (direct::sendto(socket.number(), bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL, name.get(),
                     name.size()) < 0)
    return SysError{"sendto", errno};
  return {};
}

}  // namespace palisade::sys
