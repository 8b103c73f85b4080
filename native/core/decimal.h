// A number's decimal digits.
#pragma once

#include <cstdint>

namespace palisade {

class Decimal {
 public:
  explicit Decimal(std::uint64_t number) {
    do {
      *--start_ = static_cast<char>('0' + number % 10);
      number /= 10;
    } while (number != 0);
  }
  // It points into itself.
  Decimal(const Decimal&) = delete;
  Decimal& operator=(const Decimal&) = delete;
  [[nodiscard]] const char* text() const { return start_; }

 private:
  char buffer_[21] = {};
  char* start_ = buffer_ + 20;
};

}  // namespace palisade
