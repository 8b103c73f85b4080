// time-calls ROUNDS CALLS NAME=FILTER...: what loading a filter and making calls under it costs. Each round has a child
// for every filter, one after the other, so that whatever else the machine does falls on all of them alike.
// FILTER holds struct sock_filter instructions; empty: no filter. Prints a line per child and measurement:
// NAME attach|CALL nanoseconds [errno]. Runs in the real-time class where it may, and says so: `class fifo|other -`.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

struct candidate {
  const char* name;
  struct sock_filter instructions[4096];
  struct sock_fprog program;
};

// None of them changes anything, whether it is allowed or not: what is allowed fails for its arguments.
static const struct call {
  const char* name;
  long number;
  long arguments[3];
} calls[] = {
    {"getppid", SYS_getppid, {0}},
    {"read", SYS_read, {-1}},
    {"socket", SYS_socket, {AF_INET, 77}},
    {"personality", SYS_personality, {0xffffffff}},
    {"clone", SYS_clone, {CLONE_THREAD}},
    {"socket-vsock", SYS_socket, {AF_VSOCK, 77}},
    {"clone-newuser", SYS_clone, {CLONE_NEWUSER | CLONE_THREAD}},
    {"add_key", SYS_add_key, {0}},
    {"swapoff", SYS_swapoff, {0}},
};

static int64_t now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

// The bare instruction: libc's syscall(2) would add a store of errno for denied calls only.
static long enter(const struct call* call) {
  long result;
  register long r10 __asm__("r10") = 0;
  register long r8 __asm__("r8") = 0;
  __asm__ volatile("syscall"
                   : "=a"(result)
                   : "a"(call->number), "D"(call->arguments[0]), "S"(call->arguments[1]), "d"(call->arguments[2]), "r"(r10),
                     "r"(r8)
                   : "rcx", "r11", "memory");
  return result;
}

// A new child's first touch of each page is a fault, which is no part of what loading costs.
static unsigned int touch(const struct candidate* candidate) {
  volatile unsigned int sum = 0;
  for (size_t index = 0; index < candidate->program.len; ++index) sum += candidate->instructions[index].k;
  return sum;
}

static int measure(const struct candidate* candidate, int repeats) {
  char text[4096];
  int length = 0;
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return 1;
  touch(candidate);
  int64_t start = now();
  if (candidate->program.len > 0 && syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &candidate->program) != 0) return 1;
  length += snprintf(text, sizeof text, "%s attach %lld\n", candidate->name, (long long)(now() - start));
  for (size_t index = 0; index < sizeof calls / sizeof calls[0]; ++index) {
    const struct call* call = &calls[index];
    long result = enter(call);
    start = now();
    for (int repeat = 0; repeat < repeats; ++repeat) enter(call);
    const double each = (double)(now() - start) / repeats;
    length += snprintf(text + length, sizeof text - (size_t)length, "%s %s %.1f %ld\n", candidate->name, call->name, each,
                       result < 0 ? -result : 0);
  }
  return write(STDOUT_FILENO, text, (size_t)length) == length ? 0 : 1;
}

static int read_candidate(struct candidate* candidate, char* argument) {
  char* path = strchr(argument, '=');
  if (path == NULL) return 1;
  *path++ = '\0';
  candidate->name = argument;
  candidate->program.filter = candidate->instructions;
  if (*path == '\0') return 0;
  const int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return 1;
  const ssize_t size = read(fd, candidate->instructions, sizeof candidate->instructions);
  candidate->program.len = (unsigned short)(size / (ssize_t)sizeof candidate->instructions[0]);
  return close(fd) != 0 || size <= 0;
}

int main(int argc, char** argv) {
  if (argc < 4) return 2;
  const int rounds = atoi(argv[1]);
  const int repeats = atoi(argv[2]);
  const int count = argc - 3;
  struct candidate* candidates = calloc((size_t)count, sizeof *candidates);
  if (candidates == NULL) return 1;
  for (int index = 0; index < count; ++index) {
    if (read_candidate(&candidates[index], argv[index + 3]) == 0) continue;
    fprintf(stderr, "time-calls: %s: %s\n", argv[index + 3], strerror(errno));
    return 1;
  }
  const struct sched_param priority = {.sched_priority = 1};
  printf("class %s -\n", sched_setscheduler(0, SCHED_FIFO, &priority) == 0 ? "fifo" : "other");
  fflush(stdout);
  for (int round = 0; round < rounds; ++round) {
    for (int index = 0; index < count; ++index) {
      // Each round begins with another one, every other round goes backwards: who follows whom on warm caches changes.
      const int place = round % 2 == 0 ? index : count - 1 - index;
      const struct candidate* candidate = &candidates[(place + round / 2) % count];
      const pid_t pid = fork();
      if (pid == 0) _exit(measure(candidate, repeats));
      int status = 0;
      if (pid < 0 || waitpid(pid, &status, 0) != pid || status != 0) {
        fprintf(stderr, "time-calls: %s: wait status %d\n", candidate->name, status);
        return 1;
      }
    }
  }
  return 0;
}
