// The process that the caller started: makes init and the relay, waits, forwards signals, and answers for the outcome.
#include <poll.h>
#include <sys/wait.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <iterator>

#include "launcher/cgroup.h"
#include "launcher/command.h"
#include "launcher/control.h"
#include "launcher/id_maps.h"
#include "launcher/launch.h"
#include "launcher/message.h"
#include "launcher/relays.h"
#include "launcher/report.h"
#include "launcher/route.h"
#include "layers/filesystem.h"
#include "sys/files.h"
#include "sys/processes.h"
#include "sys/sockets.h"

namespace palisade {
namespace {

// What the supervisor holds while the sandbox runs.
struct Run {
  Launch* launch = nullptr;
  const plan::NamespacesClone* clone = nullptr;
  SignalFd signals;
  ProcessFd caller;
  SocketFd init;
  sys::Pid init_pid{};
  Cgroup cgroup;
  Relays relays;
  Route route;
  std::uint64_t terminate_at = UINT64_MAX;  // monotonic milliseconds
  std::uint64_t kill_at = UINT64_MAX;
  std::uint32_t grace_ms = 0;
  bool passed_signal_on = false;
  bool stands = false;    // and waits for its command
  bool told = false;      // and has it
  bool given_up = false;  // by the caller, who has closed its end of the command's pipe
  Outcome outcome;
};

Status tell(const SocketFd& socket, control::Kind kind, std::int32_t value) {
  const control::Packet packet{kind, {}, value};
  return sys::send_message(socket, {reinterpret_cast<const std::uint8_t*>(&packet), sizeof packet}, {});
}

// What the supervisor does beside the steps belongs to the step `T` that needs it.
template <class T>
void fail_at(const Launch& launch, SysError error) {
  launch.shared->fail(launch.plan.index_of<T>(), error);
}

// Root opens what will be mounted: the program's user may be unable to walk there.
bool open_sources(Launch& launch) {
  for (std::uint32_t index = 0; index < launch.plan.steps.size(); ++index) {
    const auto* const bind = std::get_if<plan::FilesystemBind>(&launch.plan.steps[index].body);
    if (bind == nullptr) continue;
    Result<MountFd> source = filesystem::open_source(*bind);
    if (source.failed()) {
      launch.shared->fail(index, source.error());
      return false;
    }
    launch.sources[index] = std::move(source.value());
  }
  return true;
}

// What was passed to the program is the program's alone: a pipe that it closes must be closed.
void close_passed(const Launch& launch) {
  const auto* const step = launch.plan.find<plan::ProcessCloseDescriptors>();
  if (step == nullptr) return;
  for (const std::uint32_t number : step->keep) sys::close_descriptor(static_cast<int>(number));
}

bool start_init(Run& run) {
  Launch& launch = *run.launch;
  const auto fail = [&](SysError error) {
    fail_at<plan::NamespacesClone>(launch, error);
    return false;
  };
  run.clone = launch.plan.find<plan::NamespacesClone>();
  if (run.clone == nullptr) return fail({"no namespaces", EINVAL});
  Result<sys::SocketPair> pair = sys::make_socket_pair();
  if (pair.failed()) return fail(pair.error());
  Result<sys::Pid> pid = sys::clone_into(run.clone->flags, run.cgroup.inside);
  if (pid.failed()) return fail(pid.error());
  if (pid.value() == sys::Pid(0)) {
    pair.value().first.reset();
    run.route.nft.commands.reset();
    forget_cgroup(run.cgroup);
    run_init(launch, std::move(pair.value().second));
  }
  run.init_pid = pid.value();
  note(launch, Mark::cloned);
  pair.value().second.reset();  // or its end would never be seen to close
  run.init = std::move(pair.value().first);
  const Status mapped = write_id_maps(run.init_pid, *run.clone, launch.privileged);
  if (mapped.failed()) return fail(mapped.error());
  note(launch, Mark::mapped);
  const Status hidden = sys::forbid_dumps();
  if (hidden.failed()) return fail(hidden.error());
  std::int32_t link = 0;
  if (!open_route(launch, run.route, run.init_pid, link)) return false;
  const Status told = tell(run.init, control::Kind::id_maps_written, link);
  return told.failed() ? fail(told.error()) : true;
}

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

constexpr std::uint32_t kGraceMs = 5000;  // as the compiler has it

// `wall_ms` stands in place of the plan's limit, if it is not 0.
void start_clock(Run& run, std::uint32_t wall_ms) {
  const auto* const limit = run.launch->plan.find<plan::ResourcesLimitWallClock>();
  run.outcome.started_at = sys::monotonic_milliseconds();
  if (limit == nullptr && wall_ms == 0) return;
  run.terminate_at = run.outcome.started_at + (wall_ms == 0 ? limit->milliseconds : wall_ms);
  run.grace_ms = limit == nullptr ? kGraceMs : limit->grace_ms;
}

Turn handle_command(Run& run) {
  std::uint32_t wall_ms = 0;
  const Result<Told> told = read_command(run.launch->command, *run.launch->told, wall_ms);
  if (told.failed()) return give_up(run, told.error());
  run.stands = false;
  run.told = told.value() == Told::command;
  run.given_up = !run.told;
  if (run.given_up) return Turn::over;
  start_clock(run, wall_ms);
  return tell_init(run, control::Kind::execute, 0);
}

Turn handle_init(Run& run) {
  control::Packet packet;
  const Result<sys::Message> message =
      sys::receive_message(run.init, {reinterpret_cast<std::uint8_t*>(&packet), sizeof packet});
  if (message.failed() && message.error().error != ECONNRESET) return give_up(run, message.error());
  if (message.failed() || message.value().size != sizeof packet) return Turn::over;
  switch (packet.kind) {
    case control::Kind::listeners:
      return start_relay(*run.launch, run.relays, message.value()) ? Turn::goes_on : Turn::over;
    case control::Kind::sandbox_network:
      return start_publisher(*run.launch, run.relays, message.value()) ? Turn::goes_on : Turn::over;
    case control::Kind::built:
      note(*run.launch, Mark::built);
      if (run.launch->command < 0) start_clock(run, 0);
      return tell_init(run, control::Kind::start, 0);
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

void wait_for_end(Run& run) {
  for (;;) {
    pollfd wait[] = {{run.init.number(), POLLIN, 0},
                     {run.signals.number(), POLLIN, 0},
                     {run.caller.number(), POLLIN, 0},
                     {run.relays.relay.number(), POLLIN, 0},
                     {run.relays.publisher.number(), POLLIN, 0},
                     {run.route.nft.commands.number(), 0, 0},  // POLLHUP alone: what it says is no news
                     {run.route.guard.socket.number(), POLLIN, 0},
                     {run.cgroup.guard.socket.number(), POLLIN, 0},
                     {run.launch->command, static_cast<short>(run.stands ? POLLIN : 0), 0}};
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
    if (handle_time(run) == Turn::over) return;
  }
}

int exit_status(const Run& run) {
  if (run.given_up) return run.told ? 128 + SIGKILL : 0;
  if (run.outcome.exited) {
    const int status = run.outcome.wait_status;
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
  }
  // What ended before its execve was no program.
  const bool ran_over = run.outcome.usage.out_of_memory() && run.launch->shared->ready;
  return run.outcome.timed_out || ran_over ? 128 + SIGKILL : kFailed;
}

// 126 and 127 as a shell says it, if it was the execve that failed.
int failure_status(const Failure& failure) {
  if (std::strcmp(failure.error.call, "execve") != 0) return kFailed;
  return failure.error.error == ENOENT ? 127 : 126;
}

// A sandboxee that ended before its execve was no program, unless somebody wanted it to end.
bool never_ran(const Run& run) {
  return run.outcome.exited && !run.launch->shared->ready && !run.outcome.timed_out && !run.passed_signal_on;
}

int conclude(Run& run) {
  Launch& launch = *run.launch;
  run.outcome.ended_at = sys::monotonic_milliseconds();
  note(launch, Mark::ended);
  // Both end when their socket closes, also if they cannot be killed.
  run.init.reset();
  run.relays.relay.reset();
  run.relays.publisher.reset();
  sys::end_process(run.init_pid);
  run.outcome.usage = usage_of(run.cgroup);
  run.outcome.processes = sys::children_usage();
  close_route(launch, run.route);
  sys::end_process(run.relays.relay_pid);
  sys::end_process(run.relays.resolver_pid);
  sys::end_process(run.relays.publisher_pid);
  close_cgroup(launch, run.cgroup);
  note(launch, Mark::cleared);
  if (never_ran(run)) fail_at<plan::ProcessExecute>(launch, {"ended before execve", ECANCELED});
  const Failure* const failure = launch.shared->failed();
  int status = exit_status(run);
  if (failure != nullptr) {
    status = failure_status(*failure);
    say_failure(launch, *failure);
  } else if (run.outcome.usage.out_of_memory()) {
    say("limits.memory: everything inside was killed, because together it used more", kFailed);
  } else if (!run.outcome.exited && !run.outcome.timed_out && !run.given_up) {
    say("the sandbox was ended from outside", kFailed);
  }
  run.outcome.status = status;
  print_timings(launch);
  // Nothing has run that could be told of.
  if (run.given_up && !run.told && failure == nullptr) return status;
  return write_report(launch, run.outcome) ? status : kFailed;
}

}  // namespace

int supervise(Launch& launch) {
  Run run;
  run.launch = &launch;
  launch.privileged = sys::is_root();
  Result<SignalFd> signals = sys::open_signals();
  if (signals.failed()) {
    fail_at<plan::NamespacesClone>(launch, signals.error());
    return conclude(run);
  }
  run.signals = std::move(signals.value());
  Result<ProcessFd> caller = sys::watch_parent();
  if (caller.failed()) {
    fail_at<plan::NamespacesClone>(launch, caller.error());
    return conclude(run);
  }
  run.caller = std::move(caller.value());
  // First of what makes processes: theirs must not be in the way of it.
  if (!open_cgroup(launch, run.cgroup)) return conclude(run);
  if (!prepare_relays(launch, run.relays) || !prepare_route(launch, run.route)) return conclude(run);
  if (launch.privileged && !open_sources(launch)) return conclude(run);
  if (start_init(run)) {
    // init has its own copies.
    for (std::size_t index = 0; index < launch.plan.steps.size(); ++index) launch.sources[index].reset();
    close_passed(launch);
    wait_for_end(run);
  }
  return conclude(run);
}

}  // namespace palisade
