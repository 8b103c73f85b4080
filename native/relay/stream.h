// One direction of a connection. Short messages are read into a buffer of the relay and written at once; what does not
// fit, and bulk, waits in a pipe and is never copied.
#pragma once

#include <cstdint>

#include "core/fd.h"
#include "relay/pipes.h"

namespace palisade::relay {

// One end of a connection, and what the kernel has said of it since it last refused to go on.
struct Side {
  SocketFd socket;
  bool readable = false;
  bool writable = false;
  bool is_watched_for_room = false;  // the kernel tells when it takes more
  // A short read is not the last: the end of its stream, or urgent data, is in the kernel's queue.
  bool hung_up = false;
};

struct Stream {
  sys::Pipe pipe;
  std::size_t waiting = 0;  // in the pipe
  bool bulk = false;
  bool source_ended = false;
  bool ended = false;
  std::uint64_t bytes = 0;
};

enum class Pumped : std::uint8_t {
  waits,     // for the kernel to say more
  has_more,  // its turn is over
  source_fails,
  sink_fails,
  no_pipe,
};

struct PumpResult {
  Pumped outcome = Pumped::waits;
  int error = 0;
};

// Moves what can be moved from one side to the other; `bytes` grows by what was delivered. `opposite` is the other
// direction: when both have ended, closing the sockets says so.
PumpResult pump(Stream& stream, const Stream& opposite, Side& from, Side& to, PipePool& pool);

}  // namespace palisade::relay
