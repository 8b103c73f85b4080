#include "relay/stream.h"

#include "sys/tcp.h"

namespace palisade::relay {
namespace {

// The smallest pipe there is (pipe(7): two pages, when the user's pipes have grown large) holds what could not be sent.
constexpr std::size_t kMessageMax = 8192;
// Slots for the many small pieces that a network device delivers. A user has 64 MiB of pipes before they shrink.
constexpr std::size_t kBulkPipeBytes = std::size_t{256} << 10;
// Then others have their turn.
constexpr int kMovesPerTurn = 16;

std::uint8_t message[kMessageMax];

bool open_pipe(Stream& stream, PipePool& pool) {
  if (stream.pipe.is_open()) return true;
  Result<sys::Pipe> pipe = take_pipe(pool);
  if (pipe.failed()) return false;
  stream.pipe = std::move(pipe.value());
  return true;
}

void return_pipe(Stream& stream, PipePool& pool) {
  if (stream.pipe.is_open()) give_back(pool, std::move(stream.pipe));
  stream.bulk = false;
}

// Nothing waits: the next message goes through the buffer, from hand to hand.
PumpResult pass_message(Stream& stream, Side& from, Side& to, PipePool& pool) {
  const Result<long> taken = sys::receive(from.socket, message);
  if (taken.failed()) return {Pumped::source_fails, taken.error().error};
  if (taken.value() == sys::kWouldWait) {
    from.readable = false;
    return {};
  }
  const auto size = static_cast<std::size_t>(taken.value());
  if (size == 0) {
    stream.source_ended = true;
    return {};
  }
  // The buffer was not filled, so there was no more; the end of the stream comes without an edge of its own.
  if (size < sizeof message && !from.hung_up) from.readable = false;
  if (size == sizeof message) stream.bulk = true;
  const Result<long> given = sys::send(to.socket, {message, size});
  if (given.failed()) return {Pumped::sink_fails, given.error().error};
  const std::size_t sent = given.value() == sys::kWouldWait ? 0 : static_cast<std::size_t>(given.value());
  stream.bytes += sent;
  if (sent == size) return {};
  to.writable = false;
  if (!open_pipe(stream, pool)) return {Pumped::no_pipe, 0};
  const Status kept = sys::fill(stream.pipe, {message + sent, size - sent});
  if (kept.failed()) return {Pumped::no_pipe, kept.error().error};
  stream.waiting = size - sent;
  stream.bulk = true;
  return {};
}

PumpResult fill_pipe(Stream& stream, Side& from, PipePool& pool) {
  if (!open_pipe(stream, pool)) return {Pumped::no_pipe, 0};
  const Result<long> taken =
      sys::move_bytes(from.socket.number(), stream.pipe.write_end.number(), stream.pipe.capacity);
  if (taken.failed()) return {Pumped::source_fails, taken.error().error};
  // The pipe was empty, so it is the source that has nothing, or that has ended, or urgent data that splice(2) does not
  // step over: after a hang-up recv(2) tells which.
  if (taken.value() <= 0) {
    if (taken.value() == sys::kWouldWait && !from.hung_up) from.readable = false;
    return_pipe(stream, pool);
    return {};
  }
  stream.waiting = static_cast<std::size_t>(taken.value());
  if (stream.waiting * 2 >= stream.pipe.capacity && stream.pipe.capacity < kBulkPipeBytes)
    sys::try_to_enlarge(stream.pipe, kBulkPipeBytes);
  return {};
}

PumpResult empty_pipe(Stream& stream, Side& to) {
  const Result<long> given = sys::move_bytes(stream.pipe.read_end.number(), to.socket.number(), stream.waiting);
  if (given.failed()) return {Pumped::sink_fails, given.error().error};
  if (given.value() == sys::kWouldWait) {
    to.writable = false;
    return {};
  }
  stream.waiting -= static_cast<std::size_t>(given.value());
  stream.bytes += static_cast<std::uint64_t>(given.value());
  return {};
}

PumpResult end_stream(Stream& stream, const Stream& opposite, const Side& to, PipePool& pool) {
  stream.ended = true;
  return_pipe(stream, pool);
  if (opposite.ended) return {};
  const Status ended = sys::end_writing(to.socket);
  return ended.failed() ? PumpResult{Pumped::sink_fails, ended.error().error} : PumpResult{};
}

}  // namespace

PumpResult pump(Stream& stream, const Stream& opposite, Side& from, Side& to, PipePool& pool) {
  for (int moves = 0; moves < kMovesPerTurn; ++moves) {
    if (stream.ended) return {};
    PumpResult moved;
    if (stream.waiting > 0) {
      if (!to.writable) return {};
      moved = empty_pipe(stream, to);
    } else if (stream.source_ended) {
      return end_stream(stream, opposite, to, pool);
    } else {
      if (!from.readable || !to.writable) return {};
      moved = stream.bulk ? fill_pipe(stream, from, pool) : pass_message(stream, from, to, pool);
    }
    if (moved.outcome != Pumped::waits) return moved;
  }
  return {Pumped::has_more, 0};
}

}  // namespace palisade::relay
