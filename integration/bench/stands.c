/* Says that it runs, and ends when its input does. */
#include <unistd.h>

int main(void) {
  char byte;
  if (write(STDOUT_FILENO, "stands\n", 7) != 7) return 1;
  return read(STDIN_FILENO, &byte, 1) == 0 ? 0 : 1;
}
