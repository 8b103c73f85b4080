#include "launcher/cgroup_place.h"

#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstring>
#include <span>

#include "launcher/lines.h"
#include "sys/files.h"

namespace palisade {
namespace {

constexpr char kMountPoint[] = "/sys/fs/cgroup";
constexpr std::size_t kPathMax = 4096;

// This process's own: the line `0::PATH` of proc_pid_cgroup(5). What lies outside of our cgroup namespace has no path
// that would lead there.
Result<PathFd> open_own() {
  char text[kPathMax * 2];
  Result<FileFd> file = sys::open_file("/proc/self/cgroup");
  if (file.failed()) return file.error();
  const std::span<std::uint8_t> buffer(reinterpret_cast<std::uint8_t*>(text), sizeof text - 1);
  const Result<std::size_t> count = sys::read_all(file.value().number(), buffer);
  if (count.failed()) return count.error();
  text[count.value()] = '\0';
  const char* const own = value_of(text, "0::");
  if (own == nullptr || std::strncmp(own, "/..", 3) == 0) return SysError{"cgroup", ENOENT};
  char path[kPathMax];
  const std::size_t length = std::strcspn(own, "\n");
  const std::size_t prefix = sizeof kMountPoint - 1;
  if (prefix + length >= sizeof path) return SysError{"cgroup", ENAMETOOLONG};
  std::memcpy(path, kMountPoint, prefix);
  std::memcpy(path + prefix, own, length);
  path[prefix + length] = '\0';
  return sys::open_path_without_symlinks(path);
}

// Whether this process is in there. A cgroup namespace of our own makes the path begin at its root, and what is mounted
// may begin elsewhere: then the path leads to somebody else's cgroup, in which none of the caller's limits hold.
Result<bool> holds_self(const PathFd& cgroup) {
  Result<FileFd> opened = sys::open_file_in(cgroup.number(), "cgroup.procs");
  if (opened.failed()) return opened.error();
  const auto self = static_cast<std::uint64_t>(::getpid());
  std::uint64_t number = 0;
  for (;;) {
    char text[kPathMax];
    const ssize_t count = ::read(opened.value().number(), text, sizeof text);
    if (count < 0) return SysError{"cgroup.procs", errno};
    if (count == 0) return false;
    for (ssize_t index = 0; index < count; ++index) {
      if (text[index] == '\n') {
        if (number == self) return true;
        number = 0;
      } else {
        number = number * 10 + static_cast<std::uint64_t>(text[index] - '0');
      }
    }
  }
}

}  // namespace

Result<PathFd> open_above(const plan::ResourcesLimitCgroup& step) {
  if (!is_own(step)) return sys::open_path_without_symlinks(step.above.data);
  Result<PathFd> own = open_own();
  if (own.failed()) return own;
  const Result<bool> within = holds_self(own.value());
  if (within.failed()) return within.error();
  if (!within.value()) return SysError{"cgroup", ENOENT};
  return own;
}

}  // namespace palisade
