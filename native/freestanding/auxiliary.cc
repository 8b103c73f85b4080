#include "freestanding/auxiliary.h"

#include <link.h>

namespace palisade::freestanding {
namespace {

const ElfW(auxv_t) * entries = nullptr;

}  // namespace

void set_auxiliary(const void* vector) {
  entries = static_cast<const ElfW(auxv_t)*>(vector);
}

std::uintptr_t auxiliary(std::uintptr_t type) {
  for (const auto* entry = entries; entry->a_type != AT_NULL; ++entry) {
    if (entry->a_type == type) return entry->a_un.a_val;
  }
  return 0;
}

extern "C" unsigned long getauxval(unsigned long type) {
  return auxiliary(type);
}

}  // namespace palisade::freestanding
