// Addresses with ports, and the kernel's form of them.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include <cstdint>

#include "core/ip.h"

namespace palisade::sys {

struct Endpoint {
  Ip address;
  std::uint16_t port = 0;

  friend bool operator==(const Endpoint&, const Endpoint&) = default;
};

// AF_INET or AF_INET6.
[[nodiscard]] int family_of(const Ip& address);

// A sockaddr of either family.
class SocketAddress {
 public:
  SocketAddress() = default;
  explicit SocketAddress(const Endpoint& endpoint);

  [[nodiscard]] const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage_); }
  [[nodiscard]] socklen_t size() const { return size_; }
  // For calls that fill it in.
  [[nodiscard]] sockaddr* room() { return reinterpret_cast<sockaddr*>(&storage_); }
  [[nodiscard]] socklen_t* room_size() { return &size_; }
  // Family 0 if it is of neither family. An IPv4 address in IPv6 form is the IPv4 address.
  [[nodiscard]] Endpoint endpoint() const;

 private:
  sockaddr_in6 storage_{};  // the larger of the two
  socklen_t size_ = sizeof(sockaddr_in6);
};

}  // namespace palisade::sys
