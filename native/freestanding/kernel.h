// A system call as the kernel has it: six words, and an error is the errno, negated.
#pragma once

namespace palisade::freestanding {

#if defined(__x86_64__)

inline long kernel(long number, long a = 0, long b = 0, long c = 0, long d = 0, long e = 0, long f = 0) {
  register long fourth asm("r10") = d;
  register long fifth asm("r8") = e;
  register long sixth asm("r9") = f;
  long result = number;
  asm volatile("syscall"
               : "+a"(result)
               : "D"(a), "S"(b), "d"(c), "r"(fourth), "r"(fifth), "r"(sixth)
               : "rcx", "r11", "memory");
  return result;
}

#elif defined(__i386__)

// int 0x80 and not the faster entry of the vDSO, which would have to be looked for. The sixth word goes in the frame
// pointer, which no constraint can name.
inline long kernel(long number, long a = 0, long b = 0, long c = 0, long d = 0, long e = 0, long f = 0) {
  long result = number;
  asm volatile(
      "push %[f]\n"
      "push %%ebp\n"
      "mov 4(%%esp), %%ebp\n"
      "int $0x80\n"
      "pop %%ebp\n"
      "add $4, %%esp"
      : "+a"(result)
      : "b"(a), "c"(b), "d"(c), "S"(d), "D"(e), [f] "g"(f)
      : "memory");
  return result;
}

#elif defined(__aarch64__)

inline long kernel(long number, long a = 0, long b = 0, long c = 0, long d = 0, long e = 0, long f = 0) {
  register long call asm("x8") = number;
  register long first asm("x0") = a;
  register long second asm("x1") = b;
  register long third asm("x2") = c;
  register long fourth asm("x3") = d;
  register long fifth asm("x4") = e;
  register long sixth asm("x5") = f;
  asm volatile("svc 0"
               : "+r"(first)
               : "r"(call), "r"(second), "r"(third), "r"(fourth), "r"(fifth), "r"(sixth)
               : "memory");
  return first;
}

#else
#error "no system calls for this machine"
#endif

}  // namespace palisade::freestanding
