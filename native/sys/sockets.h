// Sockets: TCP listeners, and sequenced-packet pairs between our own processes, with descriptors attached.
#pragma once

#include <cstdint>
#include <span>

#include "core/fd.h"
#include "core/result.h"

namespace palisade::sys {

struct SocketPair {
  SocketFd first;
  SocketFd second;
};

// SCM_MAX_FD of the kernel is 253; a plan has fewer endpoints.
inline constexpr std::size_t kDescriptorsMax = 64;

struct Message {
  std::size_t size = 0;  // 0: the other end is closed
  int descriptors[kDescriptorsMax];
  std::size_t descriptor_count = 0;
};

Result<SocketPair> make_socket_pair();
Status send_message(const SocketFd& socket, std::span<const std::uint8_t> bytes, std::span<const int> descriptors);
Result<Message> receive_message(const SocketFd& socket, std::span<std::uint8_t> bytes);

// A TCP socket bound to an address that need not exist yet, listening.
Result<SocketFd> listen_tcp(std::uint32_t address, std::uint16_t port);
// The net namespace that a socket belongs to (ioctl_ns(2) SIOCGSKNS): needs no /proc.
Result<NamespaceFd> namespace_of(int socket);
// A net namespace of our own from here on.
Status unshare_network();

}  // namespace palisade::sys
