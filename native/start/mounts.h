// Where the kernel's own state is mounted.
#pragma once

#include "plan/plan.h"

namespace palisade {

// Whether, in or above what the plan binds, file systems of the step's types are mounted at its points, all of them,
// and nowhere else.
[[nodiscard]] bool mounts_are(const plan::Plan& plan, const plan::StartExpectMounts& step);

}  // namespace palisade
