#include "fuzz/vdso_tables.h"

#include <elf.h>
#include <link.h>
#include <sys/auxv.h>
#include <time.h>
#include <unistd.h>

#include <cstdint>
#include <cstring>
#include <vector>

#include "freestanding/vdso.h"
#include "fuzz/require.h"

namespace palisade::fuzz {
namespace {

#if defined(__aarch64__)
constexpr char kClock[] = "__kernel_clock_gettime";
#elif defined(__i386__)
constexpr char kClock[] = "__vdso_clock_gettime64";  // the one that has a timespec of ours (_TIME_BITS)
#else
constexpr char kClock[] = "__vdso_clock_gettime";
#endif

using Image = std::vector<std::uint64_t>;  // aligned

std::uintptr_t base_of(const Image& image) {
  return reinterpret_cast<std::uintptr_t>(image.data());
}

// What find_in_vdso reads lies in the first page.
Image copy_of(std::uintptr_t vdso) {
  Image copy(static_cast<std::size_t>(::sysconf(_SC_PAGESIZE)) / sizeof(std::uint64_t));
  std::memcpy(copy.data(), reinterpret_cast<const void*>(vdso), copy.size() * sizeof copy[0]);
  return copy;
}

// False: it has none.
bool take_away(Image& image, std::int64_t tag) {
  const auto* const header = reinterpret_cast<const ElfW(Ehdr)*>(base_of(image));
  const auto* segment = reinterpret_cast<const ElfW(Phdr)*>(base_of(image) + header->e_phoff);
  while (segment->p_type != PT_DYNAMIC) ++segment;
  auto* entry = reinterpret_cast<ElfW(Dyn)*>(base_of(image) + segment->p_vaddr);
  while (entry->d_tag != DT_NULL && entry->d_tag != tag) ++entry;
  if (entry->d_tag == DT_NULL) return false;
  entry->d_tag = DT_DEBUG;
  return true;
}

std::uint64_t nanoseconds(const timespec& time) {
  return static_cast<std::uint64_t>(time.tv_sec) * 1000000000 + static_cast<std::uint64_t>(time.tv_nsec);
}

std::uint64_t nanoseconds_of_libc() {
  timespec time{};
  ::clock_gettime(CLOCK_MONOTONIC, &time);
  return nanoseconds(time);
}

}  // namespace

void compare_vdso() {
  const std::uintptr_t vdso = ::getauxval(AT_SYSINFO_EHDR);
  const std::uintptr_t found = freestanding::find_in_vdso(vdso, kClock);
  require(found != 0, "the clock is found");
  require(freestanding::find_in_vdso(vdso, "no_such_function") == 0, "what is not there is not found");
  require(freestanding::find_in_vdso(0, kClock) == 0, "without a vDSO nothing is found");
  const auto clock = reinterpret_cast<int (*)(int, timespec*)>(found);
  timespec now{};
  const std::uint64_t before = nanoseconds_of_libc();
  require(clock(CLOCK_MONOTONIC, &now) == 0, "it answers");
  const std::uint64_t told = nanoseconds(now);
  require(before <= told && told <= nanoseconds_of_libc(), "it tells the time");
  Image chained = copy_of(vdso);
  Image counted(chained);
  const bool is_counted = take_away(chained, DT_HASH);
  const bool is_chained = take_away(counted, DT_GNU_HASH);
  const auto is_same = [&](const Image& image) {
    return freestanding::find_in_vdso(base_of(image), kClock) - base_of(image) == found - vdso;
  };
  require(!is_chained || is_same(chained), "it is found by DT_GNU_HASH alone");
  require(!is_counted || is_same(counted), "it is found by DT_HASH alone");
  require(is_counted || is_chained, "control: one of them was there");
}

}  // namespace palisade::fuzz
