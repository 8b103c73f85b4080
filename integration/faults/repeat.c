/* repeat LAUNCHER PLAN: for each line N on stdin runs the launcher N times, one after the other, and prints what this
 * process holds then: `ran N failed F descriptors D children C memory KIB`. */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "left.h"

enum { plan_descriptor = 3 };

static void die(const char* what) {
  perror(what);
  exit(2);
}

static int run(const char* launcher, const char* plan) {
  const pid_t pid = fork();
  if (pid < 0) die("fork");
  if (pid == 0) {
    const int fd = open(plan, O_RDONLY);
    if (fd != plan_descriptor && dup2(fd, plan_descriptor) < 0) die(plan);
    char* const arguments[] = {(char*)launcher, (char*)"--plan-descriptor", (char*)"3", NULL};
    char* const environment[] = {NULL};
    execve(launcher, arguments, environment);
    die(launcher);
  }
  int status = 0;
  if (waitpid(pid, &status, 0) != pid) die("waitpid");
  return status == 0;
}

static int count_entries(const char* path) {
  DIR* const directory = opendir(path);
  int count = 0;
  if (!directory) die(path);
  while (readdir(directory)) count++;
  closedir(directory);
  return count - 3; /* itself, . and .. */
}

static long memory(void) {
  FILE* const status = fopen("/proc/self/status", "re");
  char line[256];
  long kibibytes = -1;
  while (status && fgets(line, sizeof line, status)) sscanf(line, "VmRSS: %ld", &kibibytes);
  if (status) fclose(status);
  return kibibytes;
}

int main(int count, char** arguments) {
  if (count != 3) return 2;
  if (prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0) die("PR_SET_CHILD_SUBREAPER");
  int wanted = 0;
  while (scanf("%d", &wanted) == 1) {
    int failed = 0;
    for (int i = 0; i < wanted; i++)
      if (!run(arguments[1], arguments[2])) failed++;
    const int children = end_left(); /* or they would hold the pipes of this program open */
    printf("ran %d failed %d descriptors %d children %d memory %ld\n", wanted, failed, count_entries("/proc/self/fd"),
           children, memory());
    fflush(stdout);
  }
  return 0;
}
