#include "launcher/run.h"

#include <poll.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <iterator>

#include "launcher/command.h"
#include "sys/processes.h"
#include "sys/sockets.h"

namespace palisade {

Status tell(const SocketFd& socket, control::Kind kind, std::int32_t value) {
  const control::Packet packet{kind, {}, value};
  return sys::send_message(socket, {reinterpret_cast<const std::uint8_t*>(&packet), sizeof packet}, {});
}

namespace {

enum class Turn { goes_on, over };

// Once init stands, all that is left to do is to run the program.
Turn give_up(const Run& run, SysError error) {
  fail_at<plan::ProcessExecute>(*run.launch, error);
  return Turn::over;
}

// If init has gone, its closed socket says so, and init why.
Turn tell_init(const Run& run, control::Kind kind, std::int32_t value) {
  const Status told = tell(run.init, kind, value);
  if (told.failed() && told.error().error != EPIPE) return give_up(run, told.error());
  return Turn::goes_on;
}

// The plan's limit, or the command's in its place.
void start_clock(Run& run, const CommandHead& command) {
  const auto* const limit = run.launch->plan.find<plan::ResourcesLimitWallClock>();
  run.outcome.started_at = sys::monotonic_milliseconds();
  if (command.wall_ms != 0) {
    run.terminate_at = run.outcome.started_at + command.wall_ms;
    run.grace_ms = command.grace_ms;
  } else if (limit != nullptr) {
    run.terminate_at = run.outcome.started_at + limit->milliseconds;
    run.grace_ms = limit->grace_ms;
  }
}

Turn handle_command(Run& run) {
  CommandHead command;
  const Result<Told> told = read_command(run.launch->command, command, *run.launch->told);
  if (told.failed()) return give_up(run, told.error());
  run.stands = false;
  run.told = told.value() == Told::command;
  run.given_up = !run.told;
  if (run.given_up) return Turn::over;
  start_clock(run, command);
  return tell_init(run, control::Kind::execute, 0);
}

Turn handle_init(Run& run) {
  control::Packet packet;
  const Result<sys::Message> message =
      sys::receive_message(run.init, {reinterpret_cast<std::uint8_t*>(&packet), sizeof packet});
  if (message.failed() && message.error().error != ECONNRESET) return give_up(run, message.error());
  if (message.failed() || message.value().size != sizeof packet) return Turn::over;
  switch (packet.kind) {
    case control::Kind::begun:
      return Turn::goes_on;
    case control::Kind::listeners:
      return start_relay(*run.launch, run.relays, message.value()) ? Turn::goes_on : Turn::over;
    case control::Kind::sandbox_network:
      return start_publisher(*run.launch, run.relays, message.value()) ? Turn::goes_on : Turn::over;
    case control::Kind::notices:
      take_program_socket(run.notices, message.value());
      return Turn::goes_on;
    case control::Kind::process:
      use_found_process(run.notices, message.value(), packet.value == 1);
      return Turn::goes_on;
    case control::Kind::built:
      note(*run.launch, Mark::built);
      if (run.launch->command < 0) start_clock(run, {});
      return has_relays(*run.launch) ? tell_init(run, control::Kind::start, 0) : Turn::goes_on;
    case control::Kind::stands:
      run.stands = true;
      return Turn::goes_on;
    case control::Kind::exited:
      run.outcome.exited = true;
      run.outcome.wait_status = packet.value;
      return Turn::over;
    case control::Kind::id_maps_written:
    case control::Kind::start:
    case control::Kind::execute:
    case control::Kind::signal:
    case control::Kind::terminate:
    case control::Kind::find_process:
      break;
  }
  return give_up(run, {"unexpected packet", EPROTO});
}

Turn handle_signal(Run& run) {
  const Result<int> signal = sys::read_signal(run.signals);
  if (signal.failed()) return give_up(run, signal.error());
  // Children that end are noticed by their sockets.
  if (signal.value() == 0 || signal.value() == SIGCHLD) return Turn::goes_on;
  if (run.launch->command >= 0 && !run.told) {
    // There is no program yet that could take it; what would end most programs ends this.
    const bool ends =
        signal.value() == SIGTERM || signal.value() == SIGINT || signal.value() == SIGHUP || signal.value() == SIGQUIT;
    run.given_up = ends;
    return ends ? Turn::over : Turn::goes_on;
  }
  run.passed_signal_on = true;
  return tell_init(run, control::Kind::signal, signal.value());
}

Turn handle_time(Run& run) {
  const std::uint64_t now = sys::monotonic_milliseconds();
  if (now >= run.kill_at) return Turn::over;
  if (now >= run.terminate_at) {
    run.outcome.timed_out = true;
    run.terminate_at = UINT64_MAX;
    run.kill_at = std::min(run.kill_at, now + run.grace_ms);
    return tell_init(run, control::Kind::terminate, 0);
  }
  return Turn::goes_on;
}

Turn handle_notice(Run& run) {
  const std::uint64_t pid = take_notice(run.notices);
  return pid == 0 ? Turn::goes_on : tell_init(run, control::Kind::find_process, static_cast<std::int32_t>(pid));
}

int poll_timeout(const Run& run) {
  const std::uint64_t next = run.kill_at < run.terminate_at ? run.kill_at : run.terminate_at;
  if (next == UINT64_MAX) return -1;
  const std::uint64_t now = sys::monotonic_milliseconds();
  if (next <= now) return 0;
  return next - now > 60000 ? 60000 : static_cast<int>(next - now);
}

// The kernel has reset the program's connections. It has a moment to find that out, and then it ends: what a part of
// ours held is not there any more.
template <class Step>
void lose_relay(Run& run, SocketFd& relay) {
  constexpr std::uint64_t kMomentMs = 1000;
  fail_at<Step>(*run.launch, {"relay ended", ECONNABORTED});
  relay.reset();
  const std::uint64_t until = sys::monotonic_milliseconds() + kMomentMs;
  if (until < run.kill_at) run.kill_at = until;
}

}  // namespace

void wait_for_end(Run& run) {
  for (;;) {
    pollfd wait[] = {
        {run.init.number(), POLLIN, 0},
        {run.signals.number(), POLLIN, 0},
        {run.caller.number(), POLLIN, 0},
        {run.relays.relay.number(), POLLIN, 0},
        {run.relays.publisher.number(), POLLIN, 0},
        {run.route.nft.commands.number(), 0, 0},  // POLLHUP alone: what it says is no news
        {run.route.guard.socket.number(), POLLIN, 0},
        {run.cgroup.guard.socket.number(), POLLIN, 0},
        {run.launch->command, static_cast<short>(run.stands ? POLLIN : 0), 0},
        {run.notices.listens() ? run.notices.program.number() : -1, POLLIN, 0},
        {run.notices.waits_for_room ? run.notices.manager.number() : -1, POLLOUT, 0},
        {run.notices.closer.socket.number(), static_cast<short>(run.notices.waits_for_closer ? POLLOUT : 0), 0}};
    if (::poll(wait, std::size(wait), poll_timeout(run)) < 0) {
      if (errno == EINTR) continue;
      return fail_at<plan::ProcessExecute>(*run.launch, {"poll", errno});
    }
    if (wait[0].revents != 0 && handle_init(run) == Turn::over) return;
    if (wait[1].revents != 0 && handle_signal(run) == Turn::over) return;
    if (wait[2].fd >= 0 && wait[2].revents != 0)
      return fail_at<plan::ProcessExecute>(*run.launch, {"caller ended", ECANCELED});
    if (wait[3].fd >= 0 && wait[3].revents != 0) lose_relay<plan::NetworkRelay>(run, run.relays.relay);
    if (wait[4].fd >= 0 && wait[4].revents != 0) lose_relay<plan::NetworkPublish>(run, run.relays.publisher);
    if (wait[5].fd >= 0 && wait[5].revents != 0)
      return fail_at<plan::NetworkOpenRoute>(*run.launch, {"nft ended", ECONNABORTED});
    if (wait[6].fd >= 0 && wait[6].revents != 0)
      return fail_at<plan::NetworkOpenRoute>(*run.launch, {"guard ended", ECONNABORTED});
    if (wait[7].fd >= 0 && wait[7].revents != 0)
      return fail_at<plan::ResourcesLimitCgroup>(*run.launch, {"guard ended", ECONNABORTED});
    if (wait[8].fd >= 0 && wait[8].revents != 0) {
      // Its end that closes at any other moment ends everything inside.
      run.given_up = !run.stands;
      if (run.given_up || handle_command(run) == Turn::over) return;
    }
    if (wait[11].fd >= 0 && (run.notices.is_deaf || (wait[11].revents & (POLLHUP | POLLERR)) != 0))
      return fail_at<plan::ServicePassNotices>(*run.launch, {"closer ended", ECONNABORTED});
    if (wait[9].revents != 0 && handle_notice(run) == Turn::over) return;
    if (wait[10].revents != 0 || wait[11].revents != 0) continue_notices(run.notices);
    if (handle_time(run) == Turn::over) return;
  }
}

}  // namespace palisade
