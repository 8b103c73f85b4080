#include "relay/connection.h"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "relay/client_hello.h"
#include "relay/engine.h"
#include "relay/records.h"
#include "sys/tcp.h"

namespace palisade::relay {
namespace {

// RFC 8305 8: how long one address is tried alone.
constexpr std::uint64_t kNextRacerMs = 250;
// How often an endpoint that owes an answer is looked at.
constexpr std::uint64_t kAnswerCheckMs = 5000;
constexpr std::uint64_t kAcceptPauseMs = 100;

std::uint8_t hello_bytes[kHelloBytesMax];

const plan::NetworkRelayEndpoints& endpoint_of(const Engine& engine, const Connection& connection) {
  return engine.settings.step->endpoints[connection.endpoint];
}

void set_deadline(Engine& engine, Connection& connection, std::uint64_t after_ms) {
  connection.deadline = engine.now + after_ms;
  engine.wake(connection.deadline);
}

void pause_accepting(Engine& engine, std::uint64_t until) {
  engine.accepts = false;
  engine.accept_again_at = until;
  engine.wake(until);
}

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
    connection.next = engine.free_first;
    engine.free_first = index;
  }
  if (!engine.accepts && engine.accept_again_at == kNever) pause_accepting(engine, engine.now);
}

void finish(Engine& engine, std::uint32_t index, End end, int error = 0) {
  Connection& connection = engine.connections[index];
  // Options of an open socket that the kernel knows: they fail for bad arguments only.
  if (end == End::closed) {
    static_cast<void>(sys::end_on_close(connection.inside.socket).failed());
  } else if (connection.outside.socket.is_open()) {
    static_cast<void>(sys::reset_on_close(connection.outside.socket).failed());
  }
  end_record(*engine.ledger, connection.endpoint, connection.record, end, error, engine.now);
  release(engine, index);
}

std::uint64_t outside_id(const Connection& connection, std::uint32_t index, std::uint8_t racer) {
  const auto source = static_cast<Source>(static_cast<std::uint8_t>(Source::dialled) + racer);
  return event_id(source, index, connection.generation);
}

// The other side of a relayed connection has been met: from here on bytes move.
void open(Engine& engine, std::uint32_t index, std::uint8_t winner) {
  Connection& connection = engine.connections[index];
  Racer& racer = connection.racers[winner];
  if (Record* const record = find_record(*engine.ledger, connection.record))
    record->address = connection.targets.addresses[racer.target];
  connection.outside.socket = std::move(racer.socket);
  connection.outside.writable = true;
  // A program that waits for nobody has sent something by now, and its event is still to come.
  connection.inside.readable = true;
  connection.winner = winner;
  for (Racer& loser : connection.racers) loser.socket.reset();
  connection.phase = Phase::open;
  connection.moved_at = engine.now;
  set_deadline(engine, connection, engine.settings.step->idle_timeout_ms);
  engine.wake(engine.now + kAnswerCheckMs);
  advance(engine, index);
}

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
    if (dialled.value().connected) return open(engine, index, place);
    connection.next_racer_at = engine.now + kNextRacerMs;
    if (connection.next_target < connection.targets.count) engine.wake(connection.next_racer_at);
    return;
  }
  if (!races(connection)) give_up_dialling(engine, index);
}

