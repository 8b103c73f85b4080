#include "relay/dialling.h"

#include <cerrno>

#include "relay/records.h"
#include "relay/slots.h"
#include "sys/tcp.h"

namespace palisade::relay {
namespace {

// RFC 8305 8: how long one address is tried alone.
constexpr std::uint64_t kNextRacerMs = 250;

void begin_lookup(Engine& engine, std::uint32_t index, std::uint64_t since);

bool races(const Connection& connection) {
  for (const Racer& racer : connection.racers) {
    if (racer.socket.is_open()) return true;
  }
  return false;
}

// Nothing is left to dial. An address may have changed since it was looked up: then there is one more try.
void give_up_dialling(Engine& engine, std::uint32_t index) {
  Connection& connection = engine.connections[index];
  const bool was_known =
      connection.name < engine.names->lasting && engine.names->all[connection.name].answered_at < connection.started;
  if (connection.has_asked_again || !was_known) return finish(engine, index, End::dial_failed, connection.last_error);
  connection.has_asked_again = true;
  begin_lookup(engine, index, connection.started);
}

void begin_dialling(Engine& engine, std::uint32_t index) {
  Connection& connection = engine.connections[index];
  connection.phase = Phase::dialling;
  connection.next_target = 0;
  set_deadline(engine, connection, engine.settings.step->dial_timeout_ms);
  start_racers(engine, index);
}

// Asks for the connection's name, unless an answer is there that was given after `since`.
void begin_lookup(Engine& engine, std::uint32_t index, std::uint64_t since) {
  Connection& connection = engine.connections[index];
  const Name& name = engine.names->all[connection.name];
  if (is_fresh(*engine.names, name, since, engine.now)) return use_answer(engine, index);
  const Status asked = ask(*engine.names, connection.name, engine.now);
  if (asked.failed()) return finish(engine, index, End::no_resources, asked.error().error);
  connection.phase = Phase::resolving;
  set_deadline(engine, connection, engine.settings.step->dial_timeout_ms);
}

}  // namespace

void find_address(Engine& engine, std::uint32_t index, const char* name) {
  Connection& connection = engine.connections[index];
  const plan::NetworkRelayEndpoints& endpoint = endpoint_of(engine, connection);
  if (endpoint.host.size == 0) {
    for (const Ip& address : endpoint.dial) {
      if (connection.targets.count < kAnswerAddressesMax)
        connection.targets.addresses[connection.targets.count++] = address;
    }
    return begin_dialling(engine, index);
  }
  connection.name = find_name(*engine.names, name, connection.endpoint);
  if (connection.name == kNoName) return finish(engine, index, End::no_resources, EAGAIN);
  begin_lookup(engine, index, 0);
}

void use_answer(Engine& engine, std::uint32_t index) {
  Connection& connection = engine.connections[index];
  const Answer& answer = engine.names->all[connection.name].answer;
  if (answer.error != 0 || answer.count == 0) return finish(engine, index, End::name_unknown, answer.error);
  connection.targets = choose_targets(*engine.settings.step, endpoint_of(engine, connection), answer);
  if (Record* const record = find_record(*engine.ledger, connection.record)) {
    record->refused_addresses = connection.targets.refused;
    if (connection.targets.count == 0) record->address = answer.addresses[0];
  }
  if (connection.targets.count == 0) return finish(engine, index, End::address_refused);
  begin_dialling(engine, index);
}

void start_racers(Engine& engine, std::uint32_t index) {
  Connection& connection = engine.connections[index];
  while (connection.next_target < connection.targets.count) {
    std::uint8_t place = 0;
    while (place < kRacersMax && connection.racers[place].socket.is_open()) ++place;
    if (place == kRacersMax) return;
    const std::uint8_t target = connection.next_target++;
    Result<sys::Dialled> dialled =
        sys::dial({connection.targets.addresses[target], endpoint_of(engine, connection).port});
    if (dialled.failed()) {
      connection.last_error = dialled.error().error;
      continue;
    }
    Racer& racer = connection.racers[place];
    racer = {std::move(dialled.value().socket), target};
    // One that is connected already can be written to.
    const sys::Trigger trigger = dialled.value().connected ? sys::Trigger::edge : sys::Trigger::edges;
    const Status watched =
        sys::watch(engine.events, racer.socket.number(), trigger, outside_id(connection, index, place));
    if (watched.failed()) return finish(engine, index, End::no_resources, watched.error().error);
    if (dialled.value().connected) return open_connection(engine, index, place);
    connection.next_racer_at = engine.now + kNextRacerMs;
    if (connection.next_target < connection.targets.count) engine.wake(connection.next_racer_at);
    return;
  }
  if (!races(connection)) give_up_dialling(engine, index);
}

std::uint64_t outside_id(const Connection& connection, std::uint32_t index, std::uint8_t racer) {
  const auto source = static_cast<Source>(static_cast<std::uint8_t>(Source::dialled) + racer);
  return event_id(source, index, connection.generation);
}

}  // namespace palisade::relay
