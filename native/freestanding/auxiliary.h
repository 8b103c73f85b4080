// What the kernel tells a program that it starts (getauxval(3)).
#pragma once

#include <elf.h>

#include <cstdint>

namespace palisade::freestanding {

// `vector` is where it lies on the stack.
void set_auxiliary(const void* vector);
// 0: it says nothing of `type`.
[[nodiscard]] std::uintptr_t auxiliary(std::uintptr_t type);

}  // namespace palisade::freestanding
