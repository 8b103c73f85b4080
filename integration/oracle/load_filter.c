/*
 * Loads a seccomp filter and acts under it, for tests.
 *
 *   load_filter FILTER exec COMMAND [ARGUMENT...]   becomes the command
 *   load_filter FILTER call                         makes the calls of standard input, one a line:
 *       (syscall | int80) NUMBER [ARGUMENT...]      numbers as strtoull(3) reads them
 *     and prints for each: `returned VALUE`, `failed ERRNO` or `killed SIGNAL`
 *
 * FILTER holds struct sock_filter instructions. Each call is made by a child of its own, which reports through shared
 * memory, so that the filter need not allow a write.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static struct sock_filter instructions[4096];
static struct sock_fprog program = {.filter = instructions};

static void die(const char* what) {
  fprintf(stderr, "load_filter: %s: %s\n", what, strerror(errno));
  exit(125);
}

static void read_filter(const char* path) {
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) die(path);
  ssize_t size = read(fd, instructions, sizeof instructions);
  if (size <= 0 || size % (ssize_t)sizeof instructions[0] != 0) die("size of filter");
  program.len = (unsigned short)(size / (ssize_t)sizeof instructions[0]);
  close(fd);
}

static void load_filter(void) {
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) die("no_new_privs");
  if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) != 0) die("seccomp");
}

/* The raw return value, by the native entry: all 64 bits of every argument reach the kernel. */
static long enter_syscall(const unsigned long long* c) {
  register unsigned long long r10 __asm__("r10") = c[4];
  register unsigned long long r8 __asm__("r8") = c[5];
  register unsigned long long r9 __asm__("r9") = c[6];
  long result;
  __asm__ volatile("syscall"
                   : "=a"(result)
                   : "a"(c[0]), "D"(c[1]), "S"(c[2]), "d"(c[3]), "r"(r10), "r"(r8), "r"(r9)
                   : "rcx", "r11", "memory");
  return result;
}

/* By the entry of 32-bit programs, which any 64-bit program may use too. */
static long enter_int80(const unsigned long long* c) {
  long result;
  __asm__ volatile("int $0x80"
                   : "=a"(result)
                   : "a"(c[0]), "b"(c[1]), "c"(c[2]), "d"(c[3]), "S"(c[4]), "D"(c[5])
                   : "r8", "r9", "r10", "r11", "memory");
  return (int)result;
}

static void attempt(const char* entry, const unsigned long long* call, long* result) {
  fflush(stdout);
  pid_t child = fork();
  if (child < 0) die("fork");
  if (child == 0) {
    load_filter();
    *result = strcmp(entry, "int80") == 0 ? enter_int80(call) : enter_syscall(call);
    _exit(0);
  }
  int status = 0;
  if (waitpid(child, &status, 0) != child) die("waitpid");
  if (WIFSIGNALED(status)) printf("killed %d\n", WTERMSIG(status));
  else if (*result < 0 && *result >= -4095) printf("failed %ld\n", -*result);
  else printf("returned %ld\n", *result);
}

int main(int argc, char** argv) {
  if (argc < 3) return 125;
  read_filter(argv[1]);
  if (strcmp(argv[2], "exec") == 0 && argc > 3) {
    load_filter();
    execvp(argv[3], argv + 3);
    die(argv[3]);
  }
  long* result = mmap(NULL, sizeof *result, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (result == MAP_FAILED) die("mmap");
  char line[512];
  while (fgets(line, sizeof line, stdin) != NULL) {
    unsigned long long call[7] = {0};
    char* save = NULL;
    const char* entry = strtok_r(line, " \n", &save);
    if (entry == NULL) continue;
    for (int i = 0; i < 7; i++) {
      const char* word = strtok_r(NULL, " \n", &save);
      if (word == NULL) break;
      call[i] = strtoull(word, NULL, 0);
    }
    attempt(entry, call, result);
  }
  return 0;
}
