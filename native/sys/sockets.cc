#include "sys/sockets.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/nsfs.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "sys/raw.h"
#include "sys/socket_calls.h"

namespace palisade::sys {
namespace {

// More than a plan lets the relay hold at a time would only wait here; the kernel cuts it to net.core.somaxconn.
constexpr int kBacklog = 4096;

// What is accepted has these too: no waiting for more to send, a reset when whoever holds it dies, and buffers for a
// link inside the machine: what a program sends or does not read takes no more memory than that.
Status prepare_listener(int number) {
  const int on = 1;
  const linger reset{1, 0};
  // A port of the host that a sandbox has just given back is free for the next.
  const bool set = direct::setsockopt(number, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) == 0 &&
                   direct::setsockopt(number, SOL_SOCKET, SO_LINGER, &reset, sizeof reset) == 0 &&
                   direct::setsockopt(number, SOL_SOCKET, SO_RCVBUF, &kBufferBytes, sizeof kBufferBytes) == 0 &&
                   direct::setsockopt(number, SOL_SOCKET, SO_SNDBUF, &kBufferBytes, sizeof kBufferBytes) == 0 &&
                   direct::setsockopt(number, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0;
  return set ? Status() : Status(SysError{"setsockopt", errno});
}

}  // namespace

namespace {

Result<SocketPair> make_pair_of(int type) {
  int pair[2];
  if (direct::socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, pair) != 0) return SysError{"socketpair", errno};
  SocketPair result;
  result.first = SocketFd(pair[0]);
  result.second = SocketFd(pair[1]);
  return result;
}

}  // namespace

Result<SocketPair> make_socket_pair() {
  return make_pair_of(SOCK_SEQPACKET);
}

Result<SocketPair> make_stream_pair() {
  return make_pair_of(SOCK_STREAM);
}

Result<std::size_t> receive_some(const SocketFd& socket, std::span<std::uint8_t> bytes) {
  for (;;) {
    const ssize_t count = direct::recv(socket.number(), bytes.data(), bytes.size(), 0);
    if (count >= 0) return static_cast<std::size_t>(count);
    // One that ended with unread input.
    if (errno == ECONNRESET) return std::size_t{0};
    if (errno != EINTR) return SysError{"recv", errno};
  }
}

namespace {

Status send(const SocketFd& socket, std::span<const std::uint8_t> bytes, std::span<const int> descriptors, int flags) {
  if (descriptors.size() > kDescriptorsMax) return SysError{"sendmsg", E2BIG};
  iovec part{const_cast<std::uint8_t*>(bytes.data()), bytes.size()};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int) * kDescriptorsMax)] = {};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  if (!descriptors.empty()) {
    message.msg_control = control;
    message.msg_controllen = CMSG_SPACE(descriptors.size_bytes());
    cmsghdr* const header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(descriptors.size_bytes());
    memcpy(CMSG_DATA(header), descriptors.data(), descriptors.size_bytes());
  }
  ssize_t sent = -1;
  do {
    sent = direct::sendmsg(socket.number(), &message, MSG_NOSIGNAL | flags);
  } while (sent < 0 && errno == EINTR);  // nothing was sent
  if (sent < 0) return SysError{"sendmsg", errno};
  return {};
}

Result<Message> receive(const SocketFd& socket, std::span<std::uint8_t> bytes, int flags) {
  iovec part{bytes.data(), bytes.size()};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int) * kDescriptorsMax)] = {};
  msghdr header{};
  header.msg_iov = &part;
  header.msg_iovlen = 1;
  header.msg_control = control;
  header.msg_controllen = sizeof control;
  ssize_t count = -1;
  do {
    count = direct::recvmsg(socket.number(), &header, MSG_CMSG_CLOEXEC | flags);
  } while (count < 0 && errno == EINTR);  // nothing was received
  if (count < 0) return SysError{"recvmsg", errno};
  Message message;
  message.size = static_cast<std::size_t>(count);
  message.is_cut = (header.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) != 0;
  for (cmsghdr* part_header = CMSG_FIRSTHDR(&header); part_header != nullptr;
       part_header = CMSG_NXTHDR(&header, part_header)) {
    if (part_header->cmsg_level != SOL_SOCKET || part_header->cmsg_type != SCM_RIGHTS) continue;
    message.descriptor_count = (part_header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    memcpy(message.descriptors, CMSG_DATA(part_header), message.descriptor_count * sizeof(int));
  }
  return message;
}

}  // namespace

