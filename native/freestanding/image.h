// This program's image, as the kernel has mapped it: what ld.so does to others it does to itself.
#pragma once

#include <cstdint>

namespace palisade::freestanding {

// Moves every address in it to where the image is. Nothing else may be called before.
void relocate_image();
// What needs no change after that (PT_GNU_RELRO) cannot be written any more; false: the kernel refuses.
[[nodiscard]] bool protect_image(std::uintptr_t page_bytes);

}  // namespace palisade::freestanding
