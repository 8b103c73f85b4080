// The mount API of descriptors: open_tree(2), mount_setattr(2), move_mount(2), fsopen(2), pivot_root(2).
#pragma once

#include <cstdint>

#include "core/fd.h"
#include "core/result.h"

namespace palisade::sys {

inline constexpr std::uint64_t kMountReadOnly = 0x1;
inline constexpr std::uint64_t kMountNoSuid = 0x2;
inline constexpr std::uint64_t kMountNoDevices = 0x4;
inline constexpr std::uint64_t kMountNoExec = 0x8;

// No mount made from here on is seen outside, and none made outside is seen here.
Status make_mounts_private();
// A detached copy of the mount at `path` with everything mounted below it.
Result<MountFd> clone_tree(int path);
// As above, of `name` in the directory `parent`.
Result<MountFd> clone_tree_at(int parent, const char* name);
// Adds attributes to a detached copy and to all below it.
Status add_attributes(int mount, std::uint64_t attributes);
// Adds attributes to this one mount.
Status add_attributes_here(int mount, std::uint64_t attributes);
Status attach(int mount, int target);
// Attaches on top of the process's own root directory.
Status attach_at_root(int mount);

Result<FilesystemContextFd> open_filesystem(const char* type);
Status configure(int context, const char* key, const char* value);
Result<MountFd> create_mount(int context, std::uint64_t attributes);

// Makes the current directory, a mount point, the root of every process of this mount namespace whose root was the old
// one; that stays, stacked on it, out of the reach of absolute names.
Status enter_current_directory_as_root();
// Detaches what enter_current_directory_as_root() has left.
Status detach_old_root();

}  // namespace palisade::sys
