// The relay's calls on datagrams.
#pragma once

#include <cstdint>
#include <span>

#include "core/fd.h"
#include "core/result.h"
#include "sys/address.h"

namespace palisade::sys {

// A socket that sends to `to` and receives from nobody else.
Result<SocketFd> connect_datagrams(const Endpoint& to);

struct Datagram {
  long size = 0;  // or kWouldWait (tcp.h); more than there was room for: it was cut
  Endpoint from;
};
Result<Datagram> receive_datagram(const SocketFd& socket, std::span<std::uint8_t> bytes);
Status send_datagram(const SocketFd& socket, std::span<const std::uint8_t> bytes);
Status send_datagram_to(const SocketFd& socket, std::span<const std::uint8_t> bytes, const Endpoint& to);

}  // namespace palisade::sys
