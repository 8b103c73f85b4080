/* witness FILE ADDRESS PORT: tells which layers hold, as seen from inside. FILE exists on the host and is granted to
 * nobody, ADDRESS:PORT answers on the host's network and is no endpoint. Two runs of one plan tell the same, word for
 * word; only `pid 1` and what it says about time would differ, and is left out. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

extern char** environ;

static void tell(const char* act, long result) {
  printf("%s: %s\n", act, result < 0 ? strerrorname_np(errno) : "ok");
}

static int starts_with_any(const char* line, const char* const* words) {
  for (; *words; words++)
    if (strncmp(line, *words, strlen(*words)) == 0) return 1;
  return 0;
}

static void copy_lines(const char* path, const char* const* words) {
  FILE* const file = fopen(path, "re");
  char line[512];
  if (!file) return tell(path, -1);
  while (fgets(line, sizeof line, file))
    if (starts_with_any(line, words)) printf("%s %s", path, line);
  fclose(file);
}

/* Root, mount point, options and type; ids and devices are new in each run. */
static void copy_mounts(void) {
  FILE* const file = fopen("/proc/self/mountinfo", "re");
  char line[1024];
  if (!file) return tell("mounts", -1);
  while (fgets(line, sizeof line, file)) {
    char root[256], place[256], options[128], type[64];
    const char* const tail = strstr(line, " - ");
    if (tail && sscanf(line, "%*d %*d %*s %255s %255s %127s", root, place, options) == 3 &&
        sscanf(tail + 3, "%63s", type) == 1)
      printf("mount %s %s %s %s\n", root, place, options, type);
  }
  fclose(file);
}

static void try_connect(const char* address, const char* port) {
  struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((unsigned short)atoi(port))};
  inet_pton(AF_INET, address, &to.sin_addr);
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  tell("connect elsewhere", fd < 0 ? -1 : connect(fd, (struct sockaddr*)&to, sizeof to));
  close(fd);
}

static void list_root(void) {
  DIR* const root = opendir("/");
  tell("list /", root ? 0 : -1);
  for (const struct dirent* entry = root ? readdir(root) : NULL; entry; entry = readdir(root))
    printf("/%s\n", entry->d_name);
}

int main(int count, char** arguments) {
  static const char* const process[] = {"Uid",    "Gid",    "Groups",     "NStgid",  "SigBlk",
                                        "SigIgn", "SigCgt", "CapInh",     "CapPrm",  "CapEff",
                                        "CapBnd", "CapAmb", "NoNewPrivs", "Seccomp", NULL};
  static const char* const reaper[] = {"Uid", "CapPrm", "CapEff", "NoNewPrivs", NULL};
  if (count < 4) return 2;
  setvbuf(stdout, NULL, _IONBF, 0);
  puts("witness");
  copy_lines("/proc/self/status", process);
  copy_lines("/proc/1/status", reaper);
  copy_mounts();
  list_root();
  tell("read elsewhere", open(arguments[1], O_RDONLY | O_CLOEXEC));
  tell("write /usr", open("/usr/witness", O_WRONLY | O_CREAT | O_CLOEXEC, 0644));
  try_connect(arguments[2], arguments[3]);
  tell("new user namespace", unshare(CLONE_NEWUSER));
  tell("keyctl", syscall(SYS_keyctl, 0, -3, 0));
  tell("terminal", open("/dev/tty", O_RDWR | O_CLOEXEC));
  for (int fd = 0; fd < 64; fd++)
    if (fcntl(fd, F_GETFD) >= 0) printf("descriptor %d\n", fd);
  for (char** entry = environ; *entry; entry++) printf("environment %s\n", *entry);
  for (int resource = 0; resource < RLIM_NLIMITS; resource++) {
    struct rlimit limit = {0};
    if (getrlimit((__rlimit_resource_t)resource, &limit) == 0)
      printf("limit %d %llu %llu\n", resource, (unsigned long long)limit.rlim_cur, (unsigned long long)limit.rlim_max);
  }
  struct utsname host;
  char directory[256];
  if (uname(&host) == 0) printf("hostname %s\n", host.nodename);
  printf("directory %s, leader %d\n", getcwd(directory, sizeof directory) ? directory : "?", getsid(0) == getpid());
  return 0;
}
