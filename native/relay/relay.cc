// The relay: in the host's net namespace, with the gateway's listening sockets and nothing else. It handles bytes that
// the sandboxed program chooses, so it confines itself first and only then says that it is ready.
#include <poll.h>

#include <cerrno>
#include <csignal>

#include "launcher/launch.h"
#include "relay/connection.h"
#include "sys/files.h"
#include "sys/processes.h"
#include "sys/security.h"
#include "sys/sockets.h"

namespace palisade {
namespace {

constexpr std::size_t kConnectionsMax = 128;
constexpr std::uint64_t kDescriptorsPerConnection = 6;  // two sockets, two pipes
constexpr std::uint64_t kDescriptorsBeside = 16;
constexpr std::uint32_t kLimitDescriptors = 7;  // RLIMIT_NOFILE

// Before any fork memory is not ours to spend; static storage is touched only in the relay.
relay::Connection connections[kConnectionsMax];
pollfd waits[1 + sys::kDescriptorsMax + 2 * kConnectionsMax];

struct Relay {
  Shared* shared = nullptr;
  std::uint32_t index = 0;
  const plan::NetworkRelay* step = nullptr;
  const SocketFd* supervisor = nullptr;
  const SocketFd* listeners = nullptr;
  std::size_t listener_count = 0;
  std::size_t connections_max = 0;
};

Status restrict_files_and_ports(const plan::NetworkRelay& step) {
  Result<RulesetFd> ruleset = sys::create_ruleset({step.handled_fs, step.handled_net, step.scoped});
  if (ruleset.failed()) return ruleset.error();
  for (const plan::NetworkRelayPorts& rule : step.ports) {
    const Status added = sys::add_port_rule(ruleset.value(), rule.port, rule.access);
    if (added.failed()) return added;
  }
  return sys::restrict_self(ruleset.value(), 0);
}

// Nothing of the caller's stays open here but the sockets that are served.
Status close_foreign(const Relay& self) {
  int kept[1 + sys::kDescriptorsMax];
  std::size_t count = 0;
  kept[count++] = self.supervisor->number();
  for (std::size_t index = 0; index < self.listener_count; ++index) kept[count++] = self.listeners[index].number();
  return sys::close_all_but({kept, count});
}

Status confine(const Launch& launch, const Relay& self) {
  const plan::NetworkRelay& step = *self.step;
  const Status alone = close_foreign(self);
  if (alone.failed()) return alone;
  const Status ignoring = sys::ignore_broken_pipes();
  if (ignoring.failed()) return ignoring;
  if (launch.privileged) {
    const Status bounded = sys::drop_bounding_set();
    if (bounded.failed()) return bounded;
    const Status groups = sys::drop_groups();
    if (groups.failed()) return groups;
    const Status user = sys::set_ids(step.uid, step.gid);
    if (user.failed()) return user;
  }
  const Status hidden = sys::forbid_dumps();
  if (hidden.failed()) return hidden;
  const std::uint64_t descriptors =
      kDescriptorsBeside + step.endpoints.size() + kDescriptorsPerConnection * step.connections_max;
  const Status limited = sys::set_limit(kLimitDescriptors, descriptors, descriptors);
  if (limited.failed()) return limited;
  const Status frozen = sys::no_new_privileges();
  if (frozen.failed()) return frozen;
  const Status powerless = sys::drop_held_capabilities();
  if (powerless.failed()) return powerless;
  const Status bound = sys::die_with_parent();
  if (bound.failed()) return bound;
  // Handled bits of 0 say that this kernel has no Landlock: the filter has no call that opens a file.
  if (step.handled_fs != 0) {
    const Status restricted = restrict_files_and_ports(step);
    if (restricted.failed()) return restricted;
  }
  return sys::load_filter(step.filter);
}

relay::Connection* find_unused(const Relay& self) {
  for (std::size_t index = 0; index < self.connections_max; ++index) {
    if (connections[index].state == relay::State::unused) return &connections[index];
  }
  return nullptr;
}

[[noreturn]] void give_up(const Relay& self, SysError error) {
  self.shared->fail(self.index, error);
  sys::exit_now(kFailed);
}

// Full tables wait in the listeners' backlogs: the sandbox cannot make the relay hold more.
void accept_from(const Relay& self, std::size_t listener, std::uint64_t now) {
  for (relay::Connection* connection = find_unused(self); connection != nullptr; connection = find_unused(self)) {
    Result<SocketFd> inside = sys::accept_connection(self.listeners[listener]);
    if (inside.failed()) give_up(self, inside.status().error());
    if (!inside.value().is_open()) return;
    relay::open(*connection, std::move(inside.value()), self.step->endpoints[listener], now,
                self.step->dial_timeout_ms);
  }
}

// Fills `waits`; the supervisor first, then the listeners, then two entries a connection.
std::size_t fill_waits(const Relay& self) {
  std::size_t count = 0;
  waits[count++] = {self.supervisor->number(), POLLIN, 0};
  const bool accepts = find_unused(self) != nullptr;
  for (std::size_t index = 0; index < self.listener_count; ++index) {
    waits[count++] = {accepts ? self.listeners[index].number() : -1, POLLIN, 0};
  }
  for (std::size_t index = 0; index < self.connections_max; ++index) {
    const relay::Connection& connection = connections[index];
    const short inside = relay::inside_events(connection);
    const short outside = relay::outside_events(connection);
    // An end without interest is left out: poll(2) would report its hang-up again and again.
    waits[count++] = {connection.state != relay::State::unused && inside != 0 ? connection.inside.number() : -1, inside,
                      0};
    waits[count++] = {connection.state != relay::State::unused && outside != 0 ? connection.outside.number() : -1,
                      outside, 0};
  }
  return count;
}

timespec* until_dial_expires(const Relay& self, std::uint64_t now, timespec& timeout) {
  std::uint64_t next = UINT64_MAX;
  for (std::size_t index = 0; index < self.connections_max; ++index) {
    const relay::Connection& connection = connections[index];
    if (connection.state == relay::State::dialling && connection.dial_until < next) next = connection.dial_until;
  }
  if (next == UINT64_MAX) return nullptr;
  const std::uint64_t left = next <= now ? 0 : next - now;
  timeout.tv_sec = static_cast<time_t>(left / 1000);
  timeout.tv_nsec = static_cast<long>(left % 1000 * 1000000);
  return &timeout;
}

[[noreturn]] void serve(const Relay& self) {
  for (;;) {
    const std::size_t count = fill_waits(self);
    timespec timeout{};
    const std::uint64_t before = sys::monotonic_milliseconds();
    if (::ppoll(waits, count, until_dial_expires(self, before, timeout), nullptr) < 0 && errno != EINTR) {
      give_up(self, {"ppoll", errno});
    }
    if (waits[0].revents != 0) sys::exit_now(0);  // the supervisor has gone
    const std::uint64_t now = sys::monotonic_milliseconds();
    const std::size_t first = 1 + self.listener_count;
    for (std::size_t index = 0; index < self.connections_max; ++index) {
      const short inside = waits[first + 2 * index].revents;
      const short outside = waits[first + 2 * index + 1].revents;
      const bool dials = connections[index].state == relay::State::dialling;
      if (inside != 0 || outside != 0 || dials)
        relay::advance(connections[index], outside, now, self.step->dial_timeout_ms);
    }
    for (std::size_t index = 0; index < self.listener_count; ++index) {
      if (waits[1 + index].revents != 0) accept_from(self, index, now);
    }
  }
}

}  // namespace

void run_relay(const Launch& launch, const plan::NetworkRelay& step, std::uint32_t index, SocketFd supervisor,
               SocketFd* listeners, std::size_t count) {
  Relay self{launch.shared, index, &step, &supervisor, listeners, count, step.connections_max};
  const Status confined =
      step.connections_max > kConnectionsMax ? Status(SysError{"connectionsMax", E2BIG}) : confine(launch, self);
  if (confined.failed()) give_up(self, confined.error());
  const std::uint8_t ready = 1;
  const Status told = sys::send_message(supervisor, {&ready, 1}, {});
  if (told.failed()) give_up(self, told.error());
  serve(self);
}

}  // namespace palisade