Status send_message(const SocketFd& socket, std::span<const std::uint8_t> bytes, std::span<const int> descriptors) {
  return send(socket, bytes, descriptors, 0);
}

Status send_now(const SocketFd& socket, std::span<const std::uint8_t> bytes, std::span<const int> descriptors) {
  return send(socket, bytes, descriptors, MSG_DONTWAIT);
}

Result<Message> receive_message(const SocketFd& socket, std::span<std::uint8_t> bytes) {
  Result<Message> message = receive(socket, bytes, 0);
  if (!message.failed() && message.value().is_cut) return SysError{"recvmsg", EMSGSIZE};
  return message;
}

Result<Message> receive_now(const SocketFd& socket, std::span<std::uint8_t> bytes) {
  return receive(socket, bytes, MSG_DONTWAIT);
}

namespace {

struct UnixName {
  sockaddr_un name{};
  socklen_t size = 0;
};

// An abstract name begins with a NUL in the place of the `@`, and ends where `size` says.
Result<UnixName> unix_name(const char* text, std::size_t size, bool is_abstract) {
  UnixName result;
  result.name.sun_family = AF_UNIX;
  if (size >= sizeof result.name.sun_path) return SysError{"sun_path", ENAMETOOLONG};
  memcpy(result.name.sun_path + (is_abstract ? 1 : 0), text, size);
  result.size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + size + 1);
  return result;
}

