// An IP address of either family, and ranges of them.
#pragma once

#include <cstddef>
#include <cstdint>

namespace palisade {

struct Ip {
  std::uint8_t family = 0;      // 4 or 6; 0: none
  std::uint8_t bytes[16] = {};  // network order; IPv4 in the first four, and zeros

  [[nodiscard]] std::size_t size() const { return family == 4 ? 4 : 16; }
  [[nodiscard]] std::uint8_t bits() const { return family == 4 ? 32 : 128; }
  friend bool operator==(const Ip&, const Ip&) = default;
};

// Whether the first `prefix` bits of `address` are those of `range`.
[[nodiscard]] constexpr bool in_range(const Ip& address, const Ip& range, std::uint8_t prefix) {
  if (address.family != range.family || prefix > address.bits()) return false;
  for (std::uint8_t bit = 0; bit < prefix; bit = static_cast<std::uint8_t>(bit + 8)) {
    const int rest = prefix - bit;
    const int shift = rest >= 8 ? 0 : 8 - rest;
    if (((address.bytes[bit / 8] ^ range.bytes[bit / 8]) >> shift) != 0) return false;
  }
  return true;
}

}  // namespace palisade
