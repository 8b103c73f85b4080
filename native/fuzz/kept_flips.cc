// kept-flips FILE: every change of one byte of a kept plan, and every shorter file, must be refused. Prints how many
// changes were tried; 1: one of them was taken for a plan.
#include <cinttypes>
#include <cstdio>
#include <vector>

#include "plan/kept.h"

namespace {

using Buffer = std::vector<std::uint8_t>;

bool is_refused(const Buffer& file) {
  // An exact allocation, so that a step beyond its end is seen.
  const Buffer copy(file);
  return palisade::plan::kept_plan(copy).empty();
}

}  // namespace

int main(int argc, char** argv) {
  std::FILE* const file = argc == 2 ? std::fopen(argv[1], "rb") : nullptr;
  if (file == nullptr) return 2;
  Buffer kept(1 << 20);
  kept.resize(std::fread(kept.data(), 1, kept.size(), file));
  std::fclose(file);
  if (is_refused(kept)) return 2;  // control: as it is
  std::uint64_t tried = 0;
  for (std::size_t at = 0; at < kept.size(); ++at) {
    for (unsigned bit = 0; bit < 8; ++bit, ++tried) {
      kept[at] = static_cast<std::uint8_t>(kept[at] ^ 1U << bit);
      if (!is_refused(kept)) return 1;
      kept[at] = static_cast<std::uint8_t>(kept[at] ^ 1U << bit);
    }
  }
  for (Buffer part(kept); !part.empty(); ++tried) {
    part.pop_back();
    if (!is_refused(part)) return 1;
  }
  std::printf("%" PRIu64 " refused\n", tried);
  return 0;
}
