#include "freestanding/vdso.h"

#include <elf.h>
#include <link.h>

#include <cstddef>

extern "C" int strcmp(const char* one, const char* other);

namespace palisade::freestanding {
namespace {

// All addresses in the image are relative to where it is.
struct Tables {
  const ElfW(Sym) * symbols = nullptr;
  const char* names = nullptr;
  const std::uint32_t* hash = nullptr;
  const std::uint32_t* gnu_hash = nullptr;
};

Tables tables_of(std::uintptr_t base) {
  Tables tables;
  const auto& header = *reinterpret_cast<const ElfW(Ehdr)*>(base);
  const auto* segment = reinterpret_cast<const ElfW(Phdr)*>(base + header.e_phoff);
  std::size_t left = header.e_phnum;
  for (; left > 0 && segment->p_type != PT_DYNAMIC; --left) ++segment;
  if (left == 0) return tables;
  for (const auto* entry = reinterpret_cast<const ElfW(Dyn)*>(base + segment->p_vaddr); entry->d_tag != DT_NULL;
       ++entry) {
    const std::uintptr_t place = base + entry->d_un.d_ptr;
    if (entry->d_tag == DT_SYMTAB) tables.symbols = reinterpret_cast<const ElfW(Sym)*>(place);
    if (entry->d_tag == DT_STRTAB) tables.names = reinterpret_cast<const char*>(place);
    if (entry->d_tag == DT_HASH) tables.hash = reinterpret_cast<const std::uint32_t*>(place);
    if (entry->d_tag == DT_GNU_HASH) tables.gnu_hash = reinterpret_cast<const std::uint32_t*>(place);
  }
  return tables;
}

// Of DT_GNU_HASH, which has no count: the end of the chain that begins last. It says how many buckets there are, the
// first symbol that they are for, the words of a filter of which nobody asks, then all buckets and all chains.
std::size_t count_by_chains(const std::uint32_t* hash) {
  const std::uint32_t* const buckets = hash + 4 + hash[2] * (sizeof(std::uintptr_t) / sizeof *hash);
  std::uint32_t last = 0;
  for (std::uint32_t index = 0; index < hash[0]; ++index) {
    if (buckets[index] > last) last = buckets[index];
  }
  if (last == 0) return 0;
  for (const std::uint32_t* chain = buckets + hash[0] + (last - hash[1]); (*chain & 1) == 0; ++chain) ++last;
  return last + 1;
}

std::size_t count_of(const Tables& tables) {
  if (tables.hash != nullptr) return tables.hash[1];
  return tables.gnu_hash == nullptr ? 0 : count_by_chains(tables.gnu_hash);
}

}  // namespace

std::uintptr_t find_in_vdso(std::uintptr_t base, const char* name) {
  if (base == 0) return 0;
  const Tables tables = tables_of(base);
  if (tables.symbols == nullptr || tables.names == nullptr) return 0;
  for (std::size_t index = count_of(tables); index > 0; --index) {
    const ElfW(Sym)& symbol = tables.symbols[index - 1];
    if (symbol.st_shndx != SHN_UNDEF && strcmp(tables.names + symbol.st_name, name) == 0) return base + symbol.st_value;
  }
  return 0;
}

}  // namespace palisade::freestanding
