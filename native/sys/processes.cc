#include "sys/processes.h"

#include <fcntl.h>
#include <linux/capability.h>
#include <linux/keyctl.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <time.h>

#include "core/decimal.h"
#include "sys/files.h"
#include "sys/numbers.h"
#include "sys/raw.h"

namespace palisade::sys {
namespace {

// Kill and stop cannot be caught, faults are our own bugs; everything else a caller may send is passed on.
constexpr int kForwarded[] = {SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2, SIGWINCH, SIGCONT, SIGALRM};
constexpr int kSignalMax = 64;
// The kernel's own sigset: 64 bits on every arch of ours, whatever the libc's sigset_t is.
constexpr std::size_t kSignalSetBytes = 8;

std::uint64_t bit(int signal) {
  return std::uint64_t{1} << (signal - 1);
}

struct KernelSigaction {  // struct sigaction of asm/signal.h, not libc's
  void (*handler)(int);
  unsigned long flags;
  void (*restorer)();
  unsigned long mask[kSignalSetBytes / sizeof(long)];
};
static_assert(offsetof(KernelSigaction, mask) == 3 * sizeof(long));
static_assert(sizeof(KernelSigaction) == 3 * sizeof(long) + kSignalSetBytes);

Status set_disposition(int signal, void (*handler)(int)) {
  KernelSigaction action{};
  action.handler = handler;
  return raw("rt_sigaction", SYS_rt_sigaction, signal, &action, nullptr, kSignalSetBytes).status();
}

}  // namespace

Result<Pid> clone_into(std::uint64_t flags, const PathFd& cgroup) {
  clone_args arguments{};
  arguments.flags = flags;
  if (cgroup.is_open()) {
    arguments.flags |= CLONE_INTO_CGROUP;
    arguments.cgroup = static_cast<std::uint64_t>(cgroup.number());
  }
  arguments.exit_signal = SIGCHLD;
  Result<long> pid = raw("clone3", SYS_clone3, &arguments, sizeof arguments);
  if (pid.failed()) return pid.error();
  return Pid(static_cast<pid_t>(pid.value()));
}

Result<Pid> fork_process() {
  return clone_into(0, {});
}

Result<WaitResult> wait_for(Pid pid, int flags) {
  WaitResult result;
  Result<long> waited = raw("wait4", SYS_wait4, static_cast<pid_t>(pid), &result.status, flags, nullptr);
  if (waited.failed()) return waited.error();
  result.pid = Pid(static_cast<pid_t>(waited.value()));
  return result;
}

Status send_signal(Pid pid, int signal) {
  return raw("kill", SYS_kill, static_cast<pid_t>(pid), signal).status();
}

void end_process(Pid pid) {
  if (pid == Pid(0)) return;
  static_cast<void>(send_signal(pid, SIGKILL).failed());  // ESRCH: it has ended
  while (wait_for(pid, __WALL).error().error == EINTR) continue;
}

void exit_now(int status) {
  // It cannot fail, and there is nothing else that could be done.
  for (;;) ::syscall(SYS_exit_group, status);
}

Result<SignalFd> open_signals() {
  std::uint64_t set = bit(SIGCHLD);
  for (const int signal : kForwarded) set |= bit(signal);
  const Status blocked =
      raw("rt_sigprocmask", SYS_rt_sigprocmask, SIG_SETMASK, &set, nullptr, kSignalSetBytes).status();
  if (blocked.failed()) return blocked.error();
  return to_fd<SignalFd>(raw("signalfd4", SYS_signalfd4, -1, &set, kSignalSetBytes, SFD_CLOEXEC | SFD_NONBLOCK));
}

Result<int> read_signal(const SignalFd& signals) {
  signalfd_siginfo info{};
  const Result<long> count = raw("read", SYS_read, signals.number(), &info, sizeof info);
  if (count.failed()) return count.error().error == EAGAIN ? Result<int>(0) : Result<int>(count.error());
  return static_cast<int>(info.ssi_signo);
}

Status reset_signals() {
  for (int signal = 1; signal <= kSignalMax; ++signal) {
    if (signal == SIGKILL || signal == SIGSTOP) continue;
    const Status reset = set_disposition(signal, SIG_DFL);
    if (reset.failed()) return reset;
  }
  const std::uint64_t none = 0;
  return raw("rt_sigprocmask", SYS_rt_sigprocmask, SIG_SETMASK, &none, nullptr, kSignalSetBytes).status();
}

Status ignore_broken_pipes() {
  return set_disposition(SIGPIPE, SIG_IGN);
}

Status die_with_parent() {
  return raw("prctl", SYS_prctl, PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0).status();
}

Pid own_process() {
  return Pid(::getpid());
}

Pid parent_process() {
  // It cannot fail.
  return Pid(static_cast<pid_t>(::syscall(SYS_getppid)));
}

Result<ProcessFd> watch_parent(Pid parent) {
  Result<ProcessFd> watched = ProcessFd();
  if (parent == Pid(0)) {
    const Status bound = die_with_parent();
    if (bound.failed()) return bound.error();
  } else {
    watched = open_process(parent);
    if (watched.failed() && watched.error().error != ESRCH) return watched;
  }
  // Until here it may have ended, and another process may have its number.
  if (parent_process() != parent) return SysError{"caller ended", ECANCELED};
  return watched;
}

Result<ProcessFd> open_process(Pid pid) {
  return to_fd<ProcessFd>(raw("pidfd_open", SYS_pidfd_open, static_cast<pid_t>(pid), 0));
}

Result<Pid> number_of(const ProcessFd& process) {
  char path[40] = "/proc/self/fdinfo/";
  strcat(path, Decimal(static_cast<std::uint64_t>(process.number())).text());
  const Result<FileFd> file = open_file(path);
  if (file.failed()) return file.error();
  std::uint8_t bytes[1024] = {};
  const Result<std::size_t> size = read_all(file.value().number(), bytes);
  if (size.failed()) return size.error();
  // -1 when it has ended.
  constexpr char kHead[] = "Pid:\t";
  const char* line = reinterpret_cast<const char*>(bytes);
  while (line != nullptr && strncmp(line, kHead, sizeof kHead - 1) != 0) {
    line = strchr(line, '\n');
    if (line != nullptr) ++line;
  }
  pid_t number = 0;
  if (line != nullptr) {
    for (line += sizeof kHead - 1; *line >= '0' && *line <= '9'; ++line) number = number * 10 + (*line - '0');
  }
  return number == 0 ? Result<Pid>(SysError{"fdinfo", ESRCH}) : Pid(number);
}

Status forbid_dumps() {
  return raw("prctl", SYS_prctl, PR_SET_DUMPABLE, 0, 0, 0, 0).status();
}

Status set_ids(std::uint32_t uid, std::uint32_t gid) {
  const Status group = raw("setresgid", kSetGid, gid, gid, gid).status();
  if (group.failed()) return group;
  return raw("setresuid", kSetUid, uid, uid, uid).status();
}

Status drop_groups() {
  return raw("setgroups", kSetGroups, 0, nullptr).status();
}

Status new_session() {
  return raw("setsid", SYS_setsid).status();
}

Status new_session_keyring() {
  const Status joined = raw("keyctl", SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, nullptr, 0, 0, 0).status();
  // A kernel built without keys has no keyring that could leak.
  if (joined.failed() && joined.error().error == ENOSYS) return {};
  return joined;
}

Status new_cgroup_namespace() {
  return raw("unshare", SYS_unshare, CLONE_NEWCGROUP).status();
}

Status set_hostname(const char* name, std::size_t size) {
  return raw("sethostname", SYS_sethostname, name, size).status();
}

Status no_new_privileges() {
  return raw("prctl", SYS_prctl, PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0).status();
}

namespace {

constexpr std::uint32_t kNoCapability = 64;

Status drop_bounding_set_but(std::uint32_t kept) {
  for (std::uint32_t capability = 0; capability <= 63; ++capability) {
    if (capability == kept) continue;
    const Status dropped = raw("prctl", SYS_prctl, PR_CAPBSET_DROP, capability, 0, 0, 0).status();
    if (!dropped.failed()) continue;
    // EINVAL: one past the last capability that this kernel knows. One that it knows can be read.
    const bool unknown = raw("prctl", SYS_prctl, PR_CAPBSET_READ, capability, 0, 0, 0).failed();
    if (dropped.error().error != EINVAL || !unknown) return dropped;
    break;
  }
  return {};
}

}  // namespace

Status drop_bounding_set() {
  return drop_bounding_set_but(kNoCapability);
}

Status keep_only_capability(std::uint32_t capability) {
  const Status bounded = drop_bounding_set_but(capability);
  if (bounded.failed()) return bounded;
  const Status ambient = raw("prctl", SYS_prctl, PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0).status();
  if (ambient.failed()) return ambient;
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct one[2] = {};
  one[capability / 32].permitted = one[capability / 32].effective = std::uint32_t{1} << (capability % 32);
  return raw("capset", SYS_capset, &header, one).status();
}

Status drop_held_capabilities() {
  const Status ambient = raw("prctl", SYS_prctl, PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0).status();
  if (ambient.failed()) return ambient;
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  const __user_cap_data_struct none[2] = {};
  return raw("capset", SYS_capset, &header, none).status();
}

Status set_limit(std::uint32_t resource, std::uint64_t soft, std::uint64_t hard) {
  const std::uint64_t limit[2] = {soft, hard};  // struct rlimit64
  return raw("prlimit64", SYS_prlimit64, 0, resource, limit, nullptr).status();
}

Status leave_real_time() {
  const Result<long> policy = raw("sched_getscheduler", SYS_sched_getscheduler, 0);
  if (policy.failed()) return policy.error();
  const long scheduler = policy.value() & ~static_cast<long>(SCHED_RESET_ON_FORK);
  if (scheduler != SCHED_FIFO && scheduler != SCHED_RR && scheduler != SCHED_DEADLINE) return {};
  const int priority = 0;  // struct sched_param
  return raw("sched_setscheduler", SYS_sched_setscheduler, 0, SCHED_OTHER, &priority).status();
}

Status raise_descriptor_limit() {
  std::uint64_t limit[2] = {};  // struct rlimit64
  const Status got = raw("prlimit64", SYS_prlimit64, 0, RLIMIT_NOFILE, nullptr, limit).status();
  return got.failed() ? got : set_limit(RLIMIT_NOFILE, limit[1], limit[1]);
}

namespace {

struct KernelRusage {  // struct rusage of linux/resource.h: a time of 64 bits changes libc's, not the kernel's
  unsigned long user_seconds, user_microseconds;
  unsigned long system_seconds, system_microseconds;
  unsigned long resident_peak_kilobytes;
  unsigned long rest[13];
};
static_assert(sizeof(KernelRusage) == 18 * sizeof(long));

}  // namespace

ChildrenUsage children_usage() {
  KernelRusage usage{};
  // It cannot fail: who and the address are right.
  static_cast<void>(raw("getrusage", SYS_getrusage, RUSAGE_CHILDREN, &usage).failed());
  const std::uint64_t seconds = std::uint64_t{usage.user_seconds} + usage.system_seconds;
  return {.cpu_us = seconds * 1000000 + usage.user_microseconds + usage.system_microseconds,
          .resident_peak = std::uint64_t{usage.resident_peak_kilobytes} * 1024};
}

Status execute(const char* path, const char* const* arguments, const char* const* environment) {
  return raw("execve", SYS_execve, path, arguments, environment).status();
}

Status execute_file(const FileFd& file, const char* const* arguments, const char* const* environment) {
  return raw("execveat", SYS_execveat, file.number(), "", arguments, environment, AT_EMPTY_PATH).status();
}

Status fill_random(std::span<std::uint8_t> bytes) {
  // Up to 256 bytes come whole (getrandom(2)).
  return raw("getrandom", SYS_getrandom, bytes.data(), bytes.size(), 0).status();
}

bool is_root() {
  const Result<long> id = raw("geteuid", kGetEffectiveUid);
  return !id.failed() && id.value() == 0;
}

std::uint64_t monotonic_microseconds() {
  timespec now{};
  static_cast<void>(::clock_gettime(CLOCK_MONOTONIC, &now));  // fails for bad arguments only
  return static_cast<std::uint64_t>(now.tv_sec) * 1000000 + static_cast<std::uint64_t>(now.tv_nsec) / 1000;
}

std::uint64_t monotonic_milliseconds() {
  return monotonic_microseconds() / 1000;
}

}  // namespace palisade::sys
