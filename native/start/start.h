// sandbox-exec itself: the plan that was kept of these words, if nothing has changed since; else the compiler.
#pragma once

#include "launcher/launch.h"

namespace palisade {

// The exit status of the command; the compiler takes this process's place, and does not come back.
[[nodiscard]] int start(char** argv, char** environment, Begun begun);

}  // namespace palisade
