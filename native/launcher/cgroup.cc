#include "launcher/cgroup.h"

#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "core/decimal.h"
#include "launcher/cgroup_place.h"
#include "launcher/lines.h"

namespace palisade {
namespace {

constexpr std::uint32_t kDacOverride = 1;  // CAP_DAC_OVERRIDE
constexpr std::size_t kPathMax = 4096;
// From the end of the last process until the kernel says that a cgroup is empty.
constexpr std::uint64_t kEmptyWithinMs = 10000;

bool fail(const Launch& launch, SysError error) {
  launch.shared->fail(launch.plan.index_of<plan::ResourcesLimitCgroup>(), error);
  return false;
}

Status write_text(const PathFd& cgroup, const char* file, const char* text) {
  const Status written = sys::write_file_in(cgroup.number(), file, text, std::strlen(text));
  // Which of its files it was says more than that it was a write.
  return written.failed() ? Status(SysError{file, written.error().error}) : written;
}

// The whole of a small file, with a NUL behind it.
template <std::size_t Size>
Status read_text(const PathFd& cgroup, const char* file, char (&text)[Size]) {
  Result<FileFd> opened = sys::open_file_in(cgroup.number(), file);
  if (opened.failed()) return opened.error();
  const std::span<std::uint8_t> buffer(reinterpret_cast<std::uint8_t*>(text), Size - 1);
  const Result<std::size_t> count = sys::read_all(opened.value().number(), buffer);
  if (count.failed()) return count.error();
  text[count.value()] = '\0';
  return {};
}

std::uint64_t number_of(const char* text) {
  std::uint64_t number = 0;
  for (; text != nullptr && *text >= '0' && *text <= '9'; ++text)
    number = number * 10 + static_cast<std::uint64_t>(*text - '0');
  return number;
}

// A cgroup without the controller has no such file, and has counted nothing.
std::uint64_t count_of(const PathFd& cgroup, const char* file, const char* key) {
  char text[kPathMax];
  return read_text(cgroup, file, text).failed() ? 0 : number_of(value_of(text, key));
}

// The root alone has no type.
bool is_root(const PathFd& cgroup) {
  return sys::open_file_in(cgroup.number(), "cgroup.type").status().failed();
}

// `palisade-PID-RANDOM` and that with `.launcher`: a process of another pid namespace may have the same number in the
// same cgroup, and the guard kills what has this name.
Status choose_names(Cgroup& cgroup) {
  constexpr char kHex[] = "0123456789abcdef";
  std::uint8_t bytes[8] = {};
  const Status filled = sys::fill_random(bytes);
  if (filled.failed()) return filled;
  const Decimal pid(static_cast<std::uint32_t>(::getpid()));
  char* end = ::stpcpy(::stpcpy(::stpcpy(cgroup.inside_name, "palisade-"), pid.text()), "-");
  for (const std::uint8_t byte : bytes) {
    *end++ = kHex[byte >> 4];
    *end++ = kHex[byte & 15];
  }
  *end = '\0';
  ::stpcpy(::stpcpy(cgroup.outside_name, cgroup.inside_name), ".launcher");
  return {};
}

Status open_named(const PathFd& above, const char* name, PathFd& cgroup) {
  Result<PathFd> opened = sys::open_directory_in(above.number(), name);
  if (opened.failed()) return opened.error();
  cgroup = std::move(opened.value());
  return {};
}

Status make(const PathFd& above, const char* name, PathFd& made) {
  const Status created = sys::make_directory(above.number(), name, 0755);
  return created.failed() ? created : open_named(above, name, made);
}

// A cgroup's process has ended some time before the cgroup is empty.
Status await_empty(const PathFd& cgroup) {
  const std::uint64_t until = sys::monotonic_milliseconds() + kEmptyWithinMs;
  for (;;) {
    Result<FileFd> events = sys::open_file_in(cgroup.number(), "cgroup.events");
    if (events.failed()) return events.error();
    char text[256] = {};
    const Result<std::size_t> count =
        sys::read_all(events.value().number(), {reinterpret_cast<std::uint8_t*>(text), sizeof text - 1});
    if (count.failed()) return count.error();
    if (number_of(value_of(text, "populated ")) == 0) return {};
    const std::uint64_t now = sys::monotonic_milliseconds();
    if (now >= until) return SysError{"cgroup.events", ETIMEDOUT};
    pollfd wait{events.value().number(), POLLPRI, 0};
    if (::poll(&wait, 1, static_cast<int>(until - now)) < 0 && errno != EINTR) return SysError{"poll", errno};
  }
}

bool is_gone(const Status& status) {
  return status.failed() && (status.error().error == ENOENT || status.error().error == ENODEV);
}

Status remove(const PathFd& above, const PathFd& cgroup, const char* name) {
  if (!cgroup.is_open()) return {};
  const Status empty = await_empty(cgroup);
  if (is_gone(empty)) return {};
  if (empty.failed()) return empty;
  const Status removed = sys::remove_directory(above.number(), name);
  return is_gone(removed) ? Status() : removed;
}

// Where nothing hands on controllers, processes can be again.
Status leave(const plan::ResourcesLimitCgroup& step, const Cgroup& cgroup) {
  if (!cgroup.outside.is_open()) return {};
  const Status disabled = write_text(cgroup.above, "cgroup.subtree_control", step.disable.data);
  return disabled.failed() ? disabled : write_text(cgroup.above, "cgroup.procs", "0");
}

Status take_away(const plan::ResourcesLimitCgroup& step, const Cgroup& cgroup) {
  const Status inside = remove(cgroup.above, cgroup.inside, cgroup.inside_name);
  return inside.failed() ? inside : leave(step, cgroup);
}

// Nobody may write in the root's folder, not even its owner.
Status keep_what_removes(bool privileged) {
  return privileged ? sys::keep_only_capability(kDacOverride) : sys::drop_held_capabilities();
}

// As far as the supervisor had come, and what it leaves to the guard, which stays in `outside` until then.
Status take_all_away(const plan::ResourcesLimitCgroup& step, Cgroup& cgroup) {
  // What is not there needs nothing.
  static_cast<void>(open_named(cgroup.above, cgroup.inside_name, cgroup.inside).failed());
  static_cast<void>(open_named(cgroup.above, cgroup.outside_name, cgroup.outside).failed());
  // What init has not taken with it; a kernel without it lets init do that alone.
  if (cgroup.inside.is_open()) static_cast<void>(write_text(cgroup.inside, "cgroup.kill", "1").failed());
  const Status left = take_away(step, cgroup);
  return left.failed() ? left : remove(cgroup.above, cgroup.outside, cgroup.outside_name);
}

// Before anything is made: whenever the supervisor is killed, somebody is there who knows the names.
Status start_cgroup_guard(const Launch& launch, const plan::ResourcesLimitCgroup& step, Cgroup& cgroup) {
  int kept[] = {cgroup.above.number(), -1};
  const auto confine = [&] { return keep_what_removes(launch.privileged); };
  return start_guard(cgroup.guard, kept, confine, [&](const SocketFd& supervisor) {
    std::uint8_t word = 0;
    static_cast<void>(sys::receive_message(supervisor, {&word, 1}).failed());  // it closed, whatever this says
    return take_all_away(step, cgroup);
  });
}

// One that hands on controllers holds no process of ours: neither the guard nor this one.
Status move_outside(Cgroup& cgroup) {
  const Status made = make(cgroup.above, cgroup.outside_name, cgroup.outside);
  if (made.failed()) return made;
  const Decimal guard(static_cast<std::uint32_t>(cgroup.guard.pid));
  const Status moved = write_text(cgroup.outside, "cgroup.procs", guard.text());
  return moved.failed() ? moved : write_text(cgroup.outside, "cgroup.procs", "0");
}

// What the caller has, everything inside would have: cpu.max is for the fair scheduler alone, and whom nothing may kill
// is not killed by memory.max either.
Status drop_exemptions() {
  const Status fair = sys::leave_real_time();
  if (fair.failed()) return fair;
  constexpr char kScore[] = "/proc/self/oom_score_adj";
  Result<FileFd> file = sys::open_file(kScore);
  if (file.failed()) return file.error();
  std::uint8_t text[16] = {};
  const Result<std::size_t> count = sys::read_all(file.value().number(), text);
  if (count.failed()) return count.error();
  return text[0] == '-' ? sys::write_file(kScore, "0", 1) : Status();
}

Status set_up(const Launch& launch, const plan::ResourcesLimitCgroup& step, Cgroup& cgroup) {
  const Status dropped = drop_exemptions();
  if (dropped.failed()) return dropped;
  Result<PathFd> above = open_above(step);
  if (above.failed()) return above.error();
  cgroup.above = std::move(above.value());
  const Status named = choose_names(cgroup);
  if (named.failed()) return named;
  const Status guarded = start_cgroup_guard(launch, step, cgroup);
  if (guarded.failed()) return guarded;
  if (is_own(step) && !is_root(cgroup.above)) {
    const Status moved = move_outside(cgroup);
    if (moved.failed()) return moved;
  }
  const Status enabled = write_text(cgroup.above, "cgroup.subtree_control", step.enable.data);
  if (enabled.failed()) return enabled;
  const Status made = make(cgroup.above, cgroup.inside_name, cgroup.inside);
  if (made.failed()) return made;
  for (const plan::ResourcesLimitCgroupSettings& setting : step.settings) {
    const Status set = write_text(cgroup.inside, setting.file.data, setting.value.data);
    if (set.failed()) return set;
  }
  return {};
}

}  // namespace

bool open_cgroup(const Launch& launch, Cgroup& cgroup) {
  const auto* const step = launch.plan.find<plan::ResourcesLimitCgroup>();
  if (step == nullptr) return true;
  const Status done = set_up(launch, *step, cgroup);
  return !done.failed() || fail(launch, done.error());
}

void forget_cgroup(Cgroup& cgroup) {
  cgroup.above.reset();
  cgroup.inside.reset();
  cgroup.outside.reset();
  cgroup.guard.socket.reset();
}

Usage usage_of(const Cgroup& cgroup) {
  if (!cgroup.inside.is_open()) return {};
  const PathFd& inside = cgroup.inside;
  return {.known = true,
          .cpu_us = count_of(inside, "cpu.stat", "usage_usec "),
          .throttled_us = count_of(inside, "cpu.stat", "throttled_usec "),
          .memory_peak = count_of(inside, "memory.peak", ""),
          .pids_refused = count_of(inside, "pids.events", "max "),
          .over_memory = count_of(inside, "memory.events", "oom "),
          .oom_kills = count_of(inside, "memory.events", "oom_kill ")};
}

void close_cgroup(const Launch& launch, Cgroup& cgroup) {
  const auto* const step = launch.plan.find<plan::ResourcesLimitCgroup>();
  if (step == nullptr || !cgroup.above.is_open()) return;
  const Status done = take_away(*step, cgroup);
  const Status rest = finish_guard(cgroup.guard);
  if (done.failed()) static_cast<void>(fail(launch, done.error()));
  if (rest.failed()) static_cast<void>(fail(launch, rest.error()));
}

}  // namespace palisade
