// The process that the caller started: makes init and the relay, waits, forwards signals, and answers for the outcome.
#include <poll.h>
#include <sys/wait.h>

#include <cerrno>
#include <csignal>
#include <cstring>

#include "launcher/id_maps.h"
#include "launcher/last_bytes.h"
#include "launcher/launch.h"
#include "launcher/message.h"
#include "launcher/run.h"
#include "layers/filesystem.h"
#include "sys/files.h"
#include "sys/processes.h"
#include "sys/sockets.h"

namespace palisade {
namespace {

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

bool is_replaced(const Launch& launch, std::uint32_t number) {
  const auto* const step = launch.plan.find<plan::ServiceOpenListeners>();
  if (step == nullptr) return false;
  for (const plan::ServiceOpenListenersListeners& listener : step->listeners) {
    if (listener.descriptor == number) return true;
  }
  return false;
}

// A socket keeps the net namespace that it was made in, and connect(2) makes another one of it, a listening one too.
bool refuse_reaching_sockets(const Launch& launch) {
  const auto* const step = launch.plan.find<plan::ProcessCloseDescriptors>();
  if (step == nullptr) return true;
  const auto may_pass = [&](std::uint32_t number) {
    if (is_replaced(launch, number)) return true;
    const Result<sys::SocketReach> found = sys::reach_of(static_cast<int>(number));
    if (found.failed()) {
      fail_at<plan::ProcessCloseDescriptors>(launch, found.error());
      return false;
    }
    const sys::SocketReach reach = found.value();
    if (reach == sys::SocketReach::nothing) return true;
    if (reach == sys::SocketReach::by_connect && step->connects == 0) return true;
    fail_at<plan::ProcessCloseDescriptors>(launch, {kReachingSocket, EPERM});
    return false;
  };
  for (const std::uint32_t number : {0U, 1U, 2U}) {
    if (!may_pass(number)) return false;
  }
  for (const std::uint32_t number : step->keep) {
    if (!may_pass(number)) return false;
  }
  return true;
}

// What the sandboxee makes itself it makes while init does other things.
std::uint64_t flags_of_init(const Launch& launch, const plan::NamespacesClone& clone) {
  return makes_network(launch) ? clone.flags & ~std::uint64_t{CLONE_NEWNET} : clone.flags;
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
  Result<sys::Pid> pid = sys::clone_into(flags_of_init(launch, *run.clone), run.cgroup.inside);
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

int exit_status(const Run& run) {
  if (run.given_up) return run.told ? 128 + SIGKILL : kFailed;
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
  // All of them end when their socket closes, also if they cannot be killed.
  run.init.reset();
  tell_relays_of_end(run);
  sys::end_process(run.init_pid);
  await_last_bytes(run);
  end_notices(run.notices);
  run.outcome.notices = run.notices.counts;
  run.relays.relay.reset();
  run.relays.publisher.reset();
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

bool start_all(Run& run) {
  Launch& launch = *run.launch;
  const auto fail = [&](SysError error) {
    fail_at<plan::NamespacesClone>(launch, error);
    return false;
  };
  Result<SignalFd> signals = sys::open_signals();
  if (signals.failed()) return fail(signals.error());
  run.signals = std::move(signals.value());
  Result<ProcessFd> caller = sys::watch_parent(launch.begun.caller);
  if (caller.failed()) return fail(caller.error());
  run.caller = std::move(caller.value());
  if (!refuse_reaching_sockets(launch) || !open_notices(launch, run.notices)) return false;
  // First of what makes processes: theirs must not be in the way of it.
  if (!open_cgroup(launch, run.cgroup)) return false;
  if (!prepare_relays(launch, run.relays) || !prepare_route(launch, run.route)) return false;
  if (launch.privileged && !open_sources(launch)) return false;
  if (!start_init(run)) return false;
  // init has its own copies.
  for (std::size_t index = 0; index < launch.plan.steps.size(); ++index) launch.sources[index].reset();
  return true;
}

// Of what the caller has open, only the Report and the standard descriptors are left.
Status close_others(const Run& run) {
  int kept[11 + relay::kEndpointsMax] = {0, 1, 2};
  std::size_t count = 3;
  for (const int number :
       {run.launch->report, run.launch->command, run.signals.number(), run.caller.number(), run.init.number(),
        run.relays.resolver_program.number(), run.notices.manager.number(), run.notices.closer.socket.number()}) {
    if (number > 2) kept[count++] = number;
  }
  for (std::size_t index = 0; index < run.relays.published_count; ++index)
    kept[count++] = run.relays.published[index].number();
  return sys::close_all_but({kept, count});
}

// The sandboxee has most to do until the program starts: on two processors, one of which is init's, it must not wait
// for a comparison. Whatever else comes is for wait_for_end, as init's packet is.
bool let_init_begin(Run& run) {
  pollfd wait[] = {{run.init.number(), POLLIN, 0}, {run.signals.number(), POLLIN, 0}, {run.caller.number(), POLLIN, 0}};
  while (::poll(wait, 3, -1) < 0) {
    if (errno == EINTR) continue;
    fail_at<plan::ProcessExecute>(*run.launch, {"poll", errno});
    return false;
  }
  return true;
}

// What only a compiler would have needed goes, and init may let the program start.
bool dismiss_doubt(Run& run) {
  Launch& launch = *run.launch;
  note(launch, Mark::compared);
  launch.doubt->forget(*launch.doubt);
  const Status closed = close_others(run);
  if (closed.failed()) {
    fail_at<plan::ProcessCloseDescriptors>(launch, closed.error());
    return false;
  }
  // With relays init is told when they serve.
  if (has_relays(launch)) return true;
  const Status told = tell(run.init, control::Kind::start, 0);
  // EPIPE: it has ended, and has told why.
  if (!told.failed() || told.error().error == EPIPE) return true;
  fail_at<plan::ProcessExecute>(launch, told.error());
  return false;
}

}  // namespace

int supervise(Launch& launch, Doubt* doubt) {
  launch.doubt = doubt;
  Run run;
  run.launch = &launch;
  launch.privileged = sys::is_root();
  const bool started = start_all(run) && (doubt == nullptr || let_init_begin(run));
  if (doubt != nullptr) launch.changed = doubt->changed(*doubt);
  if (launch.changed != nullptr) {
    // What was begun for another moment is ended, and not spoken of.
    run.init.reset();
    sys::end_process(run.init_pid);
    end_closer(run.notices.closer);
    return kFailed;
  }
  if (doubt == nullptr) close_passed(launch);
  if (started && (doubt == nullptr || dismiss_doubt(run))) wait_for_end(run);
  return conclude(run);
}

}  // namespace palisade
