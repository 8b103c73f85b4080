/* Acts on other processes, and what this one was given. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "probe.h"

enum { most_descriptors = 1024 };

static pid_t target(char** arguments) {
  return strcmp(text(arguments, 0), "parent") == 0 ? getppid() : (pid_t)number(arguments, 0);
}

static int attach(char** arguments) {
  return ptrace(PTRACE_SEIZE, target(arguments), NULL, NULL) < 0 ? -1 : 0;
}

static int read_memory(char** arguments) {
  char byte = 0;
  const struct iovec local = {&byte, 1};
  const struct iovec remote = {(void*)read_memory, 1};
  return process_vm_readv(target(arguments), &local, 1, &remote, 1, 0) < 0 ? -1 : 0;
}

static int steal_descriptor(char** arguments) {
  const int pidfd = (int)syscall(SYS_pidfd_open, target(arguments), 0);
  return pidfd < 0 || syscall(SYS_pidfd_getfd, pidfd, number(arguments, 1), 0) < 0 ? -1 : 0;
}

static int send_signal(char** arguments) {
  return kill(target(arguments), (int)number(arguments, 1));
}

static int new_namespaces(char** arguments) {
  return unshare((int)number(arguments, 0));
}

static int clone_namespaces(char** arguments) {
  const long child = syscall(SYS_clone, number(arguments, 0) | SIGCHLD, 0, 0, 0, 0);
  if (child == 0) _exit(0);
  return child < 0 ? -1 : 0;
}

static int join_namespace(char** arguments) {
  const int fd = open(text(arguments, 0), O_RDONLY | O_CLOEXEC);
  return fd < 0 ? -1 : setns(fd, 0);
}

/* The classic way out of a chroot: hold a directory outside, change the root below it, climb. */
static int escape_chroot(char** arguments) {
  (void)arguments;
  const int outside = open("/tmp", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (outside < 0 || chroot("/tmp") != 0 || fchdir(outside) != 0) return -1;
  for (int i = 0; i < 64; i++)
    if (chdir("..") != 0) return -1;
  return chroot(".");
}

static int fork_until_refused(char** arguments) {
  const long long most = number(arguments, 0);
  long long made = 0;
  int refused = 0;
  setpgid(0, 0); /* refused to a session leader, who leads a group already */
  for (; made < most && refused == 0; made++) {
    const pid_t child = fork();
    if (child == 0) {
      pause();
      _exit(0);
    }
    if (child < 0) refused = errno;
  }
  signal(SIGTERM, SIG_IGN);
  kill(0, SIGTERM);
  printf("forks %lld\n", refused ? made - 1 : made);
  errno = refused;
  return refused ? -1 : 0;
}

static int allocate(char** arguments) {
  const size_t size = (size_t)number(arguments, 0);
  char* const memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) return -1;
  memset(memory, 1, size);
  return 0;
}

static long long milliseconds(clockid_t clock) {
  struct timespec now;
  clock_gettime(clock, &now);
  return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

/* Uses so many milliseconds of processor time; fails with ETIME if the clock went on for more than twice as long, five
 * times: a busy machine does it once or twice, a limit always. */
static int burn(char** arguments) {
  const long long most = number(arguments, 0);
  for (int times = 0; times < 5; times++) {
    const long long from = milliseconds(CLOCK_MONOTONIC), used = milliseconds(CLOCK_PROCESS_CPUTIME_ID);
    while (milliseconds(CLOCK_PROCESS_CPUTIME_ID) - used < most) continue;
    if (milliseconds(CLOCK_MONOTONIC) - from <= 2 * most) return 0;
  }
  errno = ETIME;
  return -1;
}

static int execute(char** arguments) {
  text(arguments, 0);
  return execv(arguments[0], arguments);
}

/* Runs a program that is in no file. */
static int execute_memory(char** arguments) {
  const int source = open(text(arguments, 0), O_RDONLY | O_CLOEXEC);
  const int memory = (int)syscall(SYS_memfd_create, "probe", 0);
  if (source < 0 || memory < 0) return -1;
  char block[65536];
  for (ssize_t count = 1; count > 0;) {
    count = read(source, block, sizeof block);
    if (count < 0 || write(memory, block, (size_t)count) != count) return -1;
  }
  return (int)syscall(SYS_execveat, memory, "", arguments, environ, AT_EMPTY_PATH);
}

static int list_descriptors(char** arguments) {
  (void)arguments;
  for (int fd = 0; fd < most_descriptors; fd++)
    if (fcntl(fd, F_GETFD) >= 0) printf("%d\n", fd);
  return 0;
}

static int list_environment(char** arguments) {
  (void)arguments;
  for (char** entry = environ; *entry; entry++) puts(*entry);
  return 0;
}

/* Prints the lines of /proc/self/status that tell of privileges; capget(2) may be refused. */
static int list_credentials(char** arguments) {
  (void)arguments;
  static const char* const wanted[] = {"Uid", "Gid", "Groups", "Cap", "NoNewPrivs", "Seccomp:"};
  FILE* const status = fopen("/proc/self/status", "re");
  if (!status) return -1;
  char line[256];
  while (fgets(line, sizeof line, status))
    for (unsigned i = 0; i < sizeof wanted / sizeof *wanted; i++)
      if (strncmp(line, wanted[i], strlen(wanted[i])) == 0) fputs(line, stdout);
  printf("pid %d parent %d leader %d\n", getpid(), getppid(), getsid(0) == getpid());
  return 0;
}

/* One line a layer that stands between this program and the host; equal lines mean equal confinement. */
static int list_layers(char** arguments) {
  struct rlimit files = {0, 0};
  getrlimit(RLIMIT_NOFILE, &files);
  errno = 0;
  const int root = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  printf("landlock %d\n", root < 0 ? errno : 0);
  errno = 0;
  syscall(SYS_userfaultfd, 1);
  printf("seccomp %d\n", errno);
  printf("mounts %d\n", access(text(arguments, 0), F_OK) == 0 ? 0 : errno);
  const struct sockaddr_in outside = {.sin_family = AF_INET, .sin_port = htons(443), .sin_addr = {htonl(0xcb007114)}};
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  printf("network %d\n", connect(fd, (const struct sockaddr*)&outside, sizeof outside) == 0 ? 0 : errno);
  close(fd);
  printf("files %llu\n", (unsigned long long)files.rlim_cur);
  list_descriptors(arguments);
  list_environment(arguments);
  return list_credentials(arguments);
}

const struct act process_acts[] = {
    {"ptrace", attach},
    {"read-memory", read_memory},
    {"steal-descriptor", steal_descriptor},
    {"kill", send_signal},
    {"unshare", new_namespaces},
    {"clone", clone_namespaces},
    {"setns", join_namespace},
    {"chroot-escape", escape_chroot},
    {"forks", fork_until_refused},
    {"allocate", allocate},
    {"burn", burn},
    {"exec", execute},
    {"exec-memory", execute_memory},
    {"descriptors", list_descriptors},
    {"environment", list_environment},
    {"credentials", list_credentials},
    {"layers", list_layers},
    {NULL, NULL},
};
