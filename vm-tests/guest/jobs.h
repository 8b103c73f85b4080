#pragma once
#include <stddef.h>
#include <sys/types.h>

/* What a program left: its wait status, and all that it wrote. The texts end with NUL and are the caller's. */
struct outcome {
  int status;
  int timed_out;
  char* output;
  char* errors;
};

/* One program: as `uid`, with `input` as its stdin (or nothing), from `plan` through the launcher, or as it is. */
struct program {
  uid_t uid;
  const char* plan;
  const char* input;
  /* Its cgroup's folder, or NULL. */
  const char* cgroup;
  char** arguments;
};

/* Runs it to its end. Ends this process when that cannot be done at all. */
struct outcome run_program(const struct program* program);

/* Gives loopback an address. */
void add_address(const char* address);
/* Starts what answers at an address and port, or at the name of a UNIX socket; `kind` is tcp, udp or unix. */
void start_server(const char* kind, const char* address, const char* port);
/* The first server's process. */
pid_t first_server(void);

/* A cgroup of `uid`'s own with every controller that limits need; its folder, the caller's. */
char* make_cgroup(const char* name, uid_t uid);

/* All of a file, with a NUL behind it. */
char* read_file(const char* path);
/* Says what is wrong on stderr and ends this process. */
_Noreturn void give_up(const char* what);
