// time-runs ROUNDS { ++ NAME DESCRIPTOR_9_FILE|- PROGRAM ARGUMENT... }...: the wall time from fork to reaped of each
// command, one of each in every round, so that whatever else the machine does falls on all of them alike.
// Prints a line per run: NAME nanoseconds. Exit status 1 if any command fails.
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

struct command {
  const char* name;
  const char* file;
  char** argv;
};

static int64_t now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

static int run(const struct command* command) {
  const pid_t pid = vfork();
  if (pid < 0) return -1;
  if (pid == 0) {
    if (strcmp(command->file, "-") != 0 && (open(command->file, O_RDONLY) < 0 || dup2(3, 9) < 0 || close(3) != 0)) _exit(126);
    execv(command->argv[0], command->argv);
    _exit(127);
  }
  int status = 0;
  return waitpid(pid, &status, 0) == pid ? status : -1;
}

int main(int argc, char** argv) {
  struct command commands[16];
  int count = 0;
  if (argc < 3) return 2;
  const int rounds = atoi(argv[1]);
  for (int index = 2; index < argc; ++index) {
    if (strcmp(argv[index], "++") != 0) continue;
    if (count == 16 || index + 3 >= argc) return 2;
    argv[index] = NULL;  // ends the command before
    commands[count++] = (struct command){argv[index + 1], argv[index + 2], &argv[index + 3]};
  }
  for (int descriptor = 3; descriptor < 64; ++descriptor) close(descriptor);
  for (int round = 0; round < rounds; ++round) {
    for (int index = 0; index < count; ++index) {
      const int64_t start = now();
      const int status = run(&commands[index]);
      const int64_t end = now();
      if (status != 0) {
        fprintf(stderr, "%s: wait status %d\n", commands[index].name, status);
        return 1;
      }
      printf("%s %lld\n", commands[index].name, (long long)(end - start));
    }
  }
  return 0;
}
