/*
 * Loads the filters named on the command line, the last one again and again until the kernel refuses it, and prints how
 * many were loaded and the errno of the refusal.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

static struct sock_filter instructions[4096];
static struct sock_fprog program = {.filter = instructions};

static int read_filter(const char* path) {
  const int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return -1;
  const ssize_t size = read(fd, instructions, sizeof instructions);
  program.len = (unsigned short)(size / (ssize_t)sizeof instructions[0]);
  return close(fd) != 0 || size <= 0 ? -1 : 0;
}

int main(int argc, char** argv) {
  if (argc < 2 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return 125;
  int loaded = 0;
  for (int index = 1;; index += index < argc - 1 ? 1 : 0) {
    if (loaded < argc - 1 && read_filter(argv[index]) != 0) {
      fprintf(stderr, "stack_filters: %s: %s\n", argv[index], strerror(errno));
      return 125;
    }
    if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) != 0) break;
    loaded += 1;
  }
  printf("%d %d\n", loaded, errno);
  return 0;
}
