#include "relay/connection.h"

#include <algorithm>
#include <cerrno>

#include "relay/dialling.h"
#include "relay/ending.h"
#include "relay/engine.h"
#include "relay/greeting.h"
#include "relay/records.h"
#include "relay/slots.h"
#include "sys/tcp.h"

namespace palisade::relay {
namespace {

// How often an endpoint that owes an answer is looked at.
constexpr std::uint64_t kAnswerCheckMs = 5000;
constexpr std::uint64_t kAcceptPauseMs = 100;

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

void note_events(Side& side, std::uint32_t events) {
  if ((events & (EPOLLIN | EPOLLPRI | EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0) side.readable = true;
  if ((events & (EPOLLOUT | EPOLLHUP | EPOLLERR)) != 0) side.writable = true;
  if ((events & (EPOLLPRI | EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0) side.hung_up = true;
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
    if (engine.listeners[listener].is_passed && sys::prepare_accepted(inside.value()).failed()) {
      give_back_unused(engine, index);
      return {};  // reset meanwhile
    }
    begin(engine, index, std::move(inside.value()), engine.listeners[listener].endpoint);
    return {};
  }
  give_back_unused(engine, index);
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
    return open_connection(engine, index, racer);
  }
  connection.last_error = error;
  connection.racers[racer].socket.reset();
  start_racers(engine, index);
}

void handle_answer(Engine& engine, std::uint32_t index) {
  if (engine.connections[index].phase == Phase::resolving) use_answer(engine, index);
}

void open_connection(Engine& engine, std::uint32_t index, std::uint8_t winner) {
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
  if (engine.ending) reset_unless_finished(connection);
  connection.moved_at = engine.now;
  set_deadline(engine, connection, engine.settings.step->idle_timeout_ms);
  engine.wake(engine.now + kAnswerCheckMs);
  advance(engine, index);
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
  const bool closed = connection.up.ended && connection.down.ended;
  if (closed || has_passed_on(engine, connection)) finish(engine, index, End::closed);
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
