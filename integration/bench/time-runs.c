// time-runs ROUNDS AT_ONCE { ++ NAME EVERY RUNS PROGRAM ARGUMENT... }...: the wall time of RUNS runs of each command, of
// which AT_ONCE are under way at a time, from the first fork until the last is reaped. A command takes part in every
// EVERY-th round, and the commands of a round follow one another, so that whatever else the machine does falls on all of
// them alike. Before each measurement a quarter of RUNS is run unmeasured: what the kernel still takes away then is the
// command's own. An argument `%` stands for a number that no other run has.
// Prints a line per measurement: ROUND STATUS nanoseconds NAME. STATUS: the wait status of its last run that failed, or 0.
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

struct command {
  const char* name;
  int every;
  int runs;
  char** argv;
};

static char number[24];

static int64_t now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

static void begin(const struct command* command) {
  static unsigned long begun;
  snprintf(number, sizeof number, "%lu", begun++);
  const pid_t pid = vfork();
  if (pid == 0) {
    execv(command->argv[0], command->argv);
    _exit(127);
  }
  if (pid > 0) return;
  perror("vfork");
  exit(1);
}

// Returns 0, or the wait status of the last run that failed.
static int run(const struct command* command, int runs, int at_once) {
  int begun = 0;
  int failed = 0;
  for (int ended = 0; ended < runs; ++ended) {
    while (begun < runs && begun - ended < at_once) ++begun, begin(command);
    int status = 0;
    wait(&status);
    if (status != 0) failed = status;
  }
  return failed;
}

int main(int argc, char** argv) {
  struct command commands[16];
  int count = 0;
  if (argc < 3) return 2;
  const int rounds = atoi(argv[1]);
  const int at_once = atoi(argv[2]);
  for (int index = 3; index < argc; ++index) {
    if (strcmp(argv[index], "%") == 0) argv[index] = number;
    if (strcmp(argv[index], "++") != 0) continue;
    if (count == 16 || index + 4 >= argc) return 2;
    argv[index] = NULL;  // ends the command before
    commands[count++] = (struct command){argv[index + 1], atoi(argv[index + 2]), atoi(argv[index + 3]), &argv[index + 4]};
    index += 3;
  }
  for (int descriptor = 3; descriptor < 64; ++descriptor) close(descriptor);
  for (int round = 0; round < rounds; ++round) {
    for (int index = 0; index < count; ++index) {
      // Each round begins with another one, every other round goes backwards: who follows whom changes.
      const int place = round % 2 == 0 ? index : count - 1 - index;
      const struct command* command = &commands[(place + round / 2) % count];
      if (round % command->every != 0) continue;
      run(command, command->runs / 4, at_once);
      const int64_t start = now();
      const int failed = run(command, command->runs, at_once);
      printf("%d %d %lld %s\n", round, failed, (long long)(now() - start), command->name);
    }
  }
  return 0;
}
