/* Calls that reach other parts of the kernel, by number: a C library must not stand between. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "probe.h"

enum { buffer_size = 4096 };

/* Below 4 GiB on x86, so that a pointer to it survives the 32-bit entry. */
#ifndef MAP_32BIT
#define MAP_32BIT 0
#endif
static char* low_buffer(void) {
  void* const page = mmap(NULL, buffer_size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
  if (page == MAP_FAILED) exit(2);
  return page;
}

/* `buffer` stands for the address of a zeroed page, `text:...` for a page that holds the text. */
static long argument(char** arguments, int index) {
  for (int i = 0; i < index; i++)
    if (!arguments[i]) return 0;
  if (!arguments[index]) return 0;
  if (strcmp(arguments[index], "buffer") == 0) return (long)low_buffer();
  if (strncmp(arguments[index], "text:", 5) == 0) return (long)strncpy(low_buffer(), arguments[index] + 5, 4095);
  return (long)number(arguments, index);
}

/* syscall NUMBER ARGUMENT...; an x32 call is the same with bit 30 set. */
static int call(char** arguments) {
  const long answer =
      syscall((long)number(arguments, 0), argument(arguments, 1), argument(arguments, 2), argument(arguments, 3),
              argument(arguments, 4), argument(arguments, 5), argument(arguments, 6));
  return answer < 0 ? -1 : 0;
}

/* The same through the 32-bit entry: the kernel uses the i386 table whatever the program is. */
static int call_i386(char** arguments) {
#ifdef __x86_64__
  long answer = (long)number(arguments, 0);
  __asm__ volatile("int $0x80"
                   : "+a"(answer)
                   : "b"(argument(arguments, 1)), "c"(argument(arguments, 2)), "d"(argument(arguments, 3)),
                     "S"(argument(arguments, 4)), "D"(argument(arguments, 5))
                   : "memory", "r8", "r9", "r10", "r11");
  const int result = (int)answer;
  if (result >= 0) return 0;
  errno = -result;
  return -1;
#else
  (void)arguments;
  errno = ENOSYS;
  return -1;
#endif
}

/* ioctl FD COMMAND: all 64 bits of the command reach the kernel, which looks at the low 32. */
static int raw_ioctl(char** arguments) {
  return syscall(SYS_ioctl, number(arguments, 0), number(arguments, 1), low_buffer()) < 0 ? -1 : 0;
}

/* Pushes one character into the controlling terminal; `paste` is what TIOCLINUX would do on a console. */
static int push_input(char** arguments) {
  const unsigned long dirty = arguments[0] ? (unsigned long)number(arguments, 0) : 0;
  const int tty = open("/dev/tty", O_RDWR | O_CLOEXEC);
  char* const page = low_buffer();
  page[0] = 'x';
  return syscall(SYS_ioctl, tty < 0 ? 0 : tty, TIOCSTI | dirty, page) < 0 ? -1 : 0;
}

static int paste(char** arguments) {
  const unsigned long dirty = arguments[0] ? (unsigned long)number(arguments, 0) : 0;
  char* const page = low_buffer();
  page[0] = 3; /* TIOCL_PASTESEL */
  return syscall(SYS_ioctl, 0, TIOCLINUX | dirty, page) < 0 ? -1 : 0;
}

/* Reads a file by handle: only a path check can stop what a mount shows. The second path names the mount. */
static int open_by_handle(char** arguments) {
  struct {
    struct {
      unsigned bytes;
      int type;
    } head;
    char data[128];
  } handle = {.head = {sizeof handle.data, 0}};
  int mount_id = 0;
  if (syscall(SYS_name_to_handle_at, AT_FDCWD, text(arguments, 0), &handle, &mount_id, 0) != 0) return -1;
  const int mount = open(text(arguments, 1), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (mount < 0) return -1;
  return syscall(SYS_open_by_handle_at, mount, &handle, O_RDONLY) < 0 ? -1 : 0;
}

const struct act kernel_acts[] = {
    {"syscall", call},    {"i386", call_i386},
    {"ioctl", raw_ioctl}, {"push-input", push_input},
    {"paste", paste},     {"open-by-handle", open_by_handle},
    {NULL, NULL},
};
