// Names of errors (errno(3)).
#pragma once

namespace palisade::sys {

// `ENOENT`; null: the kernel's headers have no such number.
const char* errno_name(int error);

}  // namespace palisade::sys
