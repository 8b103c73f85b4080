// The loop that every relay runs. It handles bytes that the sandboxed program chooses, so it confines itself first and
// only then says that it is ready.
#include "relay/relay.h"

#include <sched.h>

#include <algorithm>
#include <cerrno>

#include "relay/confine.h"
#include "relay/ending.h"
#include "relay/engine.h"
#include "relay/slots.h"
#include "sys/processes.h"
#include "sys/sockets.h"

namespace palisade {
namespace {

using relay::Engine;
using relay::Source;

constexpr std::uint64_t kDescriptorsPerConnection = 6;  // two sockets, two pipes; fewer while it is dialled
constexpr std::uint64_t kDescriptorsBeside = 16 + 2 * relay::kSparePipesMax;
constexpr std::size_t kEventsPerTurn = 64;
constexpr std::uint8_t kTcp = 6;

// Before any fork memory is not ours to spend; static storage is touched only in the relays.
relay::Connection connections[relay::kConnectionsMax];
relay::Flow flows[relay::kFlowsMax];
relay::Listener listeners[sys::kDescriptorsMax];
relay::Names names;

[[noreturn]] void give_up(const Launch& launch, std::uint32_t step, SysError error) {
  launch.shared->fail(step, error);
  sys::exit_now(kFailed);
}

void change_listeners(const Launch& launch, std::uint32_t step, const Engine& engine, sys::Trigger trigger) {
  for (std::uint32_t index = 0; index < engine.listener_count; ++index) {
    if (!engine.listeners[index].stream) continue;
    const Status changed = sys::change_watch(engine.events, engine.listeners[index].socket.number(), trigger,
                                             relay::event_id(Source::listener, index, 0));
    if (changed.failed()) give_up(launch, step, changed.error());
  }
}

// An answer, to whoever waits for it.
Status take_answer(Engine& engine) {
  const Result<std::uint32_t> answered = relay::take_answer(*engine.names, engine.now);
  if (answered.failed()) return answered.error();
  if (answered.value() == relay::kNoName) return {};
  for (std::uint32_t index = 0; index < engine.used_once; ++index) {
    if (engine.connections[index].name == answered.value()) relay::handle_answer(engine, index);
  }
  for (std::uint32_t index = 0; index < engine.settings.step->flows_max; ++index) {
    if (engine.flows[index].name == answered.value()) relay::handle_flow_answer(engine, index);
  }
  return {};
}

Status handle_listener(Engine& engine, std::uint32_t index) {
  // It was closed in the same turn: the program has ended.
  if (index >= engine.listener_count) return {};
  const relay::Listener& listener = engine.listeners[index];
  if (listener.stream) return engine.accepts ? relay::accept_from(engine, index) : Status();
  if (listener.endpoint == relay::kResolverListener) {
    relay::answer_questions(engine, index);
  } else {
    relay::receive_inside(engine, index);
  }
  return {};
}

// It says nothing: it ends its half when the program has ended, and closes when it will wait no longer.
Status handle_supervisor(Engine& engine, std::uint32_t events) {
  if ((events & EPOLLHUP) != 0) sys::exit_now(0);
  relay::begin_ending(engine);
  // It is told of once; of the hang-up the kernel tells anyway.
  return sys::change_watch(engine.events, engine.supervisor->number(), sys::Trigger::silent,
                           relay::event_id(Source::supervisor, 0, 0));
}

Status handle(Engine& engine, const epoll_event& event) {
  const std::uint64_t id = event.data.u64;
  const auto source = static_cast<std::uint8_t>(id & 0xff);
  const auto index = static_cast<std::uint32_t>(id >> 8 & 0xffffff);
  const auto generation = static_cast<std::uint32_t>(id >> 32);
  switch (static_cast<Source>(source)) {
    case Source::supervisor:
      return handle_supervisor(engine, event.events);
    case Source::resolver:
      return take_answer(engine);
    case Source::listener:
      return handle_listener(engine, index);
    case Source::flow:
      if (engine.flows[index].generation == generation) relay::receive_outside(engine, index);
      return {};
    case Source::inside:
      if (engine.connections[index].generation == generation) relay::handle_inside(engine, index, event.events);
      return {};
    default:
      if (engine.connections[index].generation == generation) {
        const int racer = source - static_cast<std::uint8_t>(Source::dialled);
        relay::handle_dialled(engine, index, static_cast<std::uint8_t>(racer), event.events);
      }
      return {};
  }
}

// Those whose turn was over, each once more.
void continue_ready(Engine& engine) {
  std::uint32_t index = engine.ready_first;
  engine.ready_first = engine.ready_last = relay::kNoConnection;
  while (index != relay::kNoConnection) {
    relay::Connection& connection = engine.connections[index];
    const std::uint32_t next = connection.next;
    connection.is_queued = false;
    connection.next = relay::kNoConnection;
    if (connection.phase == relay::Phase::unused) {
      relay::give_back_unused(engine, index);
      // One that was to be accepted meanwhile has found no room.
      if (!engine.accepts) engine.accept_again_at = std::min(engine.accept_again_at, engine.now);
    } else {
      relay::advance(engine, index);
    }
    index = next;
  }
}

void handle_time(Engine& engine) {
  engine.wake_at = relay::kNever;
  for (std::uint32_t index = 0; index < engine.used_once; ++index) relay::handle_time(engine, index);
  for (std::uint32_t index = 0; index < engine.settings.step->flows_max; ++index)
    relay::handle_flow_time(engine, index);
  if (!engine.accepts && engine.accept_again_at > engine.now) engine.wake(engine.accept_again_at);
}

// Nothing is left but what the kernel has not told of yet.
bool is_over(const Engine& engine) {
  // Those in line are let in again a moment after the host had nothing for them.
  const bool lets_in = engine.accepts || engine.listener_count == 0;
  return engine.ending && lets_in && engine.ready_first == relay::kNoConnection && !relay::holds_last_bytes(engine);
}

int timeout_of(const Engine& engine) {
  constexpr std::uint64_t kLongest = 60000;
  if (engine.ready_first != relay::kNoConnection || is_over(engine)) return 0;
  if (engine.wake_at == relay::kNever) return -1;
  if (engine.wake_at <= engine.now) return 0;
  const std::uint64_t left = engine.wake_at - engine.now;
  return static_cast<int>(left > kLongest ? kLongest : left);
}

// Returns only with a failure. Were it marked so, a sanitizer would make a call before it that the filter refuses.
SysError serve(const Launch& launch, std::uint32_t step, Engine& engine) {
  bool listens = true;
  for (;;) {
    epoll_event ready[kEventsPerTurn];
    const Result<std::size_t> count = sys::wait_for_events(engine.events, ready, timeout_of(engine));
    if (count.failed()) return count.error();
    if (count.value() == 0 && is_over(engine)) sys::exit_now(0);
    engine.now = sys::monotonic_milliseconds();
    for (std::size_t index = 0; index < count.value(); ++index) {
      const Status handled = handle(engine, ready[index]);
      if (handled.failed()) return handled.error();
    }
    continue_ready(engine);
    if (engine.now >= engine.wake_at) handle_time(engine);
    if (!engine.accepts && engine.now >= engine.accept_again_at) engine.accepts = true;
    if (engine.accepts != listens) {
      listens = engine.accepts;
      change_listeners(launch, step, engine, listens ? sys::Trigger::level : sys::Trigger::silent);
    }
  }
}

Status watch_all(Engine& engine) {
  Result<EventsFd> events = sys::open_events();
  if (events.failed()) return events.error();
  engine.events = std::move(events.value());
  const Status supervisor = sys::watch(engine.events, engine.supervisor->number(), sys::Trigger::level,
                                       relay::event_id(Source::supervisor, 0, 0));
  if (supervisor.failed()) return supervisor;
  if (engine.resolver != nullptr) {
    const Status resolver = sys::watch(engine.events, engine.resolver->number(), sys::Trigger::level,
                                       relay::event_id(Source::resolver, 0, 0));
    if (resolver.failed()) return resolver;
  }
  for (std::uint32_t index = 0; index < engine.listener_count; ++index) {
    const Status watched = sys::watch(engine.events, engine.listeners[index].socket.number(), sys::Trigger::level,
                                      relay::event_id(Source::listener, index, 0));
    if (watched.failed()) return watched;
  }
  return {};
}

// All that this process keeps open of what it was forked with.
std::size_t list_kept(const Engine& engine, std::span<int> kept) {
  std::size_t count = 0;
  kept[count++] = engine.supervisor->number();
  if (engine.resolver != nullptr) kept[count++] = engine.resolver->number();
  for (std::uint32_t index = 0; index < engine.listener_count; ++index)
    kept[count++] = engine.listeners[index].socket.number();
  return count;
}

template <class Step>
[[noreturn]] void run(const Launch& launch, const Step& step, RelayPlace& place, Engine& engine) {
  engine.supervisor = &place.supervisor;
  engine.ledger = place.ledger;
  engine.listeners = listeners;
  engine.connections = connections;
  engine.flows = flows;
  engine.now = sys::monotonic_milliseconds();
  int kept[2 + sys::kDescriptorsMax];
  const std::size_t count = list_kept(engine, kept);
  const auto demand = [&](const Status& status) {
    if (status.failed()) give_up(launch, place.step, status.error());
  };
  demand(relay::drop_rights(launch, step.uid, step.gid, {kept, count}));
  demand(relay::limit_descriptors(kDescriptorsBeside + engine.listener_count + engine.settings.step->flows_max +
                                  kDescriptorsPerConnection * engine.settings.connections_max));
  demand(watch_all(engine));
  demand(relay::restrict(step));
  const std::uint8_t ready = 1;
  demand(sys::send_message(place.supervisor, {&ready, 1}, {}));
  give_up(launch, place.step, serve(launch, place.step, engine));
}

}  // namespace

void run_relay(const Launch& launch, const plan::NetworkRelay& step, RelayPlace& place, SocketFd resolver) {
  Engine engine;
  engine.settings = {&step, step.connections_max, false};
  const bool fits = step.connections_max <= relay::kConnectionsMax && step.flows_max <= relay::kFlowsMax &&
                    step.endpoints.size() <= relay::kEndpointsMax && step.listeners.size() == place.sockets.size() &&
                    step.names.size() <= relay::kNamesMax;
  if (!fits) give_up(launch, place.step, {"limits", E2BIG});
  for (std::size_t index = 0; index < step.listeners.size(); ++index) {
    const plan::NetworkRelayListeners& listener = step.listeners[index];
    const bool known = listener.endpoint < step.endpoints.size() || listener.endpoint == relay::kResolverListener;
    if (!known) give_up(launch, place.step, {"listeners", EINVAL});
    listeners[index] = {std::move(place.sockets[index]), listener.endpoint, listener.protocol == kTcp, false};
  }
  engine.listener_count = static_cast<std::uint32_t>(step.listeners.size());
  engine.names = &names;
  names.fresh_ms = step.lookup_fresh_ms;
  if (resolver.is_open()) {
    const Status patient = sys::never_wait(resolver);
    if (patient.failed()) give_up(launch, place.step, patient.error());
    engine.resolver = &resolver;
    names.resolver = &resolver;
    for (std::uint32_t index = 0; index < step.endpoints.size(); ++index) {
      const plan::Text& host = step.endpoints[index].host;
      if (host.size == 0 || host.data[0] == '*') continue;
      if (host.size > relay::kNameBytesMax) give_up(launch, place.step, {"host", ENAMETOOLONG});
      static_cast<void>(relay::find_name(names, host.data, index));
    }
    names.lasting = names.count;
  }
  run(launch, step, place, engine);
}

void run_publisher(const Launch& launch, const plan::NetworkPublish& step, RelayPlace& place,
                   const NamespaceFd& sandbox) {
  // The published ports as endpoints: literal addresses, which is all that they are to a relay.
  plan::NetworkRelay as_relay;
  plan::NetworkRelayEndpoints published[relay::kEndpointsMax];
  if (step.published.size() > relay::kEndpointsMax || step.connections_max > relay::kConnectionsMax ||
      step.published.size() != place.sockets.size())
    give_up(launch, place.step, {"limits", E2BIG});
  for (std::uint32_t index = 0; index < step.published.size(); ++index) {
    const plan::NetworkPublishPublished& port = step.published[index];
    published[index].port = port.port;
    published[index].protocol = kTcp;
    published[index].dial = port.dial;
    listeners[index] = {std::move(place.sockets[index]), index, true, port.descriptor != 0};
  }
  as_relay.endpoints = {published, step.published.size()};
  as_relay.dial_timeout_ms = step.dial_timeout_ms;
  as_relay.answer_timeout_ms = step.answer_timeout_ms;
  as_relay.idle_timeout_ms = step.idle_timeout_ms;
  Engine engine;
  engine.settings = {&as_relay, step.connections_max, true};
  engine.listener_count = static_cast<std::uint32_t>(step.published.size());
  engine.names = &names;
  // Root has the right to enter; a user has it in the user namespace that the sandbox's belongs to, as its owner.
  if (!launch.privileged) {
    const Result<NamespaceFd> owner = sys::owner_of(sandbox);
    if (owner.failed()) give_up(launch, place.step, owner.error());
    const Status inside = sys::enter_namespace(owner.value(), CLONE_NEWUSER);
    if (inside.failed()) give_up(launch, place.step, inside.error());
  }
  const Status entered = sys::enter_namespace(sandbox, CLONE_NEWNET);
  if (entered.failed()) give_up(launch, place.step, entered.error());
  run(launch, step, place, engine);
}

}  // namespace palisade
