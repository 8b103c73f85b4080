/*
 * probe ACT ARGUMENT...: does one act; prints `ok`, or `errno N`. Status 0 whatever the answer, 2 for a wrong call.
 * probe batch: does each act of stdin, one a line, in a child of its own, and prints `end WAIT-STATUS` after it.
 */
#define _GNU_SOURCE
#include "probe.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static act_function find(const char* name) {
  const struct act* const lists[] = {network_acts, ways_acts, routes_acts, kernel_acts, process_acts, filesystem_acts};
  for (unsigned i = 0; i < sizeof lists / sizeof *lists; i++)
    for (const struct act* act = lists[i]; act->name; act++)
      if (strcmp(act->name, name) == 0) return act->run;
  return NULL;
}

static int answer(char** arguments) {
  const act_function run = arguments[0] ? find(arguments[0]) : NULL;
  if (!run) {
    fprintf(stderr, "probe: no act %s\n", arguments[0] ? arguments[0] : "");
    return 2;
  }
  errno = 0;
  if (run(arguments + 1) == 0)
    puts("ok");
  else
    printf("errno %d\n", errno);
  return 0;
}

static int answer_all(void) {
  char line[4096];
  while (fgets(line, sizeof line, stdin)) {
    char* words[16] = {NULL};
    unsigned count = 0;
    for (char* word = strtok(line, " \n"); word && count < 15; word = strtok(NULL, " \n")) words[count++] = word;
    fflush(stdout);
    const pid_t child = fork();
    if (child < 0) return 3;
    if (child == 0) exit(answer(words));
    int status = 0;
    if (waitpid(child, &status, 0) != child) return 3;
    printf("end %d\n", status);
  }
  return 0;
}

int main(int count, char** arguments) {
  if (count == 2 && strcmp(arguments[1], "batch") == 0) return answer_all();
  return answer(arguments + 1);
}

const char* text(char** arguments, int index) {
  for (int i = 0; i <= index; i++)
    if (!arguments[i]) {
      fprintf(stderr, "probe: argument %d is missing\n", index + 1);
      exit(2);
    }
  return arguments[index];
}

long long number(char** arguments, int index) {
  const char* const word = text(arguments, index);
  char* end = NULL;
  const unsigned long long value = strtoull(word, &end, 0);
  if (*word == 0 || *end != 0) {
    fprintf(stderr, "probe: %s is no number\n", word);
    exit(2);
  }
  return (long long)value;
}
