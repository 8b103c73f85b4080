// One connection: accepted from the sandbox, dialled outside, bytes moved both ways with backpressure and half-close.
#pragma once

#include <cstdint>

#include "core/fd.h"
#include "plan/plan.h"
#include "sys/tcp.h"

namespace palisade::relay {

// One direction. Bytes wait in the pipe, never in our memory.
struct Flow {
  sys::Pipe pipe;
  std::size_t waiting = 0;
  bool full = false;  // its slots are: many small pieces fill a pipe long before its bytes do (pipe(7))
  bool source_ended = false;
  bool ended = false;
};

enum class State : std::uint8_t { unused, dialling, open };

struct Connection {
  State state = State::unused;
  const plan::NetworkRelayEndpoints* endpoint = nullptr;
  std::size_t dialled = 0;  // index into endpoint->dial
  std::uint64_t dial_until = 0;
  SocketFd inside;
  SocketFd outside;
  Flow up;    // inside to outside
  Flow down;  // outside to inside
};

// Takes over an accepted connection and begins to dial; if nothing can be dialled, it is reset.
void open(Connection& connection, SocketFd inside, const plan::NetworkRelayEndpoints& endpoint, std::uint64_t now,
          std::uint32_t timeout_ms);
// Goes on after poll(2) with what it said of the outside socket, or after time has passed.
void advance(Connection& connection, short outside_events_seen, std::uint64_t now, std::uint32_t timeout_ms);
// poll(2) events that this connection waits for; 0 leaves only errors.
short inside_events(const Connection& connection);
short outside_events(const Connection& connection);

}  // namespace palisade::relay
