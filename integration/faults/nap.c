/* nap [brief]: a program that never ends, nor does its child, which has left the session and takes no signal. */
#define _GNU_SOURCE
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

int main(int count, char** arguments) {
  (void)arguments;
  if (count > 1) return 0;
  if (fork() == 0) {
    setsid();
    for (int signal_number = 1; signal_number < 32; signal_number++) signal(signal_number, SIG_IGN);
    for (;;) pause();
  }
  puts("napping");
  fflush(stdout);
  for (;;) pause();
}
