// The calls of the kernel that the launcher makes by libc's names, and the one by number that all of native/sys takes.
// No header declares them here: libc's have attributes of their own.
#include <linux/poll.h>
#include <sys/syscall.h>

#include <cstdarg>
#include <cstddef>

#include "freestanding/kernel.h"

namespace palisade::freestanding {
namespace {

constexpr long kErrorMin = -4095;

// A process has one thread, and what it forks has its own.
int last_error = 0;

long word(const void* address) {
  return reinterpret_cast<long>(address);
}

}  // namespace

extern "C" {

// -1 and errno. What lies below the errors is an address of mmap(2), where half of them are negative.
[[gnu::visibility("hidden")]] long palisade_answer(long result) {
  if (result >= 0 || result < kErrorMin) return result;
  last_error = static_cast<int>(-result);
  return -1;
}

// NOLINTNEXTLINE(bugprone-reserved-identifier): what `errno` is in glibc and musl
int* __errno_location() {
  return &last_error;
}

// Reads words that were not passed too, as every libc does: the kernel reads none that the call does not have.
long syscall(long number, ...) {
  va_list rest;
  va_start(rest, number);
  long words[6];
  for (long& one : words) one = va_arg(rest, long);
  va_end(rest);
  return palisade_answer(kernel(number, words[0], words[1], words[2], words[3], words[4], words[5]));
}

int close(int fd) {
  return static_cast<int>(palisade_answer(kernel(SYS_close, fd)));
}

long read(int fd, void* buffer, std::size_t size) {
  return palisade_answer(kernel(SYS_read, fd, word(buffer), static_cast<long>(size)));
}

int poll(pollfd* entries, unsigned long count, int timeout_ms) {
#ifdef SYS_poll
  return static_cast<int>(palisade_answer(kernel(SYS_poll, word(entries), static_cast<long>(count), timeout_ms)));
#else
  // An arch of 64 bits that has only the call with a timespec; none is for ever.
  const long time[2] = {timeout_ms / 1000, timeout_ms % 1000 * 1000000L};
  const long until = timeout_ms < 0 ? 0 : word(time);
  return static_cast<int>(palisade_answer(kernel(SYS_ppoll, word(entries), static_cast<long>(count), until)));
#endif
}

int getpid() {
  return static_cast<int>(kernel(SYS_getpid));
}

}  // extern "C"
}  // namespace palisade::freestanding
