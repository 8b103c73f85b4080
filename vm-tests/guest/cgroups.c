/* Cgroups for jobs.c, as a manager of the system would give them to a user: the hierarchy of version 2. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "jobs.h"

static const char root[] = "/sys/fs/cgroup";

static void write_to(const char* path, const char* text) {
  const int file = open(path, O_WRONLY | O_CLOEXEC);
  if (file < 0 || write(file, text, strlen(text)) != (ssize_t)strlen(text)) give_up(path);
  close(file);
}

char* make_cgroup(const char* name, uid_t uid) {
  /* cgroups(7), "Delegating a hierarchy": what its user may write. */
  static const char* const given[] = {"", "/cgroup.procs", "/cgroup.subtree_control"};
  char path[256], folder[128];
  snprintf(path, sizeof path, "%s/cgroup.subtree_control", root);
  write_to(path, "+cpu +memory +pids");
  snprintf(folder, sizeof folder, "%s/%s", root, name);
  if (mkdir(folder, 0755) != 0 && errno != EEXIST) give_up(folder);
  for (unsigned i = 0; i < sizeof given / sizeof *given; i++) {
    snprintf(path, sizeof path, "%s%s", folder, given[i]);
    if (chown(path, uid, uid) != 0) give_up(path);
  }
  return strdup(folder);
}
