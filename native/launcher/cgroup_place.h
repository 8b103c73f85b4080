// Whose child the sandbox's cgroup is.
#pragma once

#include "core/fd.h"
#include "core/result.h"
#include "plan/plan.h"

namespace palisade {

// The launcher's own: it has to leave that, or nothing could be handed on. In one that is named it never was.
inline bool is_own(const plan::ResourcesLimitCgroup& step) {
  return step.above.size == 0;
}

[[nodiscard]] Result<PathFd> open_above(const plan::ResourcesLimitCgroup& step);

}  // namespace palisade
