// An address as text: RFC 5952 for IPv6, but for IPv4 addresses in its last 32 bits, which inet_ntop(3) writes as such.
#pragma once

#include <cstddef>
#include <cstdint>

#include "core/decimal.h"
#include "core/ip.h"

namespace palisade {

class IpText {
 public:
  // Empty for no address.
  explicit IpText(const Ip& address) {
    if (address.family == 4) dotted(address.bytes);
    if (address.family == 6) groups(address.bytes);
  }
  [[nodiscard]] const char* text() const { return buffer_; }

 private:
  static constexpr std::size_t kGroups = 8;

  struct Zeros {
    std::size_t start = kGroups;
    std::size_t count = 0;
  };

  static unsigned group(const std::uint8_t* bytes, std::size_t index) {
    return static_cast<unsigned>(bytes[2 * index] << 8 | bytes[2 * index + 1]);
  }

  // The longest run of zero groups, the first of equal ones; a single one is no run.
  static Zeros longest(const std::uint8_t* bytes) {
    Zeros best;
    std::size_t count = 0;
    for (std::size_t index = 0; index < kGroups; ++index) {
      count = group(bytes, index) == 0 ? count + 1 : 0;
      if (count > 1 && count > best.count) best = {index + 1 - count, count};
    }
    return best;
  }

  // ::a.b.c.d and ::ffff:a.b.c.d
  static bool ends_dotted(const std::uint8_t* bytes, const Zeros& zeros) {
    return zeros.start == 0 && (zeros.count == 6 || (zeros.count == 5 && group(bytes, 5) == 0xffff));
  }

  void groups(const std::uint8_t* bytes) {
    const Zeros zeros = longest(bytes);
    const bool ends = ends_dotted(bytes, zeros);
    const std::size_t last = ends ? kGroups - 2 : kGroups;
    for (std::size_t index = 0; index < last;) {
      if (index == zeros.start) {
        add("::");
        index += zeros.count;
        continue;
      }
      if (index > 0 && index != zeros.start + zeros.count) add(":");
      hex(group(bytes, index++));
    }
    if (!ends) return;
    if (zeros.count == 5) add(":");
    dotted(bytes + 12);
  }

  void dotted(const std::uint8_t* bytes) {
    for (std::size_t index = 0; index < 4; ++index) {
      if (index > 0) add(".");
      add(Decimal(bytes[index]).text());
    }
  }

  void hex(unsigned value) {
    constexpr char kHex[] = "0123456789abcdef";
    char digits[5] = {};
    std::size_t used = 0;
    for (int shift = 12; shift >= 0; shift -= 4) {
      const unsigned digit = value >> shift & 15;
      if (used > 0 || digit > 0 || shift == 0) digits[used++] = kHex[digit];
    }
    add(digits);
  }

  void add(const char* part) {
    while (*part != '\0') buffer_[size_++] = *part++;
  }

  char buffer_[40] = {};  // eight groups of four, or one of `::ffff:255.255.255.255`
  std::size_t size_ = 0;
};

}  // namespace palisade
