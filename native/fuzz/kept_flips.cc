// kept-flips FILE: every change of one bit of a kept plan, and every shorter file, must be refused. Prints how many
// changes were tried; 1: one of them was taken for a plan.
#include <array>
#include <cinttypes>
#include <cstdio>
#include <vector>

#include "plan/kept.h"
#include "sys/keys.h"

namespace {

using Buffer = std::vector<std::uint8_t>;
using Key = std::array<std::uint8_t, palisade::kSipBytes>;

// What a file may be taken for depends on where it lies: it must be neither.
bool is_refused(const Buffer& file, const Key& key) {
  // An exact allocation, so that a step beyond its end is seen.
  const Buffer copy(file);
  return palisade::plan::kept_plan(copy).empty() && palisade::plan::sealed_plan(copy, key).empty();
}

}  // namespace

int main(int argc, char** argv) {
  std::FILE* const file = argc == 2 ? std::fopen(argv[1], "rb") : nullptr;
  if (file == nullptr) return 2;
  Buffer kept(1 << 20);
  kept.resize(std::fread(kept.data(), 1, kept.size(), file));
  std::fclose(file);
  Key key{};
  // Where there is none, no plan is sealed.
  static_cast<void>(palisade::sys::read_plan_key(key));
  if (is_refused(kept, key)) return 2;  // control: as it is
  std::uint64_t tried = 0;
  for (std::size_t at = 0; at < kept.size(); ++at) {
    for (unsigned bit = 0; bit < 8; ++bit, ++tried) {
      kept[at] = static_cast<std::uint8_t>(kept[at] ^ 1U << bit);
      if (!is_refused(kept, key)) return 1;
      kept[at] = static_cast<std::uint8_t>(kept[at] ^ 1U << bit);
    }
  }
  for (Buffer part(kept); !part.empty(); ++tried) {
    part.pop_back();
    if (!is_refused(part, key)) return 1;
  }
  std::printf("%" PRIu64 " refused\n", tried);
  return 0;
}
