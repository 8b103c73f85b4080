/*
 * families WAY...: tries to make a socket of each family, and prints `WAY FAMILY ERRNO`, 0 where it could, a line each.
 *   library      by the C library
 *   direct       by the call of this program's own table
 *   int80        by the call of the 32-bit table
 *   socketcall   by socketcall(2) of the 32-bit table, with its arguments in memory
 * Built as a 64-bit and as a 32-bit program: any 64-bit program may use the 32-bit table too.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

static const struct {
  const char* name;
  int number;
  int type;
} families[] = {
    {"AF_UNIX", AF_UNIX, SOCK_STREAM},    {"AF_INET", AF_INET, SOCK_STREAM},  {"AF_INET6", AF_INET6, SOCK_DGRAM},
    {"AF_NETLINK", AF_NETLINK, SOCK_RAW}, {"AF_PACKET", AF_PACKET, SOCK_RAW}, {"AF_ALG", AF_ALG, SOCK_SEQPACKET},
    {"AF_VSOCK", AF_VSOCK, SOCK_STREAM},
};

enum { number_socketcall = 102, number_socket = 359, sub_socket = 1 };

/* By the 32-bit entry; negative: an error. */
static int enter32(int number, uintptr_t first, uintptr_t second, uintptr_t third) {
  int result;
  __asm__ volatile("int $0x80"
                   : "=a"(result)
                   : "a"(number), "b"(first), "c"(second), "d"(third)
                   : "memory"
#ifdef __x86_64__
                     ,
                     "r8", "r9", "r10", "r11"
#endif
  );
  return result;
}

/* Where 32 bits of address reach. */
static uint32_t* low_memory(void) {
#ifdef __x86_64__
  const int low = MAP_32BIT;
#else
  const int low = 0;
#endif
  void* page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | low, -1, 0);
  return page == MAP_FAILED ? NULL : page;
}

static int error_of(long result) {
  return result >= 0 ? 0 : errno;
}

static int attempt(const char* way, int family, int type) {
  if (strcmp(way, "library") == 0) return error_of(socket(family, type, 0));
  if (strcmp(way, "direct") == 0) return error_of(syscall(SYS_socket, family, type, 0));
  int result = 0;
  if (strcmp(way, "int80") == 0) {
    result = enter32(number_socket, (uintptr_t)family, (uintptr_t)type, 0);
  } else {
    uint32_t* arguments = low_memory();
    if (arguments == NULL) return -1;
    arguments[0] = (uint32_t)family;
    arguments[1] = (uint32_t)type;
    result = enter32(number_socketcall, sub_socket, (uintptr_t)arguments, 0);
  }
  return result >= 0 ? 0 : -result;
}

int main(int argc, char** argv) {
  for (int way = 1; way < argc; way++) {
    for (size_t i = 0; i < sizeof families / sizeof families[0]; i++) {
      printf("%s %s %d\n", argv[way], families[i].name, attempt(argv[way], families[i].number, families[i].type));
    }
  }
  return 0;
}
