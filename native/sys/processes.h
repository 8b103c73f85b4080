// Processes, credentials, signals, limits.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <span>

#include "core/fd.h"
#include "core/result.h"

namespace palisade::sys {

// A process of ours; plain numbers never appear in a signature.
enum class Pid : pid_t {};

struct WaitResult {
  Pid pid{};
  int status = 0;
};

// fork(2) into new namespaces, and into a cgroup if one is open; Pid 0 in the child.
Result<Pid> clone_into(std::uint64_t flags, const PathFd& cgroup);
Result<Pid> fork_process();
// wait4(2) for a child; Pid 0 if none has changed and `flags` hold WNOHANG.
Result<WaitResult> wait_for(Pid pid, int flags);
Status send_signal(Pid pid, int signal);
// Kills a child that still runs and waits until it has ended; Pid 0 is none.
void end_process(Pid pid);
[[noreturn]] void exit_now(int status);

// Of the children that have ended and been waited for, with theirs (getrusage(2)).
struct ChildrenUsage {
  std::uint64_t cpu_us = 0;
  std::uint64_t resident_peak = 0;  // bytes, of the largest process
};
[[nodiscard]] ChildrenUsage children_usage();

// A descriptor that reads SIGCHLD and every signal that is forwarded; all of them stay blocked in this process.
Result<SignalFd> open_signals();
// The next pending signal, or 0.
Result<int> read_signal(const SignalFd& signals);
// Default dispositions and an empty mask: what a program expects to start with.
Status reset_signals();
Status ignore_broken_pipes();

// This process gets SIGKILL when its parent ends.
Status die_with_parent();
// A descriptor that becomes readable when the parent ends, whichever of its threads made this process. A parent in
// another pid namespace has no number here: then this process dies with the thread instead, and the result is closed.
Result<ProcessFd> watch_parent(Pid parent);
Pid parent_process();
Pid own_process();
// A descriptor that becomes readable when a child has ended; for pid 1 of a namespace, with everything in there.
Result<ProcessFd> open_process(Pid pid);
// Its number in the pid namespace of /proc, whoever has opened it where; an error when it has ended.
Result<Pid> number_of(const ProcessFd& process);
Status forbid_dumps();
Status set_ids(std::uint32_t uid, std::uint32_t gid);
Status drop_groups();
Status new_session();
Status new_session_keyring();
// Its root is the cgroup that this process is in.
Status new_cgroup_namespace();
Status set_hostname(const char* name, std::size_t size);
Status no_new_privileges();
// Empties the bounding set, which needs CAP_SETPCAP.
Status drop_bounding_set();
// What root has left, and keeps over execve(2), is one capability.
Status keep_only_capability(std::uint32_t capability);
// Empties the ambient, inheritable, permitted and effective sets.
Status drop_held_capabilities();
Status set_limit(std::uint32_t resource, std::uint64_t soft, std::uint64_t hard);
// Back to the fair scheduler, if this process is another one's (sched(7)).
Status leave_real_time();
// As many open descriptors as this process may have.
Status raise_descriptor_limit();
// execveat(2) of an open file: no path is walked.
Status execute_file(const FileFd& file, const char* const* arguments, const char* const* environment);
Status execute(const char* path, const char* const* arguments, const char* const* environment);

Status fill_random(std::span<std::uint8_t> bytes);

[[nodiscard]] bool is_root();
[[nodiscard]] std::uint64_t monotonic_milliseconds();
[[nodiscard]] std::uint64_t monotonic_microseconds();

}  // namespace palisade::sys
