#include "freestanding/image.h"

#include <elf.h>
#include <link.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include <cstddef>
#include <span>

#include "freestanding/kernel.h"

// The linker's name for where the image begins, to which every address in it is relative.
extern "C" [[gnu::visibility("hidden")]] const ElfW(Ehdr) __ehdr_start;  // NOLINT(bugprone-reserved-identifier)

namespace palisade::freestanding {
namespace {

using Tag = decltype(ElfW(Dyn)::d_tag);

#if defined(__x86_64__)
constexpr std::uintptr_t kRelative = R_X86_64_RELATIVE;
#elif defined(__i386__)
constexpr std::uintptr_t kRelative = R_386_RELATIVE;
#elif defined(__aarch64__)
constexpr std::uintptr_t kRelative = R_AARCH64_RELATIVE;
#endif
// DT_RELR and DT_RELRSZ, which elf.h has since glibc 2.36.
constexpr Tag kRelr = 36, kRelrBytes = 35;
constexpr unsigned kWordBits = sizeof(std::uintptr_t) * 8;
// Of r_info: the type is what lies below the symbol.
constexpr std::uintptr_t kTypeMask = kWordBits == 64 ? 0xffffffff : 0xff;

std::uintptr_t base() {
  return reinterpret_cast<std::uintptr_t>(&__ehdr_start);
}

std::uintptr_t& word_at(std::uintptr_t offset) {
  return *reinterpret_cast<std::uintptr_t*>(base() + offset);
}

const ElfW(Phdr) * find_segment(std::uint32_t type) {
  const auto* const headers = reinterpret_cast<const ElfW(Phdr)*>(base() + __ehdr_start.e_phoff);
  for (std::size_t index = 0; index < __ehdr_start.e_phnum; ++index) {
    if (headers[index].p_type == type) return &headers[index];
  }
  return nullptr;
}

// 0: there is no such entry.
std::uintptr_t value_of(const ElfW(Dyn) * entries, Tag tag) {
  for (; entries->d_tag != DT_NULL; ++entries) {
    if (entries->d_tag == tag) return entries->d_un.d_val;
  }
  return 0;
}

template <class Entry>
std::span<const Entry> table(const ElfW(Dyn) * entries, Tag start, Tag bytes) {
  const auto* const first = reinterpret_cast<const Entry*>(base() + value_of(entries, start));
  return {first, static_cast<std::size_t>(value_of(entries, bytes)) / sizeof(Entry)};
}

// The one kind that a program which links nothing has. Another one would be a symbol that nobody has looked up, or a
// function that chooses another (IRELATIVE).
void expect_relative(std::uintptr_t info) {
  if ((info & kTypeMask) != kRelative) __builtin_trap();
}

// DT_RELR: an even word is an address; an odd one says by its bits which of the words behind the last are some too.
void relocate_packed(std::span<const std::uintptr_t> packed) {
  std::uintptr_t next = 0;
  for (const std::uintptr_t entry : packed) {
    if ((entry & 1) == 0) {
      word_at(entry) += base();
      next = entry + sizeof entry;
      continue;
    }
    for (unsigned bit = 1; bit < kWordBits; ++bit) {
      if ((entry >> bit & 1) != 0) word_at(next + (bit - 1) * sizeof entry) += base();
    }
    next += (kWordBits - 1) * sizeof entry;
  }
}

}  // namespace

void relocate_image() {
  const ElfW(Phdr)* const segment = find_segment(PT_DYNAMIC);
  if (segment == nullptr) return;
  const auto* const entries = reinterpret_cast<const ElfW(Dyn)*>(base() + segment->p_vaddr);
  for (const ElfW(Rela) & entry : table<ElfW(Rela)>(entries, DT_RELA, DT_RELASZ)) {
    expect_relative(entry.r_info);
    word_at(entry.r_offset) = base() + static_cast<std::uintptr_t>(entry.r_addend);
  }
  for (const ElfW(Rel) & entry : table<ElfW(Rel)>(entries, DT_REL, DT_RELSZ)) {
    expect_relative(entry.r_info);
    word_at(entry.r_offset) += base();
  }
  relocate_packed(table<std::uintptr_t>(entries, kRelr, kRelrBytes));
}

bool protect_image(std::uintptr_t page_bytes) {
  const ElfW(Phdr)* const segment = find_segment(PT_GNU_RELRO);
  if (segment == nullptr) return true;
  // Whole pages: the linker lets the segment end where one does.
  const std::uintptr_t start = (base() + segment->p_vaddr) & -page_bytes;
  const std::uintptr_t end = (base() + segment->p_vaddr + segment->p_memsz) & -page_bytes;
  return kernel(SYS_mprotect, static_cast<long>(start), static_cast<long>(end - start), PROT_READ) == 0;
}

}  // namespace palisade::freestanding
