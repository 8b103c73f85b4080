/*
 * Asks the kernel whether it takes seccomp filters. Standard input: for each its number of instructions as 32 bits,
 * then struct sock_filter. Prints for each `0`, or the error number.
 *
 * Each filter is tried by a child of its own, which tells the answer through shared memory: the filter may not let it
 * write, nor exit in order.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static struct sock_filter instructions[1 << 16];

static void die(const char* what) {
  perror(what);
  exit(1);
}

int main(void) {
  volatile int* answer = mmap(NULL, sizeof *answer, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (answer == MAP_FAILED) die("mmap");
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) die("no_new_privs");
  // A filter that kills leaves no core file behind.
  if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0) die("dumpable");
  for (uint32_t length; fread(&length, sizeof length, 1, stdin) == 1;) {
    if (length >= sizeof instructions / sizeof instructions[0]) die("length");
    if (fread(instructions, sizeof instructions[0], length, stdin) != length) die("read");
    struct sock_fprog program = {.len = (unsigned short)length, .filter = instructions};
    *answer = -1;
    pid_t child = fork();
    if (child < 0) die("fork");
    if (child == 0) {
      *answer = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) == 0 ? 0 : errno;
      _exit(0);
    }
    if (waitpid(child, NULL, 0) != child) die("waitpid");
    if (*answer < 0) die("no answer");
    printf("%d\n", *answer);
  }
  return fflush(stdout) == 0 ? 0 : 1;
}
