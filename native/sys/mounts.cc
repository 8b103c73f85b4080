#include "sys/mounts.h"

#include <fcntl.h>
#include <sys/mount.h>

#include "sys/raw.h"

namespace palisade::sys {
namespace {

struct MountAttributes {  // struct mount_attr of linux/mount.h, which clashes with sys/mount.h on some libcs
  std::uint64_t set = 0;
  std::uint64_t clear = 0;
  std::uint64_t propagation = 0;
  std::uint64_t user_namespace = 0;
};
static_assert(sizeof(MountAttributes) == 32);

constexpr unsigned kOpenTreeClone = 1;
constexpr unsigned kOpenTreeCloexec = O_CLOEXEC;
constexpr unsigned kRecursive = 0x8000;
constexpr unsigned kMoveFromEmptyPath = 0x4;
constexpr unsigned kMoveToEmptyPath = 0x40;
constexpr unsigned kContextCloexec = 1;
constexpr unsigned kMountCloexec = 1;
constexpr unsigned kSetFlag = 0;
constexpr unsigned kSetString = 1;
constexpr unsigned kCreate = 6;

Status set_attributes(int fd, const char* path, unsigned flags, const MountAttributes& attributes) {
  return raw("mount_setattr", SYS_mount_setattr, fd, path, flags, &attributes, sizeof attributes).status();
}

}  // namespace

Status make_mounts_private() {
  MountAttributes attributes;
  attributes.propagation = MS_PRIVATE;
  return set_attributes(AT_FDCWD, "/", kRecursive, attributes);
}

Result<MountFd> clone_tree(int path) {
  return to_fd<MountFd>(
      raw("open_tree", SYS_open_tree, path, "", kOpenTreeClone | kOpenTreeCloexec | kRecursive | AT_EMPTY_PATH));
}

Result<MountFd> clone_tree_at(int parent, const char* name) {
  return to_fd<MountFd>(
      raw("open_tree", SYS_open_tree, parent, name, kOpenTreeClone | kOpenTreeCloexec | AT_SYMLINK_NOFOLLOW));
}

Status add_attributes(int mount, std::uint64_t attributes) {
  MountAttributes value;
  value.set = attributes;
  return set_attributes(mount, "", AT_EMPTY_PATH | kRecursive, value);
}

Status add_attributes_here(int mount, std::uint64_t attributes) {
  MountAttributes value;
  value.set = attributes;
  return set_attributes(mount, "", AT_EMPTY_PATH, value);
}

Status attach(int mount, int target) {
  return raw("move_mount", SYS_move_mount, mount, "", target, "", kMoveFromEmptyPath | kMoveToEmptyPath).status();
}

Status attach_at_root(int mount) {
  return raw("move_mount", SYS_move_mount, mount, "", AT_FDCWD, "/", kMoveFromEmptyPath).status();
}

Result<FilesystemContextFd> open_filesystem(const char* type) {
  return to_fd<FilesystemContextFd>(raw("fsopen", SYS_fsopen, type, kContextCloexec));
}

Status configure(int context, const char* key, const char* value) {
  if (value == nullptr) return raw("fsconfig", SYS_fsconfig, context, kSetFlag, key, nullptr, 0).status();
  return raw("fsconfig", SYS_fsconfig, context, kSetString, key, value, 0).status();
}

Result<MountFd> create_mount(int context, std::uint64_t attributes) {
  const Result<long> created = raw("fsconfig", SYS_fsconfig, context, kCreate, nullptr, nullptr, 0);
  if (created.failed()) return created.error();
  return to_fd<MountFd>(raw("fsmount", SYS_fsmount, context, kMountCloexec, static_cast<unsigned>(attributes)));
}

Status enter_current_directory_as_root() {
  // pivot_root(".", ".") stacks the old root on the new one, where it can be detached without a directory to hold it.
  return raw("pivot_root", SYS_pivot_root, ".", ".").status();
}

Status detach_old_root() {
  const Status detached = raw("umount2", SYS_umount2, ".", MNT_DETACH).status();
  if (detached.failed()) return detached;
  return raw("chdir", SYS_chdir, "/").status();
}

}  // namespace palisade::sys
