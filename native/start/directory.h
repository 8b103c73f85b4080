// Where plans are kept.
#pragma once

#include "core/fd.h"

namespace palisade {

// The file of that name in the first of the caller's directories that has one which nobody else can have written;
// not open: there is none.
[[nodiscard]] FileFd open_kept(char** environment, const char* name);

}  // namespace palisade
