#include "launcher/route.h"

#include <poll.h>
#include <sys/wait.h>

#include <cerrno>
#include <csignal>

#include "sys/files.h"
#include "sys/netlink.h"
#include "sys/security.h"
#include "sys/sockets.h"

namespace palisade {
namespace {

constexpr std::uint32_t kNetAdmin = 12;  // CAP_NET_ADMIN
constexpr std::size_t kSettingMax = 128;

bool fail(const Launch& launch, SysError error) {
  launch.shared->fail(launch.plan.index_of<plan::NetworkOpenRoute>(), error);
  return false;
}

Status load_rules(const plan::NetworkOpenRoute& step, Route& route) {
  Result<RunName> name = make_run_name();
  if (name.failed()) return name.error();
  route.name = name.value();
  const Status named = write_named(route.link, step.link.data, route.name);
  if (named.failed()) return named;
  Result<NetlinkFd> netlink = sys::open_netlink();
  if (netlink.failed()) return netlink.error();
  route.host = std::move(netlink.value());
  const Status started = start_nft(step.nft.data, route.nft);
  if (started.failed()) return started;
  for (const char* const line : {step.rules.data, step.check.data}) {
    const Status told = tell(route.nft, line, route.name);
    if (told.failed()) return told;
  }
  char standing[kSettingMax];
  const Status fits = write_named(standing, step.standing.data, route.name);
  return fits.failed() ? fits : expect(route.nft, standing);
}

Status set_one(const plan::Text& setting, const RunName& name) {
  char path[kSettingMax] = "/proc/sys/";
  const std::size_t used = sizeof "/proc/sys/" - 1;
  const Status named = write_named(std::span(path).subspan(used), setting.data, name);
  return named.failed() ? named : sys::write_file(path, "1", 1);
}

// The sandbox's end stays down until init knows its address.
Status make_link(const plan::NetworkOpenRoute& step, Route& route, sys::Pid init, std::int32_t& number) {
  const Status made = sys::add_direct_veth(route.host, route.link, step.device.data, init);
  if (made.failed()) return made;
  route.linked = true;
  Result<std::uint32_t> index = sys::link_index(route.host, route.link);
  if (index.failed()) return index.error();
  const Status quiet = sys::forbid_ipv6_addresses(route.host, index.value());
  if (quiet.failed()) return quiet;
  for (const plan::Text& setting : step.settings) {
    const Status set = set_one(setting, route.name);
    if (set.failed()) return set;
  }
  const Status up = sys::link_up(route.host, index.value());
  if (up.failed()) return up;
  number = static_cast<std::int32_t>(index.value());
  for (const Ip& first : step.sources) {
    const Status routed =
        sys::add_host_route(route.host, index.value(), numbered(first, index.value()), {}, sys::Reach::network);
    if (routed.failed()) return routed;
  }
  return {};
}

// The rules, whose child lives as long as anybody holds `commands`, must not go before everything inside has ended.
Status start_link_guard(Route& route, sys::Pid init) {
  Result<ProcessFd> watched = sys::open_process(init);
  if (watched.failed()) return watched.error();
  int kept[] = {route.nft.commands.number(), route.host.number(), watched.value().number(), -1};
  return start_guard(
      route.guard, kept, [&] { return sys::keep_only_capability(kNetAdmin); },
      [&](const SocketFd&) {
        pollfd wait{watched.value().number(), POLLIN, 0};
        while (::poll(&wait, 1, -1) < 0 && errno == EINTR) continue;
        // If the kernel has been quicker there is none.
        return sys::delete_link(route.host, route.link);
      });
}

}  // namespace

bool prepare_route(const Launch& launch, Route& route) {
  const auto* const step = launch.plan.find<plan::NetworkOpenRoute>();
  if (step == nullptr) return true;
  const Status loaded = load_rules(*step, route);
  return !loaded.failed() || fail(launch, loaded.error());
}

bool open_route(const Launch& launch, Route& route, sys::Pid init, std::int32_t& number) {
  const auto* const step = launch.plan.find<plan::NetworkOpenRoute>();
  if (step == nullptr) return true;
  const Status guarded = start_link_guard(route, init);
  if (guarded.failed()) return fail(launch, guarded.error());
  const Status linked = make_link(*step, route, init, number);
  return !linked.failed() || fail(launch, linked.error());
}

void close_route(const Launch& launch, Route& route) {
  if (route.linked) {
    const Status deleted = sys::delete_link(route.host, route.link);
    // The guard, or the kernel with the sandbox's namespace, has been quicker.
    if (deleted.failed() && deleted.error().error != ENODEV) static_cast<void>(fail(launch, deleted.error()));
  }
  end_guard(route.guard);
  route.nft.commands.reset();
  // Its table has gone when it has.
  sys::end_process(route.nft.pid);
}

}  // namespace palisade
