#include "sys/pages.h"

#include <sys/mman.h>

#include "sys/numbers.h"
#include "sys/raw.h"

namespace palisade::sys {

Result<std::span<std::byte>> map_pages(std::size_t size, int sharing) {
  const Result<long> pages = raw("mmap", kMmap, nullptr, size, PROT_READ | PROT_WRITE, sharing | MAP_ANONYMOUS, -1, 0);
  if (pages.failed()) return pages.error();
  return std::span(reinterpret_cast<std::byte*>(pages.value()), size);
}

}  // namespace palisade::sys
