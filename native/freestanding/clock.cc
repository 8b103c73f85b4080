#include "freestanding/clock.h"

#include <sys/syscall.h>

#include "freestanding/kernel.h"
#include "freestanding/vdso.h"

namespace palisade::freestanding {
namespace {

// 0, or an errno, negated. The time is a struct __kernel_timespec.
using Clock = int (*)(int clock, void* time);

int ask_kernel(int clock, void* time) {
#ifdef SYS_clock_gettime64
  return static_cast<int>(kernel(SYS_clock_gettime64, clock, reinterpret_cast<long>(time)));
#else
  return static_cast<int>(kernel(SYS_clock_gettime, clock, reinterpret_cast<long>(time)));
#endif
}

#if defined(__x86_64__)
constexpr char kName[] = "__vdso_clock_gettime";
#elif defined(__i386__)
constexpr char kName[] = "__vdso_clock_gettime64";
#elif defined(__aarch64__)
constexpr char kName[] = "__kernel_clock_gettime";
#endif

// Where nothing can be written later: it is called.
[[gnu::section(".data.rel.ro")]] Clock ask = ask_kernel;

}  // namespace

void find_clock(std::uintptr_t vdso) {
  const std::uintptr_t found = find_in_vdso(vdso, kName);
  if (found != 0) ask = reinterpret_cast<Clock>(found);
}

// It fails for clocks that there are none of: no errno is set.
#if defined(__i386__)
// NOLINTNEXTLINE(bugprone-reserved-identifier): libc's name for the one whose time has 64 bits
extern "C" int __clock_gettime64(int clock, void* time) {
#else
extern "C" int clock_gettime(int clock, void* time) {
#endif
  return ask(clock, time) == 0 ? 0 : -1;
}

}  // namespace palisade::freestanding
