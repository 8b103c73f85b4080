#include "start/mounts.h"

#include <sys/mman.h>

#include <cstring>

#include "launcher/launch_plan.h"
#include "sys/files.h"

namespace palisade {
namespace {

// As src/launch/keep.ts has it.
constexpr std::size_t kPointsMax = 1024;
// A table that is longer is told by the compiler.
constexpr std::size_t kTableBytesMax = 4 << 20;
constexpr std::size_t kPointField = 4;

bool is_octal(char letter) {
  return letter >= '0' && letter <= '7';
}

// Blanks and backslashes stand as three octal digits (proc_pid_mountinfo(5)); in place.
void unescape(char* field) {
  char* out = field;
  for (const char* in = field; *in != '\0'; ++out) {
    if (in[0] == '\\' && is_octal(in[1]) && is_octal(in[2]) && is_octal(in[3])) {
      *out = static_cast<char>((in[1] - '0') << 6 | (in[2] - '0') << 3 | (in[3] - '0'));
      in += 4;
    } else {
      *out = *in++;
    }
  }
  *out = '\0';
}

std::size_t place_of(std::span<const plan::Text> texts, const char* wanted) {
  std::size_t place = 0;
  while (place < texts.size() && std::strcmp(texts[place].data, wanted) != 0) ++place;
  return place;
}

struct Mount {
  char* point = nullptr;
  char* type = nullptr;
};

// The fifth field, and the first behind the lone `-`; null: no such line.
Mount mount_of(char* line) {
  Mount mount;
  char* rest = nullptr;
  std::size_t field = 0;
  bool behind = false;
  for (char* word = ::strtok_r(line, " ", &rest); word != nullptr; word = ::strtok_r(nullptr, " ", &rest), ++field) {
    if (behind) {
      mount.type = word;
      return mount;
    }
    if (field == kPointField) mount.point = word;
    behind = field > kPointField && std::strcmp(word, "-") == 0;
  }
  return mount;
}

// `path` is `directory` or lies beneath it.
bool is_within(const char* path, const char* directory) {
  const std::size_t length = std::strcmp(directory, "/") == 0 ? 0 : std::strlen(directory);
  return std::strncmp(path, directory, length) == 0 && (path[length] == '/' || path[length] == '\0');
}

bool matters(const plan::Plan& plan, const char* point) {
  for (const plan::Step& step : plan.steps) {
    const auto* const bind = std::get_if<plan::FilesystemBind>(&step.body);
    if (bind == nullptr) continue;
    if (is_within(point, bind->source.data) || is_within(bind->source.data, point)) return true;
  }
  return false;
}

}  // namespace

bool mounts_are(const plan::Plan& plan, const plan::StartExpectMounts& step) {
  if (step.points.size() > kPointsMax) return false;
  const Result<FileFd> file = sys::open_file("/proc/self/mountinfo");
  const Result<std::span<std::byte>> memory = reserve(kTableBytesMax, MAP_PRIVATE);
  if (file.failed() || memory.failed()) return false;
  char* const table = reinterpret_cast<char*>(memory.value().data());
  const Result<std::size_t> size =
      sys::read_all(file.value().number(), {reinterpret_cast<std::uint8_t*>(table), kTableBytesMax - 1});
  if (size.failed()) return false;
  bool seen[kPointsMax] = {};
  std::size_t points = 0;
  char* rest = nullptr;
  for (char* line = ::strtok_r(table, "\n", &rest); line != nullptr; line = ::strtok_r(nullptr, "\n", &rest)) {
    const Mount mount = mount_of(line);
    if (mount.type == nullptr || mount.point == nullptr) return false;
    if (place_of(step.types, mount.type) == step.types.size()) continue;
    unescape(mount.point);
    if (!matters(plan, mount.point)) continue;
    const std::size_t place = place_of(step.points, mount.point);
    if (place == step.points.size()) return false;
    points += seen[place] ? 0 : 1;
    seen[place] = true;
  }
  return points == step.points.size();
}

}  // namespace palisade
