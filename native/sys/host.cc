#include "sys/host.h"

#include <linux/capability.h>
#include <linux/landlock.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>

#include "sys/raw.h"

namespace palisade::sys {
namespace {

Node node_of(const struct stat& status) {
  return {static_cast<std::uint32_t>(status.st_mode), status.st_uid, status.st_gid,
          static_cast<std::uint64_t>(status.st_nlink)};
}

constexpr std::uint32_t kQueryVersion = 1;  // LANDLOCK_CREATE_RULESET_VERSION
constexpr std::uint32_t kQueryErrata = 2;   // LANDLOCK_CREATE_RULESET_ERRATA

}  // namespace

Result<Node> look(const char* path) {
  struct stat status{};
  if (::lstat(path, &status) != 0) return SysError{"lstat", errno};
  return node_of(status);
}

Result<Node> look_at(int fd) {
  struct stat status{};
  if (::fstat(fd, &status) != 0) return SysError{"fstat", errno};
  return node_of(status);
}

Result<std::size_t> read_link(const char* path, std::span<char> buffer) {
  const ssize_t size = ::readlink(path, buffer.data(), buffer.size());
  if (size < 0) return SysError{"readlink", errno};
  return static_cast<std::size_t>(size);
}

bool may_write(const char* path) {
  return ::access(path, W_OK) == 0;
}

bool may_execute(const char* path) {
  return ::access(path, X_OK) == 0;
}

bool exists(const char* path) {
  return ::access(path, F_OK) == 0;
}

Status working_directory(std::span<char> buffer) {
  return raw("getcwd", SYS_getcwd, buffer.data(), buffer.size()).status();
}

Result<Kernel> kernel() {
  utsname name{};
  if (::uname(&name) != 0) return SysError{"uname", errno};
  Kernel found;
  std::memcpy(found.release, name.release, std::min(sizeof found.release, sizeof name.release));
  std::memcpy(found.machine, name.machine, std::min(sizeof found.machine, sizeof name.machine));
  return found;
}

Result<LandlockVersion> landlock_version() {
  const Result<long> abi = raw("landlock_create_ruleset", SYS_landlock_create_ruleset, nullptr, 0, kQueryVersion);
  // ENOSYS: not built. EOPNOTSUPP: built, but not in the kernel's `lsm=` list.
  if (abi.failed() && abi.error().error != ENOSYS && abi.error().error != EOPNOTSUPP) return abi.error();
  if (abi.failed()) return LandlockVersion();
  // A kernel without this query tells of no fix, so none counts as there.
  const Result<long> errata = raw("landlock_create_ruleset", SYS_landlock_create_ruleset, nullptr, 0, kQueryErrata);
  return LandlockVersion{static_cast<std::uint32_t>(abi.value()),
                         errata.failed() ? 0 : static_cast<std::uint32_t>(errata.value())};
}

Result<std::uint64_t> hard_limit(std::uint32_t resource) {
  std::uint64_t limit[2] = {};  // struct rlimit64
  const Status got = raw("prlimit64", SYS_prlimit64, 0, resource, nullptr, limit).status();
  if (got.failed()) return got.error();
  return limit[1];
}

Result<bool> has_capability(std::uint32_t capability) {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct data[2] = {};
  const Status got = raw("capget", SYS_capget, &header, data).status();
  if (got.failed()) return got.error();
  return (data[capability / 32].effective >> (capability % 32) & 1) != 0;
}

Ids ids() {
  return {::getuid(), ::getgid(), ::getuid() != ::geteuid() || ::getgid() != ::getegid()};
}

}  // namespace palisade::sys
