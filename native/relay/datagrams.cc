#include "relay/datagrams.h"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "relay/dns_message.h"
#include "relay/engine.h"
#include "relay/records.h"
#include "sys/tcp.h"
#include "sys/udp.h"

namespace palisade::relay {
namespace {

constexpr std::size_t kDatagramMax = 65536;
// Then others have their turn; the socket is told of again.
constexpr int kDatagramsPerTurn = 64;
constexpr std::size_t kNoFlow = SIZE_MAX;

std::uint8_t datagram_bytes[kDatagramMax];

const plan::NetworkRelayEndpoints& endpoint_of(const Engine& engine, const Flow& flow) {
  return engine.settings.step->endpoints[flow.endpoint];
}

void end_flow(Engine& engine, Flow& flow, End end, int error) {
  end_record(*engine.ledger, flow.endpoint, flow.record, end, error, engine.now);
  const std::uint32_t generation = flow.generation + 1;
  flow.outside.reset();
  flow.is_used = false;
  flow.generation = generation;
  flow.name = kNoName;
  flow.has_first = false;
}

std::size_t find_flow(const Engine& engine, std::uint32_t listener, const sys::Endpoint& program) {
  for (std::size_t index = 0; index < engine.settings.step->flows_max; ++index) {
    const Flow& flow = engine.flows[index];
    if (flow.is_used && flow.listener == listener && flow.program == program) return index;
  }
  return kNoFlow;
}

// A full table loses the flow that has been silent for longest, as the tables of routers do.
std::size_t make_room(Engine& engine) {
  std::size_t oldest = 0;
  for (std::size_t index = 0; index < engine.settings.step->flows_max; ++index) {
    if (!engine.flows[index].is_used) return index;
    if (engine.flows[index].moved_at < engine.flows[oldest].moved_at) oldest = index;
  }
  end_flow(engine, engine.flows[oldest], End::idle, 0);
  return oldest;
}

void send_outside(Engine& engine, Flow& flow, std::span<const std::uint8_t> bytes) {
  const Status sent = sys::send_datagram(flow.outside, bytes);
  // What cannot be sent is lost, as UDP may; the endpoint's refusals come back by errno, once each.
  if (sent.failed()) return;
  count_bytes(*engine.ledger, flow.endpoint, flow.record, bytes.size(), 0);
}

void connect_flow(Engine& engine, std::uint32_t index, const Targets& targets) {
  Flow& flow = engine.flows[index];
  int error = 0;
  for (std::uint8_t target = 0; target < targets.count; ++target) {
    Result<SocketFd> socket = sys::connect_datagrams({targets.addresses[target], endpoint_of(engine, flow).port});
    if (socket.failed()) {
      error = socket.error().error;
      continue;
    }
    flow.outside = std::move(socket.value());
    const Status watched = sys::watch(engine.events, flow.outside.number(), sys::Trigger::level,
                                      event_id(Source::flow, index, flow.generation));
    if (watched.failed()) return end_flow(engine, flow, End::no_resources, watched.error().error);
    if (Record* const record = find_record(*engine.ledger, flow.record)) record->address = targets.addresses[target];
    if (flow.has_first) send_outside(engine, flow, {flow.first, flow.first_size});
    flow.has_first = false;
    return;
  }
  end_flow(engine, flow, End::dial_failed, error);
}

void use_flow_answer(Engine& engine, std::uint32_t index) {
  Flow& flow = engine.flows[index];
  const Answer& answer = engine.names->all[flow.name].answer;
  flow.name = kNoName;
  if (answer.error != 0 || answer.count == 0) return end_flow(engine, flow, End::name_unknown, answer.error);
  const Targets targets = choose_targets(*engine.settings.step, endpoint_of(engine, flow), answer);
  if (Record* const record = find_record(*engine.ledger, flow.record)) {
    record->refused_addresses = targets.refused;
    if (targets.count == 0) record->address = answer.addresses[0];
  }
  if (targets.count == 0) return end_flow(engine, flow, End::address_refused, 0);
  connect_flow(engine, index, targets);
}

void find_flow_address(Engine& engine, std::uint32_t index) {
  Flow& flow = engine.flows[index];
  const plan::NetworkRelayEndpoints& endpoint = endpoint_of(engine, flow);
  if (endpoint.host.size == 0) {
    Targets targets;
    for (const Ip& address : endpoint.dial) {
      if (targets.count < kAnswerAddressesMax) targets.addresses[targets.count++] = address;
    }
    return connect_flow(engine, index, targets);
  }
  flow.name = find_name(*engine.names, endpoint.host.data, flow.endpoint);
  if (flow.name == kNoName) return end_flow(engine, flow, End::no_resources, EAGAIN);
  if (is_fresh(*engine.names, engine.names->all[flow.name], 0, engine.now)) return use_flow_answer(engine, index);
  const Status asked = ask(*engine.names, flow.name, engine.now);
  if (asked.failed()) end_flow(engine, flow, End::no_resources, asked.error().error);
}

void begin_flow(Engine& engine, std::uint32_t index, std::uint32_t listener, const sys::Endpoint& program,
                std::span<const std::uint8_t> bytes) {
  Flow& flow = engine.flows[index];
  flow.is_used = true;
  flow.name = kNoName;
  flow.listener = listener;
  flow.endpoint = engine.listeners[listener].endpoint;
  flow.program = program;
  flow.moved_at = engine.now;
  flow.record = begin_record(*engine.ledger, flow.endpoint, engine.now);
  if (bytes.size() <= kFirstDatagramMax) {
    std::memcpy(flow.first, bytes.data(), bytes.size());
    flow.first_size = static_cast<std::uint16_t>(bytes.size());
    flow.has_first = true;
  }
  engine.wake(engine.now + engine.settings.step->dial_timeout_ms);
  find_flow_address(engine, index);
}

// Whether a datagram came that is whole; `datagram` is it.
bool take(const SocketFd& socket, sys::Datagram& datagram) {
  Result<sys::Datagram> received = sys::receive_datagram(socket, datagram_bytes);
  if (received.failed()) return false;
  datagram = received.value();
  return datagram.size != sys::kWouldWait;
}

}  // namespace

void receive_inside(Engine& engine, std::uint32_t listener) {
  sys::Datagram datagram;
  for (int count = 0; count < kDatagramsPerTurn && take(engine.listeners[listener].socket, datagram); ++count) {
    const std::span<const std::uint8_t> bytes(datagram_bytes, static_cast<std::size_t>(datagram.size));
    const std::size_t found = find_flow(engine, listener, datagram.from);
    if (found == kNoFlow) {
      begin_flow(engine, static_cast<std::uint32_t>(make_room(engine)), listener, datagram.from, bytes);
      continue;
    }
    Flow& flow = engine.flows[found];
    flow.moved_at = engine.now;
    if (flow.outside.is_open()) send_outside(engine, flow, bytes);
  }
}

void answer_questions(Engine& engine, std::uint32_t listener) {
  const auto known = engine.settings.step->names;
  StubName names[kNamesMax];
  const std::size_t count = std::min<std::size_t>(known.size(), kNamesMax);
  for (std::size_t index = 0; index < count; ++index) {
    names[index].name = known[index].name.data;
    for (const Ip& address : known[index].addresses) {
      (address.family == 4 ? names[index].v4 : names[index].v6) = address.bytes;
    }
  }
  sys::Datagram datagram;
  for (int turn = 0; turn < kDatagramsPerTurn && take(engine.listeners[listener].socket, datagram); ++turn) {
    std::uint8_t answer[kDnsBytesMax];
    const std::size_t size =
        answer_query({datagram_bytes, static_cast<std::size_t>(datagram.size)}, {names, count}, answer);
    // A program that does not take its answers has lost them.
    if (size > 0)
      static_cast<void>(
          sys::send_datagram_to(engine.listeners[listener].socket, {answer, size}, datagram.from).failed());
  }
}

void receive_outside(Engine& engine, std::uint32_t index) {
  Flow& flow = engine.flows[index];
  for (int count = 0; count < kDatagramsPerTurn; ++count) {
    const Result<sys::Datagram> received = sys::receive_datagram(flow.outside, datagram_bytes);
    // Whatever the network has said of an earlier datagram (ICMP), the next may arrive.
    if (received.failed()) continue;
    if (received.value().size == sys::kWouldWait) return;
    const std::span<const std::uint8_t> bytes(datagram_bytes, static_cast<std::size_t>(received.value().size));
    flow.moved_at = engine.now;
    if (sys::send_datagram_to(engine.listeners[flow.listener].socket, bytes, flow.program).failed()) continue;
    count_bytes(*engine.ledger, flow.endpoint, flow.record, 0, bytes.size());
  }
}

void handle_flow_answer(Engine& engine, std::uint32_t index) {
  if (engine.flows[index].is_used) use_flow_answer(engine, index);
}

void handle_flow_time(Engine& engine, std::uint32_t index) {
  Flow& flow = engine.flows[index];
  if (!flow.is_used) return;
  const bool waits_for_name = flow.name != kNoName;
  const std::uint64_t most =
      waits_for_name ? engine.settings.step->dial_timeout_ms : engine.settings.step->flow_idle_ms;
  const std::uint64_t until = flow.moved_at + most;
  if (until <= engine.now) return end_flow(engine, flow, waits_for_name ? End::name_timed_out : End::idle, 0);
  engine.wake(until);
}

}  // namespace palisade::relay
