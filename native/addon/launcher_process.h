// The launcher as a child of Node's. Node's own spawn copies the tables of all of Node's memory for it (fork(2)), which
// takes longer than the launcher's start.
#pragma once

#include <napi.h>

namespace palisade {

/// startLauncher(path, words, descriptors): posix_spawn(3) with an empty environment, in a session of its own; its pid.
/// `descriptors` are pairs of the child's number and ours.
Napi::Value start_launcher(const Napi::CallbackInfo& info);

/// reapLauncher(pid): waits for its end; `exitCode` or the number of a `signal`, the other one null.
Napi::Value reap_launcher(const Napi::CallbackInfo& info);

}  // namespace palisade
