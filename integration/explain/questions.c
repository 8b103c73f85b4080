/*
 * Tries every act that stdin names, one a line, each in a child of its own, and prints one answer a line:
 * `ok`, `errno N`, `signal N`, `blocked`, or `unresolved`. Acts: read|write|exec PATH, connect HOST PORT,
 * native|i386 NUMBER ARGUMENT...
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { words_most = 8, line_most = 4096, patience_ms = 1000 };
enum { silent, answered, unresolved };

/* Shared with the children: what they found before they ended. */
static volatile struct {
  int state;
  int error;
}* note;

static void tell(long result) {
  note->error = result < 0 ? errno : 0;
  note->state = answered;
}

static long read_path(const char* path) {
  struct stat found;
  char block[4096];
  const int is_directory = stat(path, &found) == 0 && S_ISDIR(found.st_mode);
  const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | (is_directory ? O_DIRECTORY : 0));
  if (fd < 0 || !is_directory) return fd;
  return syscall(SYS_getdents64, fd, block, sizeof block);
}

/* In a directory, or where nothing stands, a file is made; nothing stays. */
static long write_path(const char* path) {
  struct stat found;
  const int known = stat(path, &found);
  if (known == 0 && !S_ISDIR(found.st_mode)) {
    const int fd = open(path, O_WRONLY | O_CLOEXEC | O_NONBLOCK);
    /* fifo(7): it is let in, and nobody reads. */
    return fd < 0 && errno == ENXIO && S_ISFIFO(found.st_mode) ? 0 : fd;
  }
  if (known != 0 && errno != ENOENT) return open(path, O_WRONLY | O_CLOEXEC);
  char made[line_most + 8];
  snprintf(made, sizeof made, known == 0 ? "%s/.made" : "%s", path);
  const int fd = open(made, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  tell(fd);
  if (fd >= 0) unlink(made);
  _exit(0);
}

static long start(const char* path) {
  char* const arguments[] = {(char*)path, NULL};
  char* const environment[] = {NULL};
  for (int fd = 0; fd < 3; fd++) close(fd);
  return execve(path, arguments, environment);
}

/* hosts(5), as a resolver reads it that has nothing else. */
static int resolve(const char* name, struct in_addr* address) {
  if (inet_pton(AF_INET, name, address) == 1) return 0;
  char line[line_most];
  FILE* const hosts = fopen("/etc/hosts", "r");
  while (hosts && fgets(line, sizeof line, hosts)) {
    char* const number = strtok(line, " \t\n");
    for (const char* alias = strtok(NULL, " \t\n"); number && alias; alias = strtok(NULL, " \t\n"))
      if (strcmp(alias, name) == 0) return inet_pton(AF_INET, number, address) == 1 ? 0 : -1;
  }
  return -1;
}

static long reach(const char* host, int port) {
  struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((unsigned short)port)};
  if (resolve(host, &to.sin_addr) != 0) {
    note->state = unresolved;
    _exit(0);
  }
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, IPPROTO_TCP);
  return fd < 0 ? -1 : connect(fd, (struct sockaddr*)&to, sizeof to);
}

static long call_native(const long* a) {
  return syscall(a[0], a[1], a[2], a[3], a[4], a[5], a[6]);
}

static long call_i386(const long* a) {
#ifdef __x86_64__
  long answer = a[0];
  /* The sixth argument lies in ebp, which the compiler needs. */
  __asm__ volatile("int $0x80"
                   : "+a"(answer)
                   : "b"(a[1]), "c"(a[2]), "d"(a[3]), "S"(a[4]), "D"(a[5])
                   : "memory", "r8", "r9", "r10", "r11");
  const int result = (int)answer;
  if (result >= 0 || result < -4095) return 0;
  errno = -result;
  return -1;
#else
  (void)a;
  errno = ENOSYS;
  return -1;
#endif
}

static long act(char** word) {
  if (strcmp(word[0], "read") == 0) return read_path(word[1]);
  if (strcmp(word[0], "write") == 0) return write_path(word[1]);
  if (strcmp(word[0], "exec") == 0) return start(word[1]);
  if (strcmp(word[0], "connect") == 0) return reach(word[1], atoi(word[2]));
  long number[words_most] = {0};
  for (int i = 1; i < words_most && word[i]; i++) number[i - 1] = strtol(word[i], NULL, 0);
  return strcmp(word[0], "i386") == 0 ? call_i386(number) : call_native(number);
}

/* Waits for a child; one that blocks has been let through, and is ended. */
static int wait_for(pid_t child, int* status) {
  const struct timespec moment = {0, 1000000};
  for (int waited = 0; waited < patience_ms; waited++) {
    if (waitpid(child, status, WNOHANG) == child) return 0;
    nanosleep(&moment, NULL);
  }
  kill(child, SIGKILL);
  waitpid(child, status, 0);
  return -1;
}

static void try_one(char* line) {
  char* word[words_most + 1] = {NULL};
  int count = 0;
  for (char* next = strtok(line, " \n"); next && count < words_most; next = strtok(NULL, " \n")) word[count++] = next;
  note->state = silent;
  const pid_t child = fork();
  if (child == 0) {
    tell(act(word));
    _exit(0);
  }
  int status = 0;
  const int ended = wait_for(child, &status);
  if (note->state == unresolved)
    puts("unresolved");
  else if (note->state == answered)
    printf(note->error == 0 ? "ok\n" : "errno %d\n", note->error);
  else if (ended != 0)
    puts("blocked");
  else if (WIFSIGNALED(status))
    printf("signal %d\n", WTERMSIG(status));
  else
    puts("ok"); /* exit(2), or an execve that never came back */
}

int main(void) {
  static char input[1 << 20];
  const size_t length = fread(input, 1, sizeof input - 1, stdin);
  input[length] = 0;
  note = mmap(NULL, sizeof *note, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  setvbuf(stdout, NULL, _IONBF, 0);
  for (char *line = input, *end; (end = strchr(line, '\n')) != NULL; line = end + 1) {
    *end = 0;
    try_one(line);
  }
  return 0;
}
