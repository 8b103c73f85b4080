// xorshift64*: the same seed gives the same inputs everywhere.
#pragma once

#include <cstddef>
#include <cstdint>

namespace palisade::fuzz {

struct Random {
  std::uint64_t state;  // not 0
  std::uint64_t next() {
    state ^= state >> 12;
    state ^= state << 25;
    state ^= state >> 27;
    return state * 0x2545f4914f6cdd1dULL;
  }
  std::size_t below(std::size_t bound) { return static_cast<std::size_t>(next() % bound); }
};

}  // namespace palisade::fuzz
