// Where plans are kept.
#pragma once

#include "core/fd.h"

namespace palisade {

// The file of that name in the directory that the caller has named, if nobody else can have written it; not open: there
// is none.
[[nodiscard]] FileFd open_kept(const char* directory, const char* name);

}  // namespace palisade