Result<SocketFd> unix_datagrams() {
  return to_fd<SocketFd>(raw("socket", SYS_socket, AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
}

}  // namespace

Result<SocketFd> connect_unix_datagrams(const char* name) {
  const bool is_abstract = name[0] == '@';
  const char* const text = is_abstract ? name + 1 : name;
  const Result<UnixName> to = unix_name(text, strlen(text), is_abstract);
  if (to.failed()) return to.error();
  Result<SocketFd> socket = unix_datagrams();
  if (socket.failed()) return socket;
  const auto* const address = reinterpret_cast<const sockaddr*>(&to.value().name);
  if (direct::connect(socket.value().number(), address, to.value().size) != 0) return SysError{"connect", errno};
  return socket;
}

Result<SocketFd> open_unix_datagrams(const char* abstract_name) {
  const Result<UnixName> at = unix_name(abstract_name, strlen(abstract_name), true);
  if (at.failed()) return at.error();
  Result<SocketFd> socket = unix_datagrams();
  if (socket.failed()) return socket;
  const auto* const address = reinterpret_cast<const sockaddr*>(&at.value().name);
  if (direct::bind(socket.value().number(), address, at.value().size) != 0) return SysError{"bind", errno};
  return socket;
}

Status never_wait(const SocketFd& socket) {
  return raw("F_SETFL", SYS_fcntl, socket.number(), F_SETFL, O_NONBLOCK).status();
}

Result<SocketFd> open_server(const Endpoint& at, std::uint8_t protocol) {
  const bool stream = protocol == IPPROTO_TCP;
  const int kind = (stream ? SOCK_STREAM : SOCK_DGRAM) | SOCK_CLOEXEC | SOCK_NONBLOCK;
  Result<SocketFd> socket = to_fd<SocketFd>(raw("socket", SYS_socket, family_of(at.address), kind, protocol));
  if (socket.failed()) return socket;
  const int number = socket.value().number();
  const int on = 1;
  const int level = at.address.family == 4 ? IPPROTO_IP : IPPROTO_IPV6;
  const int freebind = at.address.family == 4 ? IP_FREEBIND : IPV6_FREEBIND;
  if (direct::setsockopt(number, level, freebind, &on, sizeof on) != 0) return SysError{"setsockopt", errno};
  if (stream) {
    const Status prepared = prepare_listener(number);
    if (prepared.failed()) return prepared.error();
  }
  const SocketAddress name(at);
  if (direct::bind(number, name.get(), name.size()) != 0) return SysError{"bind", errno};
  if (stream && direct::listen(number, kBacklog) != 0) return SysError{"listen", errno};
  return socket;
}

namespace {

Result<int> option_of(int socket, int name) {
  int value = 0;
  socklen_t size = sizeof value;
  if (direct::getsockopt(socket, SOL_SOCKET, name, &value, &size) != 0) return SysError{"getsockopt", errno};
  return value;
}

Result<bool> is_connected(int socket) {
  sockaddr_storage name{};
  socklen_t size = sizeof name;
  if (direct::getpeername(socket, reinterpret_cast<sockaddr*>(&name), &size) == 0) return true;
  if (errno != ENOTCONN) return SysError{"getpeername", errno};
  return false;
}

}  // namespace

Result<SocketReach> reach_of(int number) {
  const Result<int> family = option_of(number, SO_DOMAIN);
  if (family.failed()) {
    // A closed one is nothing that could be passed.
    const bool is_none = family.error().error == ENOTSOCK || family.error().error == EBADF;
    return is_none ? Result<SocketReach>(SocketReach::nothing) : family.error();
  }
  const Result<int> type = option_of(number, SO_TYPE);
  if (type.failed()) return type.error();
  const Result<int> protocol = option_of(number, SO_PROTOCOL);
  if (protocol.failed()) return protocol.error();
  const Result<int> listens = option_of(number, SO_ACCEPTCONN);
  if (listens.failed()) return listens.error();
  const bool is_unix = family.value() == AF_UNIX && type.value() != SOCK_DGRAM;
  const bool is_tcp = (family.value() == AF_INET || family.value() == AF_INET6) && type.value() == SOCK_STREAM &&
                      protocol.value() == IPPROTO_TCP;
  if (!is_unix && !is_tcp) return SocketReach::others;
  if (listens.value() != 0) return is_unix ? SocketReach::nothing : SocketReach::others;
  const Result<bool> connected = is_connected(number);
  if (connected.failed()) return connected.error();
  if (!connected.value()) return SocketReach::others;
  return is_unix ? SocketReach::nothing : SocketReach::by_connect;
}

Status open_listener_as(const Endpoint& at, int number) {
  const int family = family_of(at.address);
  const Result<SocketFd> socket =
      to_fd<SocketFd>(raw("socket", SYS_socket, family, SOCK_STREAM | SOCK_CLOEXEC, IPPROTO_TCP));
  if (socket.failed()) return socket.status();
  const int on = 1;
  const bool set = direct::setsockopt(socket.value().number(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0 &&
                   (family == AF_INET ||
                    direct::setsockopt(socket.value().number(), IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on) == 0);
  if (!set) return SysError{"setsockopt", errno};
  const SocketAddress name(at);
  if (direct::bind(socket.value().number(), name.get(), name.size()) != 0) return SysError{"bind", errno};
  if (direct::listen(socket.value().number(), kBacklog) != 0) return SysError{"listen", errno};
  return raw("dup3", SYS_dup3, socket.value().number(), number, 0).status();
}

Result<SocketFd> take_passed(int number) {
  Result<SocketFd> taken = to_fd<SocketFd>(raw("F_DUPFD_CLOEXEC", SYS_fcntl, number, F_DUPFD_CLOEXEC, 3));
  if (taken.failed()) return taken;
  const Status patient = never_wait(taken.value());
  if (patient.failed()) return patient.error();
  return taken;
}

Result<NamespaceFd> namespace_of(int socket) {
  return to_fd<NamespaceFd>(raw("SIOCGSKNS", SYS_ioctl, socket, SIOCGSKNS));
}

Result<NamespaceFd> owner_of(const NamespaceFd& network) {
  return to_fd<NamespaceFd>(raw("NS_GET_USERNS", SYS_ioctl, network.number(), NS_GET_USERNS));
}

Status enter_namespace(const NamespaceFd& space, int kind) {
  return raw("setns", SYS_setns, space.number(), kind).status();
}

Status unshare_network() {
  return raw("unshare", SYS_unshare, CLONE_NEWNET).status();
}

}  // namespace palisade::sys
