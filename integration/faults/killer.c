/* killer CHILDREN VICTIM MICROSECONDS LAUNCHER PLAN: runs the launcher on a plan, untraced, keeps a CPU busy for that
 * time, and then sends SIGKILL to VICTIM as soon as it is there: supervisor, one of its children (named in their order,
 * with commas between them), or program (the sandboxee before its execve included). Reports as the tracer does, on
 * descriptor 3. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "left.h"

enum { plan_descriptor = 3, high_descriptor = 20 };

static void die(const char* what) {
  perror(what);
  exit(2);
}

static long long microseconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1000000LL + now.tv_nsec / 1000;
}

/* 0: there is none (yet). Children are listed in the order in which they were made. */
static pid_t child_of(pid_t pid, int index) {
  char path[64];
  snprintf(path, sizeof path, "/proc/%d/task/%d/children", pid, pid);
  FILE* const children = fopen(path, "re");
  if (!children) return 0;
  int child = 0;
  for (int i = 0; i <= index; i++)
    if (fscanf(children, "%d", &child) != 1) child = 0;
  fclose(children);
  return child;
}

/* The place of a name in a list; -1: it is not in it. */
static int place_of(const char* name, const char* list) {
  const size_t size = strlen(name);
  for (int place = 0; list; place++) {
    if (strncmp(list, name, size) == 0 && (list[size] == ',' || list[size] == '\0')) return place;
    list = strchr(list, ',');
    if (list) list++;
  }
  return -1;
}

static pid_t find(const char* victim, const char* children, pid_t supervisor) {
  if (strcmp(victim, "supervisor") == 0) return supervisor;
  if (strcmp(victim, "program") != 0) return child_of(supervisor, place_of(victim, children));
  const pid_t init = child_of(supervisor, place_of("init", children));
  return init == 0 ? 0 : child_of(init, 0);
}

static int has_ended(pid_t pid) {
  siginfo_t info = {0};
  return waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid == pid;
}

static pid_t start(const char* launcher, const char* plan) {
  const int opened = open(plan, O_RDONLY | O_CLOEXEC);
  const int fd = fcntl(opened, F_DUPFD_CLOEXEC, high_descriptor); /* dup2 to itself would keep close-on-exec */
  if (fd < 0) die(plan);
  const pid_t pid = fork();
  if (pid < 0) die("fork");
  if (pid == 0) {
    if (dup2(fd, plan_descriptor) < 0) die("dup2");
    char* const arguments[] = {(char*)launcher, (char*)"--plan-descriptor", (char*)"3", NULL};
    char* const environment[] = {NULL};
    execve(launcher, arguments, environment);
    die(launcher);
  }
  close(opened);
  close(fd);
  return pid;
}

int main(int count, char** arguments) {
  if (count != 6) return 2;
  FILE* const report = fdopen(fcntl(3, F_DUPFD_CLOEXEC, high_descriptor), "w");
  if (!report || close(3) != 0) die("descriptor 3");
  if (prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0) die("PR_SET_CHILD_SUBREAPER");
  const long long until = microseconds() + atoll(arguments[3]);
  const pid_t supervisor = start(arguments[4], arguments[5]);
  while (microseconds() < until) continue;
  for (;;) {
    const pid_t victim = find(arguments[2], arguments[1], supervisor);
    if (victim != 0 && kill(victim, SIGKILL) == 0) {
      fprintf(report, "killed\n");
      break;
    }
    if (has_ended(supervisor) || microseconds() > until + 10000000) break;
  }
  wait_for_all(report, supervisor);
  fclose(report);
  return 0;
}
