// The functions that the kernel maps into every process (vdso(7)).
#pragma once

#include <cstdint>

namespace palisade::freestanding {

// The address of one in the image at `base` (AT_SYSINFO_EHDR); 0: there is none.
[[nodiscard]] std::uintptr_t find_in_vdso(std::uintptr_t base, const char* name);

}  // namespace palisade::freestanding
