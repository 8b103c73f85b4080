#include "start/directory.h"

#include <sys/stat.h>

#include <cstring>

#include "core/join.h"
#include "start/expectations.h"
#include "sys/files.h"
#include "sys/host.h"

namespace palisade {
namespace {

bool is_own(const sys::Node& node, std::uint32_t mode) {
  return node.mode == mode && node.uid == sys::ids().uid;
}

// Absolute, without empty, "." or ".." components.
bool is_plain(const char* path) {
  if (path[0] != '/' || path[1] == '\0') return false;
  for (const char* part = path; *part != '\0';) {
    ++part;
    const std::size_t length = std::strcspn(part, "/");
    if (length == 0 || (length == 1 && part[0] == '.') || (length == 2 && part[0] == '.' && part[1] == '.'))
      return false;
    part += length;
  }
  return true;
}

// As src/host/plan-places.ts has them, in its order.
struct Place {
  const char* variable;
  const char* rest;
};
constexpr Place kPlaces[] = {
    {"XDG_RUNTIME_DIR", "/palisade"}, {"XDG_CACHE_HOME", "/palisade"}, {"HOME", "/.cache/palisade"}};

}  // namespace

FileFd open_kept(const char* directory, const char* name) {
  if (!is_plain(directory)) return {};
  // A symlink on the way could lead to where a program may write.
  const Result<PathFd> opened = sys::open_path_without_symlinks(directory);
  if (opened.failed()) return {};
  const Result<sys::Node> place = sys::look_at(opened.value().number());
  if (place.failed() || !is_own(place.value(), S_IFDIR | 0700)) return {};
  Result<FileFd> file = sys::open_still_in(opened.value().number(), name);
  if (file.failed()) return {};
  const Result<sys::Node> node = sys::look_at(file.value().number());
  // One link: nobody has it under another name.
  const bool is_ours = !node.failed() && is_own(node.value(), S_IFREG | 0600) && node.value().links == 1;
  return is_ours ? std::move(file.value()) : FileFd();
}

FileFd open_kept_by_default(char** environment, const char* name) {
  for (const Place& place : kPlaces) {
    const char* const above = variable(environment, place.variable);
    if (above == nullptr || above[0] != '/') continue;
    char directory[4096];
    if (!join(directory, {above, place.rest})) continue;
    FileFd file = open_kept(directory, name);
    if (file.is_open()) return file;
  }
  return {};
}

}  // namespace palisade
