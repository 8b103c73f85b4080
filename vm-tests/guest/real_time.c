/* real-time PROGRAM [ARGUMENT...]: starts a program with the real-time scheduler (sched(7)). */
#include <sched.h>
#include <stdio.h>
#include <unistd.h>

int main(int count, char** arguments) {
  const struct sched_param first = {.sched_priority = 1};
  if (count < 2 || sched_setscheduler(0, SCHED_FIFO, &first) != 0) {
    perror("real-time");
    return 1;
  }
  execv(arguments[1], arguments + 1);
  perror(arguments[1]);
  return 1;
}
