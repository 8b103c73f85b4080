#pragma once
/* What a run left behind. A subreaper inherits what its descendants leave: its children are all there is. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

enum { patience_seconds = 20, patience_after_end_seconds = 5 };

static inline void lose_patience(int signal_number) {
  (void)signal_number; /* wait4 returns EINTR, which is all it is for */
}

static inline void begin_patience(void) {
  const struct sigaction interrupt = {.sa_handler = lose_patience};
  sigaction(SIGALRM, &interrupt, NULL);
  alarm(patience_seconds);
}

/* How the launcher ended; whoever is left then has a little time to end too. */
static inline void report_end(FILE* report, int status) {
  fprintf(report, WIFEXITED(status) ? "exit %d\n" : "signal %d\n",
          WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status));
  alarm(patience_after_end_seconds);
}

/* Ends every descendant that is still there; how many there were. */
static inline int end_left(void) {
  char path[64];
  snprintf(path, sizeof path, "/proc/self/task/%d/children", getpid());
  int ended = 0;
  for (int found = 1; found > 0;) {
    FILE* const children = fopen(path, "re");
    found = 0;
    for (int pid = 0; children && fscanf(children, "%d", &pid) == 1; found++) kill(pid, SIGKILL);
    if (children) fclose(children);
    ended += found;
    for (int i = 0; i < found; i++) waitpid(-1, NULL, __WALL);
  }
  return ended;
}

/* Waits until every descendant has ended. */
static inline void wait_for_all(FILE* report, pid_t launcher) {
  begin_patience();
  for (;;) {
    int status = 0;
    const pid_t pid = waitpid(-1, &status, __WALL);
    if (pid < 0 && errno == ECHILD) return;
    if (pid < 0) {
      fprintf(report, "left %d\n", end_left());
      return;
    }
    if (pid == launcher) report_end(report, status);
  }
}
