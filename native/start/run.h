// Runs a plan that is not from the compiler's hands, in its place.
#pragma once

#include "core/fd.h"
#include "launcher/launch.h"
#include "start/expectations.h"

namespace palisade {

// Whether the descriptors that the plan passes on are open, and its Report could be opened; `report` owns that.
[[nodiscard]] bool can_run(Launch& launch, FileFd& report);

// The exit status of the command. `caller.words.program` are the program's words; none: the plan's own.
[[nodiscard]] int run_kept(Launch& launch, const Caller& caller, char** argv);

}  // namespace palisade
