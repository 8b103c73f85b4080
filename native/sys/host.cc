#include "sys/host.h"

#include <fcntl.h>
#include <linux/capability.h>
#include <linux/landlock.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>

#include "sys/file_status.h"
#include "sys/numbers.h"
#include "sys/raw.h"

namespace palisade::sys {
namespace {

Result<Node> node_of(const Result<FileStatus>& status) {
  if (status.failed()) return status.error();
  const FileStatus& found = status.value();
  return Node{found.mode, found.uid, found.gid, found.links};
}

// By the real ids, as access(2).
bool may(const char* path, int mode) {
  return !raw("faccessat", SYS_faccessat, AT_FDCWD, path, mode).failed();
}

constexpr std::uint32_t kQueryVersion = 1;  // LANDLOCK_CREATE_RULESET_VERSION
constexpr std::uint32_t kQueryErrata = 2;   // LANDLOCK_CREATE_RULESET_ERRATA

}  // namespace

Result<Node> look(const char* path) {
  return node_of(status_of(path));
}

Result<Node> look_at(int fd) {
  return node_of(status_of(fd));
}

Result<std::size_t> read_link(const char* path, std::span<char> buffer) {
  const Result<long> size = raw("readlinkat", SYS_readlinkat, AT_FDCWD, path, buffer.data(), buffer.size());
  if (size.failed()) return size.error();
  return static_cast<std::size_t>(size.value());
}

bool may_write(const char* path) {
  return may(path, W_OK);
}

bool may_execute(const char* path) {
  return may(path, X_OK);
}

bool exists(const char* path) {
  return may(path, F_OK);
}

Status working_directory(std::span<char> buffer) {
  return raw("getcwd", SYS_getcwd, buffer.data(), buffer.size()).status();
}

Result<Kernel> kernel() {
  utsname name{};
  const Status told = raw("uname", SYS_uname, &name).status();
  if (told.failed()) return told.error();
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
  std::uint32_t uid[3] = {};  // real, effective, saved
  std::uint32_t gid[3] = {};
  // They cannot fail: the addresses are right. If they did, the caller is nobody whom a plan was made for.
  const bool told = !raw("getresuid", kGetUids, &uid[0], &uid[1], &uid[2]).failed() &&
                    !raw("getresgid", kGetGids, &gid[0], &gid[1], &gid[2]).failed();
  return {uid[0], gid[0], !told || uid[0] != uid[1] || gid[0] != gid[1]};
}

}  // namespace palisade::sys
