#include "layers/filesystem.h"

#include <cerrno>
#include <cstring>

#include "core/decimal.h"
#include "sys/files.h"
#include "sys/mounts.h"

namespace palisade::filesystem {
namespace {

constexpr char kPinName[] = ".pin";

struct Octal {
  explicit Octal(std::uint32_t mode) {
    for (int digit = 3; digit >= 0; --digit, mode >>= 3) text[digit] = static_cast<char>('0' + (mode & 7));
  }
  char text[5] = {};
};

// The directory that holds `target`, and the last component of its name.
struct Place {
  PathFd parent;
  const char* name = nullptr;
};

Result<Place> place_of(const View& view, const plan::Path& target) {
  const char* const slash = std::strrchr(target.data, '/');
  const auto length = static_cast<std::size_t>(slash - target.data);
  char parent[4096];
  std::memcpy(parent, target.data, length);
  parent[length] = '\0';
  Result<PathFd> opened = sys::open_path_in(view.root.number(), length == 0 ? "/" : parent);
  if (opened.failed()) return opened.error();
  Place place;
  place.parent = std::move(opened.value());
  place.name = slash + 1;
  return place;
}

Status attach_in(const View& view, const MountFd& mount, const plan::Path& target) {
  Result<PathFd> place = sys::open_path_in(view.root.number(), target.data);
  if (place.failed()) return place.error();
  return sys::attach(mount.number(), place.value().number());
}

Result<MountFd> new_tmpfs(std::uint64_t size_bytes, std::uint32_t mode, std::uint64_t attributes) {
  Result<FilesystemContextFd> context = sys::open_filesystem("tmpfs");
  if (context.failed()) return context.error();
  const int number = context.value().number();
  const Status sized = sys::configure(number, "size", Decimal(size_bytes).text());
  if (sized.failed()) return sized.error();
  const Status moded = sys::configure(number, "mode", Octal(mode).text);
  if (moded.failed()) return moded.error();
  return sys::create_mount(number, attributes);
}

}  // namespace

Result<MountFd> open_source(const plan::FilesystemBind& step) {
  Result<PathFd> source = sys::open_path_without_symlinks(step.source.data);
  if (source.failed()) return source.error();
  Result<std::uint32_t> type = sys::file_type(source.value().number());
  if (type.failed()) return type.error();
  // ESTALE: something else stands there now than when the plan was made.
  if (type.value() != step.type) return SysError{"fstat", ESTALE};
  Result<MountFd> mount = sys::clone_tree(source.value().number());
  if (mount.failed()) return mount.error();
  const Status attributed = sys::add_attributes(mount.value().number(), step.attributes);
  if (attributed.failed()) return attributed.error();
  return mount;
}

Status run(View& view, const plan::FilesystemCreateRoot& step) {
  const Status isolated = sys::make_mounts_private();
  if (isolated.failed()) return isolated;
  Result<MountFd> root = new_tmpfs(step.size_bytes, 0755, sys::kMountNoSuid | sys::kMountNoDevices);
  if (root.failed()) return root.error();
  view.root = std::move(root.value());
  // On top of "/", but not under this process: absolute paths still name the host's files until enter-root.
  return sys::attach_at_root(view.root.number());
}

Status run(View& view, const plan::FilesystemMakeDirectory& step) {
  Result<Place> place = place_of(view, step.target);
  if (place.failed()) return place.error();
  return sys::make_directory(place.value().parent.number(), place.value().name, step.mode);
}

Status run(View& view, const plan::FilesystemMakeSymlink& step) {
  Result<Place> place = place_of(view, step.target);
  if (place.failed()) return place.error();
  return sys::make_symlink(place.value().parent.number(), place.value().name, step.content.data);
}

Status run(View& view, const plan::FilesystemMakeFile& step) {
  Result<Place> place = place_of(view, step.target);
  if (place.failed()) return place.error();
  return sys::make_file(place.value().parent.number(), place.value().name, step.mode, step.content);
}

Status run(View& view, const plan::FilesystemBind& step) {
  MountFd& opened = view.sources[view.step];
  if (!opened.is_open()) {
    Result<MountFd> source = open_source(step);
    if (source.failed()) return source.error();
    opened = std::move(source.value());
  }
  const Status attached = attach_in(view, opened, step.target);
  opened.reset();
  return attached;
}

Status run(View& view, const plan::FilesystemPinFile& step) {
  const int root = view.root.number();
  const Status made = sys::make_file(root, kPinName, step.mode, step.content);
  if (made.failed()) return made;
  Result<MountFd> mount = sys::clone_tree_at(root, kPinName);
  if (mount.failed()) return mount.error();
  constexpr std::uint64_t kPinned = sys::kMountReadOnly | sys::kMountNoSuid | sys::kMountNoDevices | sys::kMountNoExec;
  const Status attributed = sys::add_attributes(mount.value().number(), kPinned);
  if (attributed.failed()) return attributed;
  const Status attached = attach_in(view, mount.value(), step.target);
  if (attached.failed()) return attached;
  // The mount keeps the inode; its name in the root goes.
  return sys::remove_file(root, kPinName);
}

Status run(View& view, const plan::FilesystemMountTmpfs& step) {
  Result<MountFd> mount = new_tmpfs(step.size_bytes, step.mode, step.attributes);
  if (mount.failed()) return mount.error();
  return attach_in(view, mount.value(), step.target);
}

Status run(View& view, const plan::FilesystemMountProc& step) {
  Result<FilesystemContextFd> context = sys::open_filesystem("proc");
  if (context.failed()) return context.error();
  const Status subset = sys::configure(context.value().number(), "subset", "pid");
  if (subset.failed()) return subset;
  constexpr std::uint64_t kProc = sys::kMountNoSuid | sys::kMountNoDevices | sys::kMountNoExec;
  Result<MountFd> mount = sys::create_mount(context.value().number(), kProc);
  if (mount.failed()) return mount.error();
  return attach_in(view, mount.value(), step.target);
}

Status enter_root(View& view) {
  const Status sealed = sys::add_attributes_here(view.root.number(), sys::kMountReadOnly);
  if (sealed.failed()) return sealed;
  const Status moved = sys::change_directory_to(view.root.number());
  if (moved.failed()) return moved;
  view.root.reset();
  return sys::enter_current_directory_as_root();
}

Status leave_host() {
  return sys::detach_old_root();
}

}  // namespace palisade::filesystem
