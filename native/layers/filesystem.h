// The mount view: an empty tmpfs filled with what was granted, then made the root.
#pragma once

#include "core/fd.h"
#include "core/result.h"
#include "plan/plan.h"

namespace palisade::filesystem {

// A detached mount of what `step` grants, with its attributes set; opened by whoever can walk to the source.
Result<MountFd> open_source(const plan::FilesystemBind& step);

// The state of building; `sources` holds what the supervisor has opened already, by step index.
struct View {
  MountFd root;
  MountFd* sources = nullptr;
  std::uint32_t step = 0;
};

Status run(View& view, const plan::FilesystemCreateRoot& step);
Status run(View& view, const plan::FilesystemMakeDirectory& step);
Status run(View& view, const plan::FilesystemMakeSymlink& step);
Status run(View& view, const plan::FilesystemMakeFile& step);
Status run(View& view, const plan::FilesystemBind& step);
Status run(View& view, const plan::FilesystemPinFile& step);
Status run(View& view, const plan::FilesystemMountTmpfs& step);
Status run(View& view, const plan::FilesystemMountProc& step);

// filesystem.enter-root, in two parts: after the first one the view is the root, after the second the host's tree,
// which no absolute name reaches any more, has gone.
Status enter_root(View& view);
Status leave_host();

}  // namespace palisade::filesystem
