// SipHash-2-4 with 128 bits, as its authors' reference code has it (Aumasson and Bernstein, "SipHash: a fast
// short-input PRF"): who does not have the key cannot make the tag of any bytes.
#pragma once

#include <cstdint>
#include <cstring>
#include <span>

namespace palisade {

inline constexpr std::size_t kSipBytes = 16;
using SipKey = std::span<const std::uint8_t, kSipBytes>;

class SipTag {
 public:
  SipTag(SipKey key, std::span<const std::uint8_t> data)
      : v0_(0x736f6d6570736575 ^ word(key.data())),
        v1_(0x646f72616e646f6d ^ word(key.data() + 8) ^ 0xee),
        v2_(0x6c7967656e657261 ^ word(key.data())),
        v3_(0x7465646279746573 ^ word(key.data() + 8)) {
    const std::size_t whole = data.size() - data.size() % 8;
    for (std::size_t at = 0; at < whole; at += 8) take(word(data.data() + at));
    std::uint64_t last = std::uint64_t{data.size() & 0xff} << 56;
    for (std::size_t at = whole; at < data.size(); ++at) last |= std::uint64_t{data[at]} << (8 * (at - whole));
    take(last);
    v2_ ^= 0xee;
    for (int turn = 0; turn < 4; ++turn) round();
    first_ = v0_ ^ v1_ ^ v2_ ^ v3_;
    v1_ ^= 0xdd;
    for (int turn = 0; turn < 4; ++turn) round();
    second_ = v0_ ^ v1_ ^ v2_ ^ v3_;
  }
  SipTag(const SipTag&) = delete;
  SipTag& operator=(const SipTag&) = delete;
  SipTag(SipTag&&) = delete;
  SipTag& operator=(SipTag&&) = delete;
  // Its rounds can be turned back: with the data, the last state gives the key.
  ~SipTag() { ::explicit_bzero(this, sizeof *this); }

  // Takes as long whatever differs.
  [[nodiscard]] bool is(std::span<const std::uint8_t, kSipBytes> tag) const {
    return ((first_ ^ word(tag.data())) | (second_ ^ word(tag.data() + 8))) == 0;
  }
  void copy_to(std::span<std::uint8_t, kSipBytes> tag) const {
    for (std::size_t at = 0; at < 8; ++at) {
      tag[at] = static_cast<std::uint8_t>(first_ >> (8 * at));
      tag[at + 8] = static_cast<std::uint8_t>(second_ >> (8 * at));
    }
  }

 private:
  static std::uint64_t word(const std::uint8_t* bytes) {
    std::uint64_t value = 0;
    for (std::size_t at = 0; at < 8; ++at) value |= std::uint64_t{bytes[at]} << (8 * at);
    return value;
  }
  static std::uint64_t turned(std::uint64_t value, unsigned bits) { return value << bits | value >> (64 - bits); }

  void take(std::uint64_t value) {
    v3_ ^= value;
    round();
    round();
    v0_ ^= value;
  }
  void round() {
    v0_ += v1_;
    v1_ = turned(v1_, 13) ^ v0_;
    v0_ = turned(v0_, 32);
    v2_ += v3_;
    v3_ = turned(v3_, 16) ^ v2_;
    v0_ += v3_;
    v3_ = turned(v3_, 21) ^ v0_;
    v2_ += v1_;
    v1_ = turned(v1_, 17) ^ v2_;
    v2_ = turned(v2_, 32);
  }

  std::uint64_t v0_, v1_, v2_, v3_;
  std::uint64_t first_ = 0;
  std::uint64_t second_ = 0;
};

}  // namespace palisade
