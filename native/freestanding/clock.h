// clock_gettime(2) without a call of the kernel, where that can be: a relay asks at every turn of its loop.
#pragma once

#include <cstdint>

namespace palisade::freestanding {

// `vdso` is AT_SYSINFO_EHDR. Before the image is protected.
void find_clock(std::uintptr_t vdso);

}  // namespace palisade::freestanding
