#include "relay/slots.h"

#include "relay/records.h"
#include "sys/tcp.h"

namespace palisade::relay {
namespace {

// An event that is still to come for this connection finds another generation.
void release(Engine& engine, std::uint32_t index) {
  Connection& connection = engine.connections[index];
  const std::uint32_t generation = connection.generation + 1;
  if (connection.up.pipe.is_open() && connection.up.waiting == 0)
    give_back(engine.pipes, std::move(connection.up.pipe));
  if (connection.down.pipe.is_open() && connection.down.waiting == 0)
    give_back(engine.pipes, std::move(connection.down.pipe));
  const bool queued = connection.is_queued;
  const std::uint32_t next = connection.next;
  connection = Connection();
  connection.generation = generation;
  if (queued) {  // its place in the queue is its own until the queue reaches it
    connection.is_queued = true;
    connection.next = next;
  } else {
    give_back_unused(engine, index);
  }
  if (!engine.accepts && engine.accept_again_at == kNever) pause_accepting(engine, engine.now);
}

}  // namespace

const plan::NetworkRelayEndpoints& endpoint_of(const Engine& engine, const Connection& connection) {
  return engine.settings.step->endpoints[connection.endpoint];
}

void set_deadline(Engine& engine, Connection& connection, std::uint64_t after_ms) {
  connection.deadline = engine.now + after_ms;
  engine.wake(connection.deadline);
}

std::uint32_t take_unused(Engine& engine) {
  if (engine.free_first != kNoConnection) {
    const std::uint32_t index = engine.free_first;
    engine.free_first = engine.connections[index].next;
    return index;
  }
  return engine.used_once < engine.settings.connections_max ? engine.used_once++ : kNoConnection;
}

void give_back_unused(Engine& engine, std::uint32_t index) {
  engine.connections[index].next = engine.free_first;
  engine.free_first = index;
}

void pause_accepting(Engine& engine, std::uint64_t until) {
  engine.accepts = false;
  engine.accept_again_at = until;
  engine.wake(until);
}

void queue(Engine& engine, std::uint32_t index) {
  Connection& connection = engine.connections[index];
  if (connection.is_queued) return;
  connection.is_queued = true;
  connection.next = kNoConnection;
  if (engine.ready_last == kNoConnection) {
    engine.ready_first = index;
  } else {
    engine.connections[engine.ready_last].next = index;
  }
  engine.ready_last = index;
}

void finish(Engine& engine, std::uint32_t index, End end, int error) {
  Connection& connection = engine.connections[index];
  // Options of an open socket that the kernel knows: they fail for bad arguments only.
  if (end == End::closed) {
    static_cast<void>(sys::end_on_close(connection.inside.socket).failed());
    if (engine.ending) static_cast<void>(sys::end_on_close(connection.outside.socket).failed());
  } else if (connection.outside.socket.is_open()) {
    static_cast<void>(sys::reset_on_close(connection.outside.socket).failed());
  }
  end_record(*engine.ledger, connection.endpoint, connection.record, end, error, engine.now);
  release(engine, index);
}

}  // namespace palisade::relay
