// A plan as src/launch/kept-file.ts has it in a file: a magic, a checksum or a seal, the plan.
#pragma once

#include <cstdint>
#include <cstring>
#include <span>

#include "core/siphash.h"

namespace palisade::plan {

inline constexpr char kKeptMagic[] = "PALIKEPT";
inline constexpr std::size_t kKeptHeaderBytes = 12;
inline constexpr char kSealedMagic[] = "PALISEAL";
inline constexpr std::size_t kSealedHeaderBytes = 8 + kSipBytes;

// Little-endian words of four bytes, given one at a time; what is open at the end is filled up with zeros.
class Checksum {
 public:
  Checksum(std::size_t size, std::uint32_t seed) : sum_(static_cast<std::uint32_t>(size) ^ (seed * 0x9e3779b1U)) {}

  void add(const void* data, std::size_t size) {
    const auto* byte = static_cast<const std::uint8_t*>(data);
    for (; size > 0 && filled_ != 0; --size) put(*byte++);
    for (; size >= 4; size -= 4, byte += 4)
      mix(std::uint32_t{byte[0]} | std::uint32_t{byte[1]} << 8 | std::uint32_t{byte[2]} << 16 |
          std::uint32_t{byte[3]} << 24);
    for (; size > 0; --size) put(*byte++);
  }
  [[nodiscard]] std::uint32_t value() {
    while (filled_ != 0) put(0);
    return sum_;
  }

 private:
  void put(std::uint8_t byte) {
    word_ |= std::uint32_t{byte} << (8 * filled_);
    if (++filled_ < 4) return;
    mix(word_);
    word_ = filled_ = 0;
  }
  void mix(std::uint32_t word) {
    sum_ = (sum_ ^ word) * 0x01000193U;
    sum_ ^= sum_ >> 15;
  }

  std::uint32_t sum_;
  std::uint32_t word_ = 0;
  std::uint32_t filled_ = 0;
};

// The plan in `file`; empty when it is not what was written.
[[nodiscard]] inline std::span<const std::uint8_t> kept_plan(std::span<const std::uint8_t> file) {
  if (file.size() < kKeptHeaderBytes || std::memcmp(file.data(), kKeptMagic, 8) != 0) return {};
  const std::span<const std::uint8_t> plan = file.subspan(kKeptHeaderBytes);
  Checksum sum(plan.size(), 0);
  sum.add(plan.data(), plan.size());
  const std::uint8_t* const kept = file.data() + 8;
  const std::uint32_t wanted = std::uint32_t{kept[0]} | std::uint32_t{kept[1]} << 8 | std::uint32_t{kept[2]} << 16 |
                               std::uint32_t{kept[3]} << 24;
  return sum.value() == wanted ? plan : std::span<const std::uint8_t>();
}

// The plan in a sealed `file`; empty when somebody without `key` has written it.
[[nodiscard]] inline std::span<const std::uint8_t> sealed_plan(std::span<const std::uint8_t> file, SipKey key) {
  if (file.size() < kSealedHeaderBytes || std::memcmp(file.data(), kSealedMagic, 8) != 0) return {};
  const std::span<const std::uint8_t> plan = file.subspan(kSealedHeaderBytes);
  return SipTag(key, plan).is(file.subspan<8, kSipBytes>()) ? plan : std::span<const std::uint8_t>();
}

}  // namespace palisade::plan
