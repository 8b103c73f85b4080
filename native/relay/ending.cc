#include "relay/ending.h"

#include "relay/engine.h"
#include "relay/slots.h"
#include "sys/tcp.h"

namespace palisade::relay {

void begin_ending(Engine& engine) {
  engine.ending = true;
  if (engine.settings.publishes) {
    // Nobody would answer in there.
    for (std::uint32_t index = 0; index < engine.listener_count; ++index) engine.listeners[index].socket.reset();
    engine.listener_count = 0;
  }
  for (std::uint32_t index = 0; index < engine.used_once; ++index) {
    if (engine.connections[index].phase != Phase::open) continue;
    reset_unless_finished(engine.connections[index]);
    queue(engine, index);
  }
}

bool has_passed_on(const Engine& engine, const Connection& connection) {
  return engine.ending && (engine.settings.publishes ? connection.down : connection.up).ended;
}

bool holds_last_bytes(const Engine& engine) {
  for (std::uint32_t index = 0; index < engine.used_once; ++index) {
    if (engine.connections[index].phase != Phase::unused) return true;
  }
  // A datagram that waits for its endpoint's name.
  for (std::uint32_t index = 0; index < engine.settings.step->flows_max; ++index) {
    if (engine.flows[index].is_used && engine.flows[index].name != kNoName) return true;
  }
  return false;
}

void reset_unless_finished(const Connection& connection) {
  // It fails for bad arguments only.
  static_cast<void>(sys::reset_on_close(connection.outside.socket).failed());
}

}  // namespace palisade::relay
