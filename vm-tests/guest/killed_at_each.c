/* killed-at-each FIRST STEP CGROUP LAUNCHER [ARGUMENT...]: starts the launcher again and again in CGROUP, each time with
 * the plan at the start of descriptor 3, and kills it at its call number FIRST of the kernel, then STEP later, and so on
 * until it ends before that. Whenever it is killed, nothing of it may be left in CGROUP. */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { within_ms = 10000, fewest = 50 };

static void give_up(const char* what) {
  perror(what);
  exit(1);
}

static void child(const char* cgroup, char** command) {
  char path[256];
  snprintf(path, sizeof path, "%s/cgroup.procs", cgroup);
  const int procs = open(path, O_WRONLY | O_CLOEXEC);
  if (procs < 0 || write(procs, "0", 1) != 1) give_up(path);
  const int nothing = open("/dev/null", O_RDWR | O_CLOEXEC);
  if (nothing < 0 || lseek(3, 0, SEEK_SET) != 0) give_up("lseek");
  for (int number = 0; number < 3; number++) dup2(nothing, number);
  if (ptrace(PTRACE_TRACEME, 0, 0, 0) != 0) give_up("ptrace");
  execv(*command, command);
  _exit(1);
}

/* Whether it came to its call number `calls`, at which it was killed; what it ended with otherwise. */
static int is_killed(pid_t pid, unsigned calls, int* status) {
  int passed_on = 0;
  if (waitpid(pid, status, 0) != pid || !WIFSTOPPED(*status)) give_up("not started");
  if (ptrace(PTRACE_SETOPTIONS, pid, 0, PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL) != 0) give_up("ptrace");
  /* A call stops at its begin and at its end. */
  for (unsigned stops = 0; stops < 2 * calls - 1;) {
    if (ptrace(PTRACE_SYSCALL, pid, 0, passed_on) != 0 || waitpid(pid, status, 0) != pid) give_up("ptrace");
    if (!WIFSTOPPED(*status)) return 0;
    const int is_call = WSTOPSIG(*status) == (SIGTRAP | 0x80);
    stops += is_call;
    passed_on = is_call || WSTOPSIG(*status) == SIGTRAP ? 0 : WSTOPSIG(*status);
  }
  kill(pid, SIGKILL);
  if (waitpid(pid, status, 0) != pid) give_up("waitpid");
  return 1;
}

/* A cgroup of ours, or "a process"; empty: nothing. */
static void find_left(const char* cgroup, char* left, size_t size) {
  *left = '\0';
  DIR* const folder = opendir(cgroup);
  if (folder == NULL) give_up(cgroup);
  for (const struct dirent* entry; (entry = readdir(folder)) != NULL;)
    if (strncmp(entry->d_name, "palisade-", 9) == 0) snprintf(left, size, "%s", entry->d_name);
  closedir(folder);
  /* The root is everybody's. */
  char path[256], text[2];
  snprintf(path, sizeof path, "%s/cgroup.type", cgroup);
  if (*left != '\0' || access(path, F_OK) != 0) return;
  snprintf(path, sizeof path, "%s/cgroup.procs", cgroup);
  const int procs = open(path, O_RDONLY | O_CLOEXEC);
  if (procs < 0) give_up(path);
  if (read(procs, text, sizeof text) > 0) snprintf(left, size, "a process");
  close(procs);
}

static int is_left(const char* cgroup, char* left, size_t size) {
  const struct timespec moment = {0, 5000000};
  for (int waited = 0; waited < within_ms; waited += 5) {
    find_left(cgroup, left, size);
    if (*left == '\0') return 0;
    nanosleep(&moment, NULL);
  }
  return 1;
}

int main(int count, char** arguments) {
  char left[256];
  int status = 0;
  if (count < 5) give_up("usage: killed-at-each FIRST STEP CGROUP LAUNCHER [ARGUMENT...]");
  unsigned calls = (unsigned)atoi(arguments[1]);
  const unsigned step = (unsigned)atoi(arguments[2]);
  const char* const cgroup = arguments[3];
  for (;; calls += step) {
    const pid_t pid = fork();
    if (pid < 0) give_up("fork");
    if (pid == 0) child(cgroup, arguments + 4);
    const int killed = is_killed(pid, calls, &status);
    if (is_left(cgroup, left, sizeof left)) {
      printf("left by one killed at call %u: %s\n", calls, left);
      return 1;
    }
    if (!killed) break;
  }
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0 || calls < fewest) {
    printf("after %u calls it ended with status %#x\n", calls, status);
    return 1;
  }
  printf("killed at each of its calls it left nothing\n");
  return 0;
}
