// Decodes mutations of a plan: decode-fuzz SEED_FILE COUNT SEED. Built with sanitizers, which end it at the first
// fault. Prints how many mutations were decoded and how many refused; both must be above zero to have tested anything.
#include <cinttypes>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <vector>

#include "fuzz/random.h"
#include "plan/plan.h"

namespace {

using palisade::fuzz::Random;
using Buffer = std::vector<std::uint8_t>;

// Numbers that decoders get wrong: lengths, counts and signs at their edges.
constexpr std::uint32_t kEdges[] = {0, 1, 0x7f, 0x80, 0xff, 0x100, 0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff};

void mutate(Buffer& bytes, Random& random) {
  for (std::size_t change = 1 + random.below(4); change > 0 && !bytes.empty(); --change) {
    const std::size_t at = random.below(bytes.size());
    switch (random.below(5)) {
      case 0:
        bytes[at] = static_cast<std::uint8_t>(random.next());
        break;
      case 1:
        bytes[at] ^= static_cast<std::uint8_t>(1U << random.below(8));
        break;
      case 2:
        bytes.resize(at);
        break;
      case 3:
        bytes.insert(bytes.begin() + static_cast<std::ptrdiff_t>(at), static_cast<std::uint8_t>(random.next()));
        break;
      default:
        for (std::size_t index = 0; index < 4 && at + index < bytes.size(); ++index) {
          bytes[at + index] = static_cast<std::uint8_t>(kEdges[random.below(std::size(kEdges))] >> (8 * index));
        }
    }
  }
  // Half of the inputs get a right total length, or nearly all would be refused for that alone.
  if (bytes.size() >= 16 && random.below(2) == 0) {
    const auto total = static_cast<std::uint32_t>(bytes.size());
    std::memcpy(bytes.data() + 12, &total, sizeof total);
  }
}

bool decodes(const Buffer& bytes) {
  // Exact allocations, so that a step beyond either end is seen.
  const Buffer copy(bytes);
  std::vector<std::byte> memory(palisade::plan::arena_bytes(copy.size()));
  palisade::plan::Arena arena(memory);
  palisade::plan::Plan plan;
  return palisade::plan::decode(copy, arena, plan);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) return 2;
  std::FILE* const file = std::fopen(argv[1], "rb");
  if (file == nullptr) return 2;
  Buffer seed(palisade::plan::kPlanBytesMax);
  seed.resize(std::fread(seed.data(), 1, seed.size(), file));
  std::fclose(file);
  if (!decodes(seed)) return 3;
  Random random{std::strtoull(argv[3], nullptr, 10) | 1};
  std::uint64_t decoded = 0;
  const std::uint64_t count = std::strtoull(argv[2], nullptr, 10);
  for (std::uint64_t round = 0; round < count; ++round) {
    Buffer bytes(seed);
    mutate(bytes, random);
    if (decodes(bytes)) ++decoded;
  }
  std::printf("%" PRIu64 " decoded, %" PRIu64 " refused\n", decoded, count - decoded);
  return 0;
}
