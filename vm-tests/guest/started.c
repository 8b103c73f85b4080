/* started HOW PROGRAM [ARGUMENT...]: starts a program as some callers are: with the real-time scheduler (sched(7)), or
 * in a cgroup namespace whose hierarchy is not the one that is mounted (cgroup_namespaces(7)). */
#define _GNU_SOURCE
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static int real_time(void) {
  const struct sched_param first = {.sched_priority = 1};
  return sched_setscheduler(0, SCHED_FIFO, &first);
}

static int cgroup_namespace(void) { return unshare(CLONE_NEWCGROUP); }

static const struct {
  const char* name;
  int (*become)(void);
} ways[] = {{"real-time", real_time}, {"cgroup-namespace", cgroup_namespace}};

int main(int count, char** arguments) {
  for (unsigned i = 0; count > 2 && i < sizeof ways / sizeof *ways; i++) {
    if (strcmp(arguments[1], ways[i].name) != 0) continue;
    if (ways[i].become() == 0) execv(arguments[2], arguments + 2);
    perror(arguments[1]);
    return 1;
  }
  fprintf(stderr, "usage: started real-time|cgroup-namespace PROGRAM [ARGUMENT...]\n");
  return 1;
}
