#include "start/directory.h"

#include <sys/stat.h>

#include <cstdio>
#include <cstring>

#include "start/expectations.h"
#include "sys/files.h"
#include "sys/host.h"

namespace palisade {
namespace {

// As src/host/plan-directories.ts has them.
struct Place {
  const char* variable;
  const char* below;
};
constexpr Place kPlaces[] = {{"XDG_RUNTIME_DIR", ""}, {"XDG_CACHE_HOME", ""}, {"HOME", "/.cache"}};

bool is_own(int fd, std::uint32_t type, std::uint32_t mode) {
  const Result<sys::Node> node = sys::look_at(fd);
  return !node.failed() && node.value().mode == (type | mode) && node.value().uid == sys::ids().uid;
}

FileFd open_in(const char* base, const char* below, const char* name) {
  char path[4096];
  const int size = std::snprintf(path, sizeof path, "%s%s/palisade/plans", base, below);
  if (base[0] != '/' || size < 0 || static_cast<std::size_t>(size) >= sizeof path) return {};
  const Result<PathFd> directory = sys::open_path(path);
  if (directory.failed() || !is_own(directory.value().number(), S_IFDIR, 0700)) return {};
  Result<FileFd> file = sys::open_still_in(directory.value().number(), name);
  // One link: nobody has it under another name.
  if (file.failed() || !is_own(file.value().number(), S_IFREG, 0600)) return {};
  const Result<sys::Node> node = sys::look_at(file.value().number());
  return node.failed() || node.value().links != 1 ? FileFd() : std::move(file.value());
}

}  // namespace

FileFd open_kept(char** environment, const char* name) {
  for (const Place& place : kPlaces) {
    const char* const base = variable(environment, place.variable);
    if (base == nullptr) continue;
    FileFd file = open_in(base, place.below, name);
    if (file.is_open()) return file;
  }
  return {};
}

}  // namespace palisade
