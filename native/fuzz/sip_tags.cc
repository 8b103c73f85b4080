// sip-tags: the tags of the bytes 0, 1, 2 and so on, none to 63 of them, with the key of the bytes 0 to 15, a line
// each: the vectors that the authors of SipHash give.
#include <array>
#include <cstdio>
#include <vector>

#include "core/siphash.h"

int main() {
  std::array<std::uint8_t, palisade::kSipBytes> key{};
  for (std::size_t at = 0; at < key.size(); ++at) key[at] = static_cast<std::uint8_t>(at);
  for (std::size_t size = 0; size < 64; ++size) {
    // An exact allocation, so that a step beyond its end is seen.
    std::vector<std::uint8_t> bytes(size);
    for (std::size_t at = 0; at < size; ++at) bytes[at] = static_cast<std::uint8_t>(at);
    std::array<std::uint8_t, palisade::kSipBytes> tag{};
    palisade::SipTag(key, bytes).copy_to(tag);
    for (const std::uint8_t byte : tag) std::printf("%02x", byte);
    std::printf("\n");
  }
  return 0;
}
