// Where the kernel starts the launcher: the stack holds the number of words, the words, the environment and the
// auxiliary vector (execve(2), getauxval(3)).
#include <sys/syscall.h>

#include <cstdint>

#include "freestanding/auxiliary.h"
#include "freestanding/clock.h"
#include "freestanding/image.h"
#include "freestanding/kernel.h"

// NOLINTBEGIN(bugprone-reserved-identifier): the linker's name, the compiler's and C's
extern "C" int palisade_main(int count, char** words, char** environment) asm("main");
// What the compiler puts between a frame's arrays and its return address. It lies where nothing can be written later.
extern "C" {
[[gnu::section(".data.rel.ro")]] std::uintptr_t __stack_chk_guard = 0;
}
// NOLINTEND(bugprone-reserved-identifier)

#if defined(__x86_64__)
asm(".text\n.global _start\n.type _start, @function\n_start:\n"
    "endbr64\n"
    "xor %ebp, %ebp\n"
    "mov %rsp, %rdi\n"
    "and $-16, %rsp\n"
    "call palisade_begin\n"
    ".size _start, . - _start\n");
#elif defined(__i386__)
asm(".text\n.global _start\n.type _start, @function\n_start:\n"
    "endbr32\n"
    "xor %ebp, %ebp\n"
    "mov %esp, %eax\n"
    "and $-16, %esp\n"
    "sub $12, %esp\n"
    "push %eax\n"
    "call palisade_begin\n"
    ".size _start, . - _start\n");
#elif defined(__aarch64__)
asm(".text\n.global _start\n.type _start, @function\n_start:\n"
    "mov x29, #0\n"
    "mov x30, #0\n"
    "mov x0, sp\n"
    "and sp, x0, #-16\n"
    "bl palisade_begin\n"
    ".size _start, . - _start\n");
#endif

namespace palisade::freestanding {
namespace {

// A string that is copied too far would have to hold this zero (as glibc's, _dl_setup_stack_chk_guard).
constexpr std::uintptr_t kTerminator = ~std::uintptr_t{0xff};

constexpr int kFailed = 125;

[[noreturn]] void end(int status) {
  for (;;) kernel(SYS_exit_group, status);
}

[[noreturn]] void refuse() {
  constexpr char kWhy[] = "sandbox-exec: cannot start: mprotect\n";
  static_cast<void>(kernel(SYS_write, 2, reinterpret_cast<long>(kWhy), sizeof kWhy - 1));
  end(kFailed);
}

// Nothing here may have a canary, or use what is relocated before it is.
extern "C" [[noreturn, gnu::used, gnu::visibility("hidden")]] void palisade_begin(std::uintptr_t* stack) {
  const std::uintptr_t count = stack[0];
  auto** const words = reinterpret_cast<char**>(stack + 1);
  char** const environment = words + count + 1;
  char** end_of_environment = environment;
  while (*end_of_environment != nullptr) ++end_of_environment;
  relocate_image();
  set_auxiliary(end_of_environment + 1);
  __stack_chk_guard = *reinterpret_cast<const std::uintptr_t*>(auxiliary(AT_RANDOM)) & kTerminator;
  find_clock(auxiliary(AT_SYSINFO_EHDR));
  if (!protect_image(auxiliary(AT_PAGESZ))) refuse();
  end(palisade_main(static_cast<int>(count), words, environment));
}

}  // namespace
}  // namespace palisade::freestanding
