// The processes of the network: the relay to the endpoints, its resolver, and the relay of published ports.
#pragma once

#include <cstdint>
#include <span>

#include "core/fd.h"
#include "launcher/launch.h"
#include "relay/ledger.h"

namespace palisade {

// What the supervisor hands to a relay: where it says that it is ready, its sockets, what it writes down.
struct RelayPlace {
  std::uint32_t step = 0;  // index, for failures
  SocketFd supervisor;
  std::span<SocketFd> sockets;
  relay::Ledger* ledger = nullptr;
};

// In the host's net namespace, with the gateway's sockets.
[[noreturn]] void run_relay(const Launch& launch, const plan::NetworkRelay& step, RelayPlace& place, SocketFd resolver);
// In the sandbox's net namespace, with sockets that listen on the host.
[[noreturn]] void run_publisher(const Launch& launch, const plan::NetworkPublish& step, RelayPlace& place,
                                const NamespaceFd& sandbox);
// Asks the host's resolver on behalf of the relay at the other end of `relay`, by running `program`.
[[noreturn]] void run_resolver(const Launch& launch, const plan::NetworkRelay& step, std::uint32_t index,
                               const FileFd& program, const SocketFd& relay);

}  // namespace palisade
