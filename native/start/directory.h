// Where plans are kept.
#pragma once

#include "core/fd.h"

namespace palisade {

// The file of that name in `directory`, if nobody else owns it or may look at it; not open: there is none.
[[nodiscard]] FileFd open_kept(const char* directory, const char* name);
// The same in the first place that has one of those where plans are kept when the caller names none.
[[nodiscard]] FileFd open_kept_by_default(char** environment, const char* name);

}  // namespace palisade
