/* Runs one program for jobs.c. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "jobs.h"

/* An emulated processor is some twenty times slower; the runner on the host has its own limit. */
enum { patience_s = 120, plan_fd = 3, pipe_bytes = 1 << 20 };

static volatile sig_atomic_t timed_out;
static pid_t running;

static void end_it(int signal_number) {
  (void)signal_number;
  timed_out = 1;
  kill(-running, SIGKILL);
}

static int memory_file(void) {
  const int file = memfd_create("jobs", MFD_CLOEXEC);
  if (file < 0) give_up("memfd_create");
  return file;
}

static char* content_of(int file) {
  struct stat status;
  if (fstat(file, &status) != 0) give_up("fstat");
  const size_t size = (size_t)status.st_size;
  char* const text = calloc(size + 1, 1);
  if (text == NULL || pread(file, text, size, 0) != (ssize_t)size) give_up("pread");
  close(file);
  return text;
}

/* A pipe, because children of a program that share a file with it would share its position in it too. */
static int input_of(const char* path) {
  static const char mark[] = "{server}";
  if (path == NULL) return open("/dev/null", O_RDONLY | O_CLOEXEC);
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0 || fcntl(ends[1], F_SETPIPE_SZ, pipe_bytes) < 0) give_up("pipe");
  if (fcntl(ends[1], F_SETFL, O_NONBLOCK) != 0) give_up("fcntl");
  char* const text = read_file(path);
  char* rest = text;
  for (char* at = strstr(rest, mark); at != NULL; at = strstr(rest, mark)) {
    if (dprintf(ends[1], "%.*s%d", (int)(at - rest), rest, (int)first_server()) < 0) give_up("write");
    rest = at + strlen(mark);
  }
  const size_t length = strlen(rest);
  if (write(ends[1], rest, length) != (ssize_t)length) give_up("write");
  close(ends[1]);
  free(text);
  return ends[0];
}

static void enter(const char* cgroup) {
  char path[256];
  if (cgroup == NULL) return;
  snprintf(path, sizeof path, "%s/cgroup.procs", cgroup);
  const int file = open(path, O_WRONLY | O_CLOEXEC);
  if (file < 0 || write(file, "0", 1) != 1) give_up(path);
  close(file);
}

static void become(uid_t uid) {
  if (uid == 0) return;
  if (setgroups(0, NULL) != 0 || setgid(uid) != 0 || setuid(uid) != 0) give_up("setuid");
}

static void replace(const struct program* program, int input, int output, int errors) {
  static char launcher[] = "/payload/palisade-launcher";
  static char option[] = "--plan-descriptor";
  static char number[] = "3";
  static char* launch[] = {launcher, option, number, NULL};
  static char* nothing[] = {NULL};
  setpgid(0, 0);
  int plan = -1;
  if (program->plan != NULL && (plan = open(program->plan, O_RDONLY)) < 0) give_up(program->plan);
  if (plan >= 0 && plan != plan_fd && dup2(plan, plan_fd) < 0) give_up("dup2");
  dup2(input, 0);
  dup2(output, 1);
  dup2(errors, 2);
  enter(program->cgroup);
  become(program->uid);
  if (plan >= 0) execve(launcher, launch, nothing);
  else execve(program->arguments[0], program->arguments, nothing);
  give_up("execve");
}

struct outcome run_program(const struct program* program) {
  const int input = input_of(program->input), output = memory_file(), errors = memory_file();
  fflush(stdout);
  timed_out = 0;
  running = fork();
  if (running < 0) give_up("fork");
  if (running == 0) replace(program, input, output, errors);
  setpgid(running, running);
  const struct sigaction action = {.sa_handler = end_it};
  sigaction(SIGALRM, &action, NULL);
  alarm(patience_s);
  int status = 0;
  while (waitpid(running, &status, 0) != running)
    if (errno != EINTR) give_up("waitpid");
  alarm(0);
  close(input);
  return (struct outcome){status, timed_out, content_of(output), content_of(errors)};
}
