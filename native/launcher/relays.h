// The supervisor's part in the network: the processes that relay, and what they are given.
#pragma once

#include "core/fd.h"
#include "launcher/launch.h"
#include "sys/processes.h"
#include "sys/sockets.h"

namespace palisade {

struct Relays {
  FileFd resolver_program;
  SocketFd published[relay::kEndpointsMax];  // listening on the host
  std::size_t published_count = 0;
  // An end that closes says that the process at the other one has ended.
  SocketFd relay;
  SocketFd publisher;
  sys::Pid relay_pid{};
  sys::Pid resolver_pid{};
  sys::Pid publisher_pid{};
};

// Each is false when a step has failed, which is told then.
// Opens what has to be there before anything is made.
bool prepare_relays(const Launch& launch, Relays& relays);
// `message` brings the gateway's sockets, or the sandbox's net namespace. Returns once the relay has confined itself.
bool start_relay(const Launch& launch, Relays& relays, const sys::Message& message);
bool start_publisher(const Launch& launch, Relays& relays, const sys::Message& message);

}  // namespace palisade
