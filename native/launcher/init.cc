// pid 1 of the sandbox: builds it, starts the program, reaps, and ends with it.
#include <poll.h>
#include <sys/wait.h>

#include <cerrno>
#include <csignal>

#include "launcher/control.h"
#include "launcher/demand.h"
#include "layers/filesystem.h"
#include "layers/network.h"
#include "sys/files.h"
#include "sys/processes.h"
#include "sys/security.h"
#include "sys/sockets.h"
#include "sys/trace.h"

namespace palisade {
namespace {

// Everything that init's steps work on.
struct Build {
  filesystem::View view;
  network::Gateway gateway;
  const SocketFd* sandboxee = nullptr;
  bool shown = false;  // whether the sandboxee has been told that it is in the view
};

// EPIPE: it has ended before, and has told why.
Status release(const SocketFd& sandboxee) {
  const std::uint8_t byte = 0;
  const Status released = sys::send_message(sandboxee, {&byte, 1}, {});
  if (released.failed() && released.error().error == EPIPE) return {};
  return released;
}

Status show_view(Build& build) {
  build.shown = true;
  return release(*build.sandboxee);
}

template <class T>
Status run(Build& /*build*/, const T& /*step*/) {
  return SysError{"step of another process", EINVAL};
}
template <class T>
  requires requires(filesystem::View& view, const T& step) { filesystem::run(view, step); }
Status run(Build& build, const T& step) {
  return filesystem::run(build.view, step);
}
template <class T>
  requires requires(network::Gateway& gateway, const T& step) { network::run(gateway, step); }
Status run(Build& build, const T& step) {
  return network::run(build.gateway, step);
}
Status run(Build& /*build*/, const plan::NamespacesSetHostname& step) {
  return sys::set_hostname(step.hostname.data, step.hostname.size);
}
// The sandboxee confines itself while the kernel detaches the host's tree, which takes as long.
Status run(Build& build, const plan::FilesystemEnterRoot& /*step*/) {
  const Status entered = filesystem::enter_root(build.view);
  if (entered.failed()) return entered;
  const Status shown = show_view(build);
  return shown.failed() ? shown : filesystem::leave_host();
}

// The next packet of the supervisor; if it has died, so does the sandbox.
template <class T>
control::Packet receive(const Launch& launch, const SocketFd& supervisor) {
  control::Packet packet;
  const Result<sys::Message> message =
      sys::receive_message(supervisor, {reinterpret_cast<std::uint8_t*>(&packet), sizeof packet});
  demand<T>(launch, message.status());
  if (message.value().size != sizeof packet) sys::exit_now(kFailed);
  return packet;
}

template <class T>
void tell(const Launch& launch, const SocketFd& supervisor, control::Kind kind, std::int32_t value,
          std::span<const int> attached = {}) {
  const control::Packet packet{kind, {}, value};
  demand<T>(launch,
            sys::send_message(supervisor, {reinterpret_cast<const std::uint8_t*>(&packet), sizeof packet}, attached));
}

// A user who starts a sandbox stays that user. Root's init still is the host's root, unmapped in here, until it takes
// the ids of the plan; it keeps its capabilities, because uid 0 of this namespace is nobody.
Status become_user(const Launch& launch) {
  if (!launch.privileged) return {};
  const Status groups = sys::drop_groups();
  if (groups.failed()) return groups;
  const auto* const step = launch.plan.find<plan::NamespacesClone>();
  return sys::set_ids(step->uid_inside, step->gid_inside);
}

Status watch(const Launch& launch, const SocketFd& sandboxee, sys::Pid pid) {
  if (launch.plan.find<plan::ReportWatchKills>() == nullptr) return {};
  std::uint8_t byte = 0;
  const Result<sys::Message> ready = sys::receive_message(sandboxee, {&byte, 1});
  if (ready.failed()) return ready.error();
  if (ready.value().size == 0) return {};  // it has ended before, and has told why
  return sys::trace(pid);
}

// The program must not meet a pid 1 that can do more than itself.
Status drop_power() {
  const Status frozen = sys::no_new_privileges();
  if (frozen.failed()) return frozen;
  const Status dropped = sys::drop_held_capabilities();
  if (dropped.failed()) return dropped;
  // Changing credentials has cleared it (prctl(2), PR_SET_PDEATHSIG).
  return sys::die_with_parent();
}

// By its number inside, where a pid 1 sees nobody else.
void find_process(const Launch& launch, const SocketFd& supervisor, std::int32_t number, sys::Pid program) {
  const bool is_program = sys::Pid(number) == program;
  Result<ProcessFd> found = sys::open_process(sys::Pid(number));
  const int attached = found.failed() || is_program ? -1 : found.value().number();
  tell<plan::ServicePassNotices>(launch, supervisor, control::Kind::process, is_program ? 1 : 0,
                                 attached < 0 ? std::span<const int>() : std::span(&attached, 1));
}

void obey(const Launch& launch, const SocketFd& supervisor, const control::Packet& packet, sys::Pid program) {
  // ESRCH: the program, or its process group, has just ended.
  if (packet.kind == control::Kind::signal) {
    static_cast<void>(sys::send_signal(sys::Pid(-static_cast<pid_t>(program)), packet.value).failed());
  } else if (packet.kind == control::Kind::terminate) {
    static_cast<void>(sys::send_signal(sys::Pid(-1), SIGTERM).failed());
  } else if (packet.kind == control::Kind::find_process) {
    find_process(launch, supervisor, packet.value, program);
  }
}

// Returns when the command has been told.
void await_command(const Launch& launch, const SocketFd& supervisor, sys::Pid program) {
  if (launch.command < 0) return;
  tell<plan::ProcessExecute>(launch, supervisor, control::Kind::stands, 0);
  for (;;) {
    const control::Packet packet = receive<plan::ProcessExecute>(launch, supervisor);
    if (packet.kind == control::Kind::execute) return;
    obey(launch, supervisor, packet, program);
  }
}

// Of a sandboxee whose execve nobody holds.
void release_to_command(const Launch& launch, const SocketFd& supervisor, const SocketFd& sandboxee, sys::Pid pid) {
  std::uint8_t byte = 0;
  const Result<sys::Message> stands = sys::receive_message(sandboxee, {&byte, 1});
  demand<plan::ProcessExecute>(launch, stands.status());
  if (stands.value().size == 0) return;  // it has ended before, and has told why
  await_command(launch, supervisor, pid);
  demand<plan::ProcessExecute>(launch, release(sandboxee));
}

// The socket that the sandboxee has made, for the supervisor.
void pass_on_socket(const Launch& launch, const SocketFd& supervisor, const SocketFd& sandboxee) {
  if (launch.plan.find<plan::ServiceTakeNotices>() == nullptr) return;
  std::uint8_t byte = 0;
  const Result<sys::Message> message = sys::receive_message(sandboxee, {&byte, 1});
  demand<plan::ServiceTakeNotices>(launch, message.status());
  if (message.value().descriptor_count != 1) return;  // it has ended before, and has told why
  const SocketFd socket(message.value().descriptors[0]);
  const int number = socket.number();
  tell<plan::ServiceTakeNotices>(launch, supervisor, control::Kind::notices, 0, {&number, 1});
}

// Where the kernel asks about every execve of the sandboxee; closed: nobody holds it, or the sandboxee has ended
// before, and has told why.
NotifyFd take_listener(const Launch& launch, const SocketFd& sandboxee) {
  if (!holds_exec(launch)) return {};
  std::uint8_t byte = 0;
  const Result<sys::Message> message = sys::receive_message(sandboxee, {&byte, 1});
  demand<plan::SeccompAllowOneExec>(launch, message.status());
  return message.value().descriptor_count == 1 ? NotifyFd(message.value().descriptors[0]) : NotifyFd();
}

// Lets exactly one execve through and closes the listener: the kernel answers every later one with ENOSYS.
void allow_one_exec(const Launch& launch, const SocketFd& supervisor, NotifyFd listener, sys::Pid pid) {
  if (!listener.is_open()) return;
  await_command(launch, supervisor, pid);
  // A failure is told before the listener closes: the execve that would fail then is not the reason.
  demand<plan::SeccompAllowOneExec>(launch, sys::continue_exec_of(listener, pid));
}

void note_kill(Shared& shared, const sys::Call& call) {
  if (!call.known || shared.killed) return;
  shared.kill = {call.audit_arch, call.number};
  shared.killed = true;
}

void reap(const Launch& launch, const SocketFd& supervisor, sys::Pid program) {
  for (;;) {
    Result<sys::WaitResult> waited = sys::wait_for(sys::Pid(-1), WNOHANG | __WALL);
    demand<plan::ProcessExecute>(launch, waited.status());
    if (waited.value().pid == sys::Pid(0)) return;
    if (WIFSTOPPED(waited.value().status)) {
      note_kill(*launch.shared, sys::resume(waited.value().pid, waited.value().status));
      continue;
    }
    if (waited.value().pid != program) continue;
    tell<plan::ProcessExecute>(launch, supervisor, control::Kind::exited, waited.value().status);
    sys::exit_now(0);  // the kernel ends whatever the program left behind
  }
}

[[noreturn]] void serve(const Launch& launch, const SocketFd& supervisor, const SignalFd& signals, sys::Pid program) {
  for (;;) {
    pollfd wait[] = {{supervisor.number(), POLLIN, 0}, {signals.number(), POLLIN, 0}};
    if (::poll(wait, 2, -1) < 0) {
      if (errno == EINTR) continue;
      demand<plan::ProcessExecute>(launch, SysError{"poll", errno});
    }
    if (wait[1].revents != 0) {
      Result<int> signal = sys::read_signal(signals);
      demand<plan::ProcessExecute>(launch, signal.status());
      if (signal.value() == SIGCHLD) reap(launch, supervisor, program);
    }
    if (wait[0].revents != 0) obey(launch, supervisor, receive<plan::ProcessExecute>(launch, supervisor), program);
  }
}

// Everything but the program; the sandboxee is under way.
void build(const Launch& launch, const SocketFd& supervisor, const SocketFd& sandboxee) {
  Build build;
  build.sandboxee = &sandboxee;
  build.view.sources = launch.sources;
  build.gateway = {&supervisor, &sandboxee};
  const bool built = perform(launch, plan::Role::init, [&](std::uint32_t index, const plan::Step& step) {
    build.view.step = index;
    return std::visit([&](const auto& body) { return run(build, body); }, step.body);
  });
  if (!built) sys::exit_now(kFailed);
  if (!build.shown) demand<plan::ProcessExecute>(launch, show_view(build));
  if (makes_network(launch)) demand<plan::NamespacesClone>(launch, network::join_namespace(sandboxee));
  if (launch.plan.find<plan::NetworkPublish>() != nullptr)
    demand<plan::NetworkPublish>(launch, network::hand_out_namespace(supervisor));
}

}  // namespace

void run_init(const Launch& launch, SocketFd supervisor) {
  if (launch.doubt != nullptr) launch.doubt->forget(*launch.doubt);
  const control::Packet mapped = receive<plan::NamespacesClone>(launch, supervisor);
  if (mapped.kind != control::Kind::id_maps_written) sys::exit_now(kFailed);
  demand<plan::NamespacesClone>(launch, become_user(launch));
  // Undumpable: nobody inside can look into pid 1, and /proc/1 belongs to root.
  demand<plan::NamespacesClone>(launch, sys::forbid_dumps());
  demand<plan::NamespacesClone>(launch, sys::die_with_parent());

  // clone3(2) would have made that of the supervisor's cgroup the root.
  if (launch.plan.find<plan::ResourcesLimitCgroup>() != nullptr)
    demand<plan::ResourcesLimitCgroup>(launch, sys::new_cgroup_namespace());

  Result<sys::SocketPair> pair = sys::make_socket_pair();
  demand<plan::ProcessExecute>(launch, pair.status());
  Result<SignalFd> signals = sys::open_signals();
  demand<plan::ProcessExecute>(launch, signals.status());
  Result<sys::Pid> program = sys::fork_process();
  demand<plan::ProcessExecute>(launch, program.status());
  if (program.value() == sys::Pid(0)) {
    pair.value().first.reset();  // or the end of init would never be seen
    run_sandboxee(launch, pair.value().second, static_cast<std::uint32_t>(mapped.value));
  }
  pair.value().second.reset();  // or its end would never be seen
  if (launch.doubt != nullptr) tell<plan::ProcessExecute>(launch, supervisor, control::Kind::begun, 0);
  build(launch, supervisor, pair.value().first);
  tell<plan::ProcessExecute>(launch, supervisor, control::Kind::built, 0);
  if (waits_for_start(launch) && receive<plan::ProcessExecute>(launch, supervisor).kind != control::Kind::start)
    sys::exit_now(kFailed);
  NotifyFd listener = take_listener(launch, pair.value().first);
  pass_on_socket(launch, supervisor, pair.value().first);
  demand<plan::ReportWatchKills>(launch, watch(launch, pair.value().first, program.value()));
  demand<plan::ProcessDropCapabilities>(launch, drop_power());
  // The program's files are the program's alone: a pipe that it closes must be closed. And what the caller has open is
  // nobody's inside.
  int kept[] = {supervisor.number(), signals.value().number(), pair.value().first.number(), listener.number()};
  demand<plan::ProcessCloseDescriptors>(
      launch, sys::close_all_but(listener.is_open() ? std::span(kept) : std::span(kept).first(3)));
  if (!holds_exec(launch) || launch.plan.find<plan::ReportWatchKills>() != nullptr)
    demand<plan::ProcessExecute>(launch, release(pair.value().first));
  if (holds_exec(launch)) {
    allow_one_exec(launch, supervisor, std::move(listener), program.value());
  } else if (launch.command >= 0) {
    release_to_command(launch, supervisor, pair.value().first, program.value());
  }
  pair.value().first.reset();
  serve(launch, supervisor, signals.value(), program.value());
}

}  // namespace palisade
