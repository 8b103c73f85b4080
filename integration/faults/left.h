#pragma once
/* What a run left behind: every process that is still below this one, ended. Returns how many there were. */
#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

/* A subreaper inherits what its descendants leave: its children are all there is once their parents are dead. */
static inline int kill_all_left(void) {
  int killed = 0;
  for (;;) {
    char path[64];
    snprintf(path, sizeof path, "/proc/self/task/%d/children", getpid());
    FILE* const children = fopen(path, "re");
    if (!children) return -1;
    int pid = 0;
    int found = 0;
    while (fscanf(children, "%d", &pid) == 1) {
      found++;
      kill(pid, SIGKILL);
    }
    fclose(children);
    if (found == 0) return killed;
    killed += found;
    while (waitpid(-1, NULL, __WALL) < 0 && errno == EINTR) continue;
  }
}
