// An IP address of either family, and ranges of them.
#pragma once

#include <cstddef>
#include <cstdint>

namespace palisade {

struct Ip {
  std::uint8_t family = 0;      // 4 or 6; 0: none
  std::uint8_t bytes[16] = {};  // network order; IPv4 in the first four, and zeros

  [[nodiscard]] constexpr std::size_t size() const { return family == 4 ? 4 : 16; }
  [[nodiscard]] std::uint8_t bits() const { return family == 4 ? 32 : 128; }
  friend bool operator==(const Ip&, const Ip&) = default;
};

// The address that stands `number` (of 65536) behind `first`, whose last two bytes are zero.
[[nodiscard]] constexpr Ip numbered(const Ip& first, std::uint32_t number) {
  Ip result = first;
  result.bytes[result.size() - 2] = static_cast<std::uint8_t>(number >> 8);
  result.bytes[result.size() - 1] = static_cast<std::uint8_t>(number);
  return result;
}

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
