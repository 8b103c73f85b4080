// For loops that stay loops.
#pragma once

namespace palisade::freestanding {

// A step of which a compiler does not know what it does. Without it, it makes a call of memcpy of a loop that copies:
// in memcpy too.
inline void step() {
  asm volatile("" : : : "memory");
}

}  // namespace palisade::freestanding