void begin_dialling(Engine& engine, std::uint32_t index) {
  Connection& connection = engine.connections[index];
  connection.phase = Phase::dialling;
  connection.next_target = 0;
  set_deadline(engine, connection, engine.settings.step->dial_timeout_ms);
  start_racers(engine, index);
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

// `name` is that of the ClientHello, or the endpoint's own; an endpoint without a name has its address.
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

End end_of(Hello kind) {
  switch (kind) {
    case Hello::not_tls:
      return End::hello_not_tls;
    case Hello::too_large:
      return End::hello_too_large;
    case Hello::old_version:
      return End::hello_old_version;
    case Hello::no_name:
      return End::hello_no_name;
    case Hello::two_names:
      return End::hello_two_names;
    case Hello::encrypted_name:
      return End::hello_encrypted_name;
    case Hello::incomplete:
      return End::hello_missing;
    case Hello::malformed:
    case Hello::complete:
      break;
  }
  return End::hello_malformed;
}

// Looks at the first bytes and leaves them where they are: what is let through is relayed like any other byte.
void judge_hello(Engine& engine, std::uint32_t index) {
  Connection& connection = engine.connections[index];
  const plan::NetworkRelayEndpoints& endpoint = endpoint_of(engine, connection);
  const Result<long> peeked = sys::peek(connection.inside.socket, hello_bytes);
  if (peeked.failed()) return finish(engine, index, End::reset_by_program, peeked.error().error);
  if (peeked.value() == sys::kWouldWait) return;
  if (peeked.value() == 0) return finish(engine, index, End::hello_missing);
  const EncryptedName encrypted = endpoint.tls == 2 ? EncryptedName::allowed : EncryptedName::refused;
  ClientHello hello = read_client_hello({hello_bytes, static_cast<std::size_t>(peeked.value())}, encrypted);
  if (hello.kind == Hello::incomplete && !connection.inside.hung_up) return;
  if (hello.kind != Hello::complete) return finish(engine, index, end_of(hello.kind));
  const std::span<const char> name(hello.name, hello.name_size);
  if (!name_matches(name, endpoint.host.data)) {
    note_name(*engine.ledger, connection.record, name);
    return finish(engine, index, End::hello_other_name);
  }
  for (char& letter : hello.name) {
    if (letter >= 'A' && letter <= 'Z') letter = static_cast<char>(letter - 'A' + 'a');
  }
  if (endpoint.host.data[0] == '*') note_name(*engine.ledger, connection.record, name);
  find_address(engine, index, hello.name);
}

void begin(Engine& engine, std::uint32_t index, SocketFd inside, std::uint32_t endpoint) {
  Connection& connection = engine.connections[index];
  connection.next = kNoConnection;
  connection.name = kNoName;
  connection.endpoint = endpoint;
  connection.started = engine.now;
  connection.inside.socket = std::move(inside);
  connection.inside.writable = true;
  connection.record = begin_record(*engine.ledger, endpoint, engine.now);
  connection.phase = Phase::greeting;
  const Status watched = sys::watch(engine.events, connection.inside.socket.number(), sys::Trigger::edge,
                                    event_id(Source::inside, index, connection.generation));
  if (watched.failed()) return finish(engine, index, End::no_resources, watched.error().error);
  const plan::NetworkRelayEndpoints& to = endpoint_of(engine, connection);
  // What has come already is told by the first event.
  if (to.tls != 0) return set_deadline(engine, connection, engine.settings.step->hello_timeout_ms);
  find_address(engine, index, to.host.data);
}

std::uint32_t take_unused(Engine& engine) {
  if (engine.free_first != kNoConnection) {
    const std::uint32_t index = engine.free_first;
    engine.free_first = engine.connections[index].next;
    return index;
  }
  return engine.used_once < engine.settings.connections_max ? engine.used_once++ : kNoConnection;
}

void note_events(Side& side, std::uint32_t events) {
  if ((events & (EPOLLIN | EPOLLPRI | EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0) side.readable = true;
  if ((events & (EPOLLOUT | EPOLLHUP | EPOLLERR)) != 0) side.writable = true;
  if ((events & (EPOLLPRI | EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0) side.hung_up = true;
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

// A side that did not take everything is watched for room from then on; most never are.
Status watch_for_room(const Engine& engine, Side& side, std::uint64_t id) {
  if (side.writable || side.is_watched_for_room) return {};
  side.is_watched_for_room = true;
  return sys::change_watch(engine.events, side.socket.number(), sys::Trigger::edges, id);
}

// False when the connection has ended.
bool settle(Engine& engine, std::uint32_t index, const PumpResult& pumped, End source, End sink) {
  switch (pumped.outcome) {
    case Pumped::waits:
      return true;
    case Pumped::has_more:
      queue(engine, index);
      return true;
    case Pumped::source_fails:
      finish(engine, index, source, pumped.error);
      return false;
    case Pumped::sink_fails:
      finish(engine, index, sink, pumped.error);
      return false;
    case Pumped::no_pipe:
      finish(engine, index, End::no_resources, pumped.error);
      return false;
  }
  return true;
}

// Looks after the endpoint of a connection that lasts. False when it has left unanswered what it was sent.
bool watch_endpoint(Engine& engine, Connection& connection) {
  const std::uint32_t patience = engine.settings.step->answer_timeout_ms;
  if (!connection.is_kept_alive) {
    // Fails for bad arguments only.
    static_cast<void>(sys::keep_alive(connection.outside.socket, static_cast<int>(patience / 1000)).failed());
    connection.is_kept_alive = true;
  }
  if (connection.owes_since == 0) return true;
  // Its last answer may be long ago because nothing was sent since.
  const std::uint64_t silent = sys::unanswered_ms(connection.outside.socket);
  if (std::min(silent, engine.now - connection.owes_since) > patience) return false;
  if (silent == 0 && connection.moved_at + kAnswerCheckMs <= engine.now) connection.owes_since = 0;
  if (connection.owes_since != 0) engine.wake(engine.now + kAnswerCheckMs);
  return true;
}

}  // namespace

Status accept_from(Engine& engine, std::uint32_t listener) {
  const std::uint32_t index = take_unused(engine);
  // Full tables wait in the listeners' backlogs: the sandbox cannot make the relay hold more.
  if (index == kNoConnection) {
    engine.accepts = false;
    engine.accept_again_at = kNever;
    return {};
  }
  Result<SocketFd> inside = sys::accept_connection(engine.listeners[listener].socket);
  if (!inside.failed() && inside.value().is_open()) {
    begin(engine, index, std::move(inside.value()), engine.listeners[listener].endpoint);
    return {};
  }
  engine.connections[index].next = engine.free_first;
  engine.free_first = index;
  if (!inside.failed()) return {};
  const int error = inside.error().error;
  if (error != EMFILE && error != ENFILE && error != ENOBUFS && error != ENOMEM) return inside.error();
  // The host has none to give, for now.
  pause_accepting(engine, engine.now + kAcceptPauseMs);
  return {};
}

void handle_inside(Engine& engine, std::uint32_t index, std::uint32_t events) {
  Connection& connection = engine.connections[index];
  note_events(connection.inside, events);
  switch (connection.phase) {
    case Phase::greeting:
      return judge_hello(engine, index);
    case Phase::resolving:
    case Phase::dialling:
      // Nobody waits any more.
      if ((events & (EPOLLHUP | EPOLLERR)) != 0) finish(engine, index, End::reset_by_program);
      return;
    case Phase::open:
      // A reset: nobody reads from this side while the other takes nothing, so nobody else would notice.
      if ((events & EPOLLERR) != 0) return finish(engine, index, End::reset_by_program);
      return advance(engine, index);
    case Phase::unused:
      return;
  }
}

void handle_dialled(Engine& engine, std::uint32_t index, std::uint8_t racer, std::uint32_t events) {
  Connection& connection = engine.connections[index];
  if (connection.phase == Phase::open && racer == connection.winner) {
    note_events(connection.outside, events);
    // A reset after the end of its stream: nobody reads from that side any more.
    if ((events & EPOLLERR) != 0 && connection.down.ended) return finish(engine, index, End::reset_by_endpoint);
    return advance(engine, index);
  }
  if (connection.phase != Phase::dialling || !connection.racers[racer].socket.is_open()) return;
  const int error = sys::connection_error(connection.racers[racer].socket);
  if (error == 0) {
    note_events(connection.outside, events);
    return open(engine, index, racer);
  }
  connection.last_error = error;
  connection.racers[racer].socket.reset();
  start_racers(engine, index);
}

void handle_answer(Engine& engine, std::uint32_t index) {
  if (engine.connections[index].phase == Phase::resolving) use_answer(engine, index);
}

void advance(Engine& engine, std::uint32_t index) {
  Connection& connection = engine.connections[index];
  if (connection.phase != Phase::open) return;
  // Nothing can hold up the first message: an exchange of one message each way is spared the call.
  if (connection.up.bytes > 0 && !connection.is_prompt) {
    const Status prompt = sys::send_promptly(connection.outside.socket);
    if (prompt.failed()) return finish(engine, index, End::reset_by_endpoint, prompt.error().error);
    connection.is_prompt = true;
  }
  const std::uint64_t up = connection.up.bytes;
  const std::uint64_t down = connection.down.bytes;
  const PumpResult sent = pump(connection.up, connection.down, connection.inside, connection.outside, engine.pipes);
  const PumpResult received = pump(connection.down, connection.up, connection.outside, connection.inside, engine.pipes);
  const std::uint64_t moved_up = connection.up.bytes - up;
  const std::uint64_t moved_down = connection.down.bytes - down;
  if (moved_up + moved_down > 0) {
    connection.moved_at = engine.now;
    count_bytes(*engine.ledger, connection.endpoint, connection.record, moved_up, moved_down);
  }
  if (moved_up > 0 && connection.owes_since == 0) {
    connection.owes_since = engine.now;
    engine.wake(engine.now + kAnswerCheckMs);
  }
  if (!settle(engine, index, sent, End::reset_by_program, End::reset_by_endpoint)) return;
  if (!settle(engine, index, received, End::reset_by_endpoint, End::reset_by_program)) return;
  const Status inside =
      watch_for_room(engine, connection.inside, event_id(Source::inside, index, connection.generation));
  const Status outside = watch_for_room(engine, connection.outside, outside_id(connection, index, connection.winner));
  if (inside.failed() || outside.failed())
    return finish(engine, index, End::no_resources, inside.failed() ? inside.error().error : outside.error().error);
  // Both streams have ended in order: an orderly close.
  if (connection.up.ended && connection.down.ended) finish(engine, index, End::closed);
}

void handle_time(Engine& engine, std::uint32_t index) {
  Connection& connection = engine.connections[index];
  if (connection.phase == Phase::open) {
    const std::uint64_t until = connection.moved_at + engine.settings.step->idle_timeout_ms;
    if (until <= engine.now) return finish(engine, index, End::idle);
    connection.deadline = until;
    if (!watch_endpoint(engine, connection)) return finish(engine, index, End::endpoint_silent);
  } else if (connection.phase != Phase::unused && connection.deadline <= engine.now) {
    const End end = connection.phase == Phase::greeting    ? End::hello_missing
                    : connection.phase == Phase::resolving ? End::name_timed_out
                                                           : End::dial_timed_out;
    return finish(engine, index, end);
  }
  if (connection.phase == Phase::dialling && connection.next_racer_at <= engine.now) start_racers(engine, index);
  if (connection.phase == Phase::unused) return;
  engine.wake(connection.deadline);
  const bool more = connection.phase == Phase::dialling && connection.next_target < connection.targets.count;
  if (more && connection.next_racer_at > engine.now) engine.wake(connection.next_racer_at);
}

}  // namespace palisade::relay
