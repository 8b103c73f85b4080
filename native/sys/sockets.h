// Sockets: TCP listeners, messages between our own processes and datagrams of unix(7), with descriptors attached.
#pragma once

#include <cstdint>
#include <span>

#include "core/fd.h"
#include "core/result.h"
#include "sys/address.h"

namespace palisade::sys {

// The kernel's usual net.core.rmem_max; it doubles what it is told (socket(7)).
inline constexpr int kBufferBytes = 212992;

struct SocketPair {
  SocketFd first;
  SocketFd second;
};

// SCM_MAX_FD of the kernel: what a message can bring, so that the kernel never has one left over.
inline constexpr std::size_t kDescriptorsMax = 253;

struct Message {
  std::size_t size = 0;  // 0: the other end is closed
  int descriptors[kDescriptorsMax];
  std::size_t descriptor_count = 0;
  bool is_cut = false;  // there was more than room for it
};

Result<SocketPair> make_socket_pair();
// A pair of byte streams.
Result<SocketPair> make_stream_pair();
// What has arrived, at least a byte; 0: the other end is closed.
Result<std::size_t> receive_some(const SocketFd& socket, std::span<std::uint8_t> bytes);
Status send_message(const SocketFd& socket, std::span<const std::uint8_t> bytes, std::span<const int> descriptors);
Result<Message> receive_message(const SocketFd& socket, std::span<std::uint8_t> bytes);

// Both answer EAGAIN where they would wait. One that is received may be cut.
Status send_now(const SocketFd& socket, std::span<const std::uint8_t> bytes, std::span<const int> descriptors);
Result<Message> receive_now(const SocketFd& socket, std::span<std::uint8_t> bytes);

// Datagrams of unix(7): `name` is a path, or `@` and an abstract name.
Result<SocketFd> connect_unix_datagrams(const char* name);
// A socket bound to the abstract name.
Result<SocketFd> open_unix_datagrams(const char* abstract_name);

// Calls on this end answer EAGAIN where they would wait.
Status never_wait(const SocketFd& socket);

// A socket bound to an address that need not exist yet; one of TCP listens. `protocol` is IPPROTO_TCP or IPPROTO_UDP.
Result<SocketFd> open_server(const Endpoint& at, std::uint8_t protocol);
// What a descriptor can reach beside its peer.
enum class SocketReach : std::uint8_t {
  nothing,     // no socket, or one of unix(7) that listens or is connected, by streams or sequenced packets
  by_connect,  // a TCP connection, which connect(2) makes another one
  others,      // whatever else
};
Result<SocketReach> reach_of(int number);
// One of TCP that listens as a program expects it: waiting for nobody to come is its own business. `number` is it then,
// over execve(2) too; what had that number before is closed.
Status open_listener_as(const Endpoint& at, int number);
// Another number for a socket that somebody has passed; it never waits from here on, for whoever holds it.
Result<SocketFd> take_passed(int number);
// The net namespace that a socket belongs to (ioctl_ns(2) SIOCGSKNS): needs no /proc.
Result<NamespaceFd> namespace_of(int socket);
// The user namespace that owns a net namespace (ioctl_ns(2) NS_GET_USERNS).
Result<NamespaceFd> owner_of(const NamespaceFd& network);
// This process is in that namespace from here on; `kind` is CLONE_NEWUSER or CLONE_NEWNET.
Status enter_namespace(const NamespaceFd& space, int kind);
// A net namespace of our own from here on.
Status unshare_network();

}  // namespace palisade::sys
