/* probe ACT ARGUMENT...: does one act; prints `ok`, or `errno N`. Status 0 whatever the answer, 2 for a wrong call. */
#define _GNU_SOURCE
#include "probe.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static act_function find(const char* name) {
  const struct act* const lists[] = {network_acts, kernel_acts, process_acts, filesystem_acts};
  for (unsigned i = 0; i < sizeof lists / sizeof *lists; i++)
    for (const struct act* act = lists[i]; act->name; act++)
      if (strcmp(act->name, name) == 0) return act->run;
  return NULL;
}

int main(int count, char** arguments) {
  const act_function run = count > 1 ? find(arguments[1]) : NULL;
  if (!run) {
    fprintf(stderr, "probe: no act %s\n", count > 1 ? arguments[1] : "");
    return 2;
  }
  errno = 0;
  if (run(arguments + 2) == 0)
    puts("ok");
  else
    printf("errno %d\n", errno);
  return 0;
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
