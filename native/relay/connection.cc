#include "relay/connection.h"

#include <poll.h>

#include <cerrno>

namespace palisade::relay {
namespace {

constexpr std::size_t kPipeBytes = 64 * 1024;  // pipe(7): the default capacity

void drop(Connection& connection) {
  // If it cannot be set, the close is an orderly one: the peer sees an early end of the stream.
  if (connection.inside.is_open()) static_cast<void>(sys::reset_on_close(connection.inside).failed());
  if (connection.outside.is_open()) static_cast<void>(sys::reset_on_close(connection.outside).failed());
  connection = Connection();
}

// Begins to dial the next address that a connection can be made for; drops the connection when there is none left.
void dial_from(Connection& connection, std::size_t first, std::uint64_t now, std::uint32_t timeout_ms) {
  for (std::size_t index = first; index < connection.endpoint->dial.size(); ++index) {
    const plan::NetworkRelayEndpointsDial& target = connection.endpoint->dial[index];
    Result<SocketFd> socket = sys::dial(target.address.network_order, target.port);
    if (socket.failed()) continue;
    connection.outside = std::move(socket.value());
    connection.dialled = index;
    connection.dial_until = now + timeout_ms;
    return;
  }
  drop(connection);
}

bool open_flow(Flow& flow) {
  Result<sys::Pipe> pipe = sys::make_pipe();
  if (pipe.failed()) return false;
  flow.pipe = std::move(pipe.value());
  return true;
}

bool takes(const Flow& flow) {
  return !flow.source_ended && !flow.full && flow.waiting < kPipeBytes;
}

// False when the connection has failed.
bool pump(Flow& flow, const SocketFd& from, const SocketFd& to) {
  while (!flow.ended) {
    bool moved = false;
    if (takes(flow)) {
      Result<long> taken = sys::move_bytes(from.number(), flow.pipe.write_end.number(), kPipeBytes - flow.waiting);
      if (taken.failed()) return false;
      if (taken.value() == 0) flow.source_ended = true;
      // It would have waited for bytes or for room, and does not say which. While bytes are in the pipe, room is worth
      // waiting for; without this poll(2) would report the bytes that do not fit again and again.
      if (taken.value() < 0) flow.full = flow.waiting > 0;
      if (taken.value() > 0) {
        flow.waiting += static_cast<std::size_t>(taken.value());
        moved = true;
      }
    }
    if (flow.waiting > 0) {
      Result<long> given = sys::move_bytes(flow.pipe.read_end.number(), to.number(), flow.waiting);
      if (given.failed()) return false;
      if (given.value() > 0) {
        flow.waiting -= static_cast<std::size_t>(given.value());
        flow.full = false;
        moved = true;
      }
    }
    if (flow.source_ended && flow.waiting == 0) {
      flow.ended = true;
      if (sys::end_writing(to).failed()) return false;
    }
    if (!moved) break;
  }
  return true;
}

}  // namespace

void open(Connection& connection, SocketFd inside, const plan::NetworkRelayEndpoints& endpoint, std::uint64_t now,
          std::uint32_t timeout_ms) {
  connection = Connection();
  connection.state = State::dialling;
  connection.endpoint = &endpoint;
  connection.inside = std::move(inside);
  if (!open_flow(connection.up) || !open_flow(connection.down)) return drop(connection);
  dial_from(connection, 0, now, timeout_ms);
}

void advance(Connection& connection, short outside_events_seen, std::uint64_t now, std::uint32_t timeout_ms) {
  if (connection.state == State::dialling) {
    const bool answered = outside_events_seen != 0;
    if (!answered && now < connection.dial_until) return;
    if (!answered || sys::connection_error(connection.outside) != 0) {
      return dial_from(connection, connection.dialled + 1, now, timeout_ms);
    }
    connection.state = State::open;
  }
  if (connection.state != State::open) return;
  const bool whole = pump(connection.up, connection.inside, connection.outside) &&
                     pump(connection.down, connection.outside, connection.inside);
  if (!whole) return drop(connection);
  // Both streams have ended in order: an orderly close.
  if (connection.up.ended && connection.down.ended) connection = Connection();
}

short inside_events(const Connection& connection) {
  if (connection.state != State::open) return 0;
  return static_cast<short>((takes(connection.up) ? POLLIN : 0) | (connection.down.waiting > 0 ? POLLOUT : 0));
}

short outside_events(const Connection& connection) {
  if (connection.state == State::dialling) return POLLOUT;
  return static_cast<short>((takes(connection.down) ? POLLIN : 0) | (connection.up.waiting > 0 ? POLLOUT : 0));
}

}  // namespace palisade::relay
