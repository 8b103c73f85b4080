#include "launcher/id_maps.h"

#include "core/decimal.h"
#include "sys/files.h"

namespace palisade {
namespace {

// Text of "/proc/PID/FILE" and of "INSIDE OUTSIDE 1".
class Text {
 public:
  Text& add(const char* text) {
    while (*text != '\0' && size_ < sizeof buffer_ - 1) buffer_[size_++] = *text++;
    return *this;
  }
  Text& add(std::uint32_t number) { return add(Decimal(number).text()); }
  [[nodiscard]] const char* data() const { return buffer_; }
  [[nodiscard]] std::size_t size() const { return size_; }

 private:
  char buffer_[64] = {};
  std::size_t size_ = 0;
};

Status write_map(sys::Pid pid, const char* file, std::uint32_t inside, std::uint32_t outside) {
  Text path;
  path.add("/proc/").add(static_cast<std::uint32_t>(pid)).add("/").add(file);
  Text line;
  line.add(inside).add(" ").add(outside).add(" 1");
  const Status written = sys::write_file(path.data(), line.data(), line.size());
  if (written.failed()) return SysError{file, written.error().error};
  return written;
}

}  // namespace

Status write_id_maps(sys::Pid pid, const plan::NamespacesClone& step, bool privileged) {
  if (!privileged) {
    // user_namespaces(7): without privilege a gid map may only be written once setgroups(2) is denied.
    Text path;
    path.add("/proc/").add(static_cast<std::uint32_t>(pid)).add("/setgroups");
    const Status denied = sys::write_file(path.data(), "deny", 4);
    if (denied.failed()) return SysError{"setgroups", denied.error().error};
  }
  const Status group = write_map(pid, "gid_map", step.gid_inside, step.gid_outside);
  if (group.failed()) return group;
  return write_map(pid, "uid_map", step.uid_inside, step.uid_outside);
}

}  // namespace palisade
