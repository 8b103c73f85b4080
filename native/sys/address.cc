#include "sys/address.h"

#include <arpa/inet.h>
#include <string.h>

namespace palisade::sys {

int family_of(const Ip& address) {
  return address.family == 4 ? AF_INET : AF_INET6;
}

SocketAddress::SocketAddress(const Endpoint& endpoint) {
  if (endpoint.address.family == 4) {
    sockaddr_in name{};
    name.sin_family = AF_INET;
    name.sin_port = htons(endpoint.port);
    memcpy(&name.sin_addr, endpoint.address.bytes, sizeof name.sin_addr);
    memcpy(&storage_, &name, sizeof name);
    size_ = sizeof name;
    return;
  }
  storage_.sin6_family = AF_INET6;
  storage_.sin6_port = htons(endpoint.port);
  memcpy(&storage_.sin6_addr, endpoint.address.bytes, sizeof storage_.sin6_addr);
}

Endpoint SocketAddress::endpoint() const {
  Endpoint result;
  if (storage_.sin6_family == AF_INET && size_ >= sizeof(sockaddr_in)) {
    sockaddr_in name{};
    memcpy(&name, &storage_, sizeof name);
    result.address.family = 4;
    result.port = ntohs(name.sin_port);
    memcpy(result.address.bytes, &name.sin_addr, sizeof name.sin_addr);
  } else if (storage_.sin6_family == AF_INET6 && size_ >= sizeof storage_) {
    const bool mapped = IN6_IS_ADDR_V4MAPPED(&storage_.sin6_addr);
    result.address.family = mapped ? 4 : 6;
    result.port = ntohs(storage_.sin6_port);
    memcpy(result.address.bytes, storage_.sin6_addr.s6_addr + (mapped ? 12 : 0), result.address.size());
  }
  return result;
}

}  // namespace palisade::sys
