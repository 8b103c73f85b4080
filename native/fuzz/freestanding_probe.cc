// freestanding-probe ACT: a program that is linked as the launcher is, for tests of what stands in place of libc.
//   words     prints its words, its environment and by which name it was started
//   check     addresses in its data, errno, vfork, the clock, division; prints "in a child", then "ok" or what is wrong
//   canary    prints it
//   overflow  writes beyond an array of its frame    } each is the end
//   overrun TEXT copies more than a buffer holds        } of the process
//   constant  writes what is constant once started   }
#include <sys/auxv.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstring>

#include "core/decimal.h"

extern "C" std::uintptr_t __stack_chk_guard;  // NOLINT(bugprone-reserved-identifier): the compiler's name

namespace {

void print(const char* line) {
  static_cast<void>(::syscall(SYS_write, 1, line, std::strlen(line)));
  static_cast<void>(::syscall(SYS_write, 1, "\n", 1));
}

int words(char** argv, char** environment) {
  for (; *argv != nullptr; ++argv) print(*argv);
  for (; *environment != nullptr; ++environment) print(*environment);
  print(reinterpret_cast<const char*>(::getauxval(AT_EXECFN)));
  return 0;
}

// So that the compiler does not read at compile time what the start has put there.
template <class T>
T* unknown(T* place) {
  asm("" : "+r"(place));
  return place;
}

// Addresses that stand in the image, side by side and far apart: a linker that packs them does each in another way.
struct Row {
  const char* name;
  long number;
};
constexpr Row kRows[] = {{"one", 1}, {"two", 2}, {"three", 3}};
const Row* const kPointers[] = {&kRows[2], &kRows[0], &kRows[1], &kRows[2]};
struct Apart {
  const Row* first = &kRows[0];
  long between[700] = {7};
  const Row* last = &kRows[1];
};
Apart apart;
constexpr std::uint64_t kDivisor = 1000000007;

bool addresses_are_right() {
  const Row* const* const pointers = unknown(kPointers);
  const Apart* const both = unknown(&apart);
  return pointers[0]->number == 3 && std::strcmp(pointers[2]->name, "two") == 0 && pointers[3]->number == 3 &&
         both->first->number == 1 && both->last->number == 2 && both->between[0] == 7;
}

std::uint64_t now() {
  timespec time{};
  if (::clock_gettime(CLOCK_MONOTONIC, &time) != 0) return 0;
  return static_cast<std::uint64_t>(time.tv_sec) * 1000000000 + static_cast<std::uint64_t>(time.tv_nsec);
}

std::uint64_t now_of_kernel() {
#ifdef SYS_clock_gettime64
  constexpr long kCall = SYS_clock_gettime64;
#else
  constexpr long kCall = SYS_clock_gettime;
#endif
  std::uint64_t time[2] = {};  // struct __kernel_timespec
  return ::syscall(kCall, CLOCK_MONOTONIC, time) == 0 ? time[0] * 1000000000 + time[1] : 0;
}

// The child overwrites what lies below its parent's frame, and what it stores here its parent sees.
bool vfork_comes_back_twice() {
  volatile pid_t inside = 0;
  errno = 0;
  const pid_t child = ::vfork();
  if (child == 0) {
    inside = ::getpid();
    print("in a child");
    ::syscall(SYS_exit_group, 0);
  }
  return child > 0 && inside == child && ::syscall(SYS_wait4, child, nullptr, 0, nullptr) == child && errno == 0;
}

const char* what_is_wrong() {
  if (!addresses_are_right()) return "addresses in data";
  errno = 0;
  if (::close(-1) != -1 || errno != EBADF) return "errno";
  if (::syscall(SYS_getpid) != ::getpid() || errno != EBADF) return "errno after a call that succeeds";
  if (!vfork_comes_back_twice()) return "vfork";
  const std::uint64_t before = now();
  const std::uint64_t between = now_of_kernel();
  if (before == 0 || before > between || between > now()) return "the clock";
  const std::uint64_t divisor = *unknown(&kDivisor);
  return std::strcmp(palisade::Decimal(UINT64_MAX / divisor).text(), "18446743944") == 0 ? nullptr : "division";
}

int check() {
  const char* const wrong = what_is_wrong();
  print(wrong == nullptr ? "ok" : wrong);
  return wrong == nullptr ? 0 : 1;
}

int canary() {
  print(palisade::Decimal(__stack_chk_guard).text());
  return 0;
}

[[gnu::noinline]] int overflow(std::size_t size) {
  char frame[16] = {};
  char* const place = unknown(frame);
  for (std::size_t index = 0; index < size; ++index) place[index] = 'x';
  return frame[1];
}

[[gnu::noinline]] int overrun(const char* text) {
  char buffer[4];
  std::strcpy(buffer, text);  // NOLINT(clang-analyzer-security.insecureAPI.strcpy): it is what is asked
  print(buffer);
  return 0;
}

int constant() {
  *const_cast<const Row**>(unknown(kPointers)) = nullptr;
  print("written");
  return 0;
}

int run(const char* act, char** argv, char** environment) {
  const auto is = [act](const char* name) { return std::strcmp(act, name) == 0; };
  if (is("words")) return words(argv, environment);
  if (is("check")) return check();
  if (is("canary")) return canary();
  if (is("overflow")) return overflow(200);
  if (is("overrun") && argv[2] != nullptr) return overrun(argv[2]);
  return is("constant") ? constant() : 2;
}

}  // namespace

int main(int argc, char** argv, char** environment) {
  return argc < 2 ? 2 : run(argv[1], argv, environment);
}
