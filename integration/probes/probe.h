#pragma once
/* One hostile act a call. An act returns 0, or -1 with errno set; `arguments` ends with NULL. */
typedef int (*act_function)(char** arguments);
struct act {
  const char* name;
  act_function run;
};

extern const struct act network_acts[];
extern const struct act ways_acts[];
extern const struct act routes_acts[];
extern const struct act kernel_acts[];
extern const struct act process_acts[];
extern const struct act filesystem_acts[];

/* Number in any base of C; the program ends with status 2 if it is missing. */
long long number(char** arguments, int index);
const char* text(char** arguments, int index);
