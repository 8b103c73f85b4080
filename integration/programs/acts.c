/*
 * acts ACT: does what the name says, and prints `done`.
 * Built against each C library, statically and dynamically, as a 64-bit and as a 32-bit program.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <sys/times.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char** environ;

static void must(int holds, const char* what) {
  if (holds) return;
  perror(what);
  exit(1);
}

static void* count(void* counter) {
  ++*(int*)counter;
  return NULL;
}

static void threads(void) {
  int counters[2] = {0, 0};
  pthread_t made[2];
  for (int i = 0; i < 2; i++) must(pthread_create(&made[i], NULL, count, &counters[i]) == 0, "pthread_create");
  for (int i = 0; i < 2; i++) must(pthread_join(made[i], NULL) == 0, "pthread_join");
  must(counters[0] + counters[1] == 2, "threads");
}

static void wait_for(pid_t child, int expected) {
  int status = 0;
  must(waitpid(child, &status, 0) == child, "waitpid");
  must(WIFEXITED(status) && WEXITSTATUS(status) == expected, "status");
}

static void forks(void) {
  pid_t child = fork();
  must(child >= 0, "fork");
  if (child == 0) _exit(7);
  wait_for(child, 7);
}

static void spawns(char* self) {
  char* arguments[] = {self, (char*)"hello", NULL};
  pid_t child = 0;
  must(posix_spawn(&child, self, NULL, NULL, arguments, environ) == 0, "posix_spawn");
  wait_for(child, 0);
}

/* The calls of a C library, or made by number: libc of 32-bit programs goes through socketcall(2). */
struct calls {
  int (*socket)(int, int, int);
  int (*setsockopt)(int, int, int, const void*, socklen_t);
  int (*bind)(int, const struct sockaddr*, socklen_t);
  int (*getsockname)(int, struct sockaddr*, socklen_t*);
  int (*listen)(int, int);
  int (*connect)(int, const struct sockaddr*, socklen_t);
  int (*accept)(int, struct sockaddr*, socklen_t*);
};

static int direct_socket(int family, int type, int protocol) {
  return (int)syscall(SYS_socket, family, type, protocol);
}
static int direct_setsockopt(int fd, int level, int name, const void* value, socklen_t size) {
  return (int)syscall(SYS_setsockopt, fd, level, name, value, size);
}
static int direct_bind(int fd, const struct sockaddr* to, socklen_t size) {
  return (int)syscall(SYS_bind, fd, to, size);
}
static int direct_getsockname(int fd, struct sockaddr* name, socklen_t* size) {
  return (int)syscall(SYS_getsockname, fd, name, size);
}
static int direct_listen(int fd, int backlog) {
  return (int)syscall(SYS_listen, fd, backlog);
}
static int direct_connect(int fd, const struct sockaddr* to, socklen_t size) {
  return (int)syscall(SYS_connect, fd, to, size);
}
static int direct_accept(int fd, struct sockaddr* from, socklen_t* size) {
  return (int)syscall(SYS_accept4, fd, from, size, 0);
}

static const struct calls library = {socket, setsockopt, bind, getsockname, listen, connect, accept};
static const struct calls direct = {direct_socket, direct_setsockopt, direct_bind,  direct_getsockname,
                                    direct_listen, direct_connect,    direct_accept};

/* A server and its client on the loopback interface. */
static void sockets(const struct calls* by) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t size = sizeof address;
  const int on = 1;
  int server = by->socket(AF_INET, SOCK_STREAM, 0);
  must(server >= 0, "socket");
  must(by->setsockopt(server, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0, "setsockopt");
  must(by->bind(server, (struct sockaddr*)&address, size) == 0, "bind");
  must(by->getsockname(server, (struct sockaddr*)&address, &size) == 0, "getsockname");
  must(by->listen(server, 1) == 0, "listen");
  int client = by->socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, IPPROTO_TCP);
  must(client >= 0 && by->connect(client, (struct sockaddr*)&address, size) == 0, "connect");
  int served = by->accept(server, NULL, NULL);
  must(served >= 0, "accept");
  char word[8] = "";
  must(write(client, "hello", 5) == 5 && read(served, word, sizeof word) == 5, "send");
  must(strcmp(word, "hello") == 0, "receive");
}

/* In /tmp, which is the program's own. */
static void files(void) {
  FILE* file = fopen("/tmp/made", "w");
  must(file != NULL && fputs("hello\n", file) >= 0 && fclose(file) == 0, "write");
  must(rename("/tmp/made", "/tmp/moved") == 0, "rename");
  struct stat about;
  must(stat("/tmp/moved", &about) == 0 && about.st_size == 6, "stat");
  char line[16] = "";
  file = fopen("/tmp/moved", "r+");
  must(file != NULL && fgets(line, sizeof line, file) != NULL && fclose(file) == 0, "read");
  must(strcmp(line, "hello\n") == 0, "content");
  must(unlink("/tmp/moved") == 0, "unlink");
  must(mkdir("/tmp/folder", 0700) == 0 && rmdir("/tmp/folder") == 0, "mkdir");
}

/* mov $42, %eax; ret: the same bytes in 64-bit and 32-bit code. */
static void code(void) {
  static const unsigned char answer[] = {0xb8, 42, 0, 0, 0, 0xc3};
  void* page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  must(page != MAP_FAILED, "mmap");
  memcpy(page, answer, sizeof answer);
  must(mprotect(page, 4096, PROT_READ | PROT_EXEC) == 0, "mprotect");
  int (*call)(void) = NULL;
  memcpy(&call, &page, sizeof call);
  must(call() == 42, "code");
}

static volatile sig_atomic_t signals;

static void note(int number) {
  (void)number;
  signals++;
}

static int order(const void* a, const void* b) {
  return *(const int*)a - *(const int*)b;
}

/* Memory, time, signals, descriptors, ids: by the library's functions, whatever calls each makes of them. */
static void computes(void) {
  int* numbers = malloc(1 << 20);
  must(numbers != NULL, "malloc");
  numbers = realloc(numbers, 1 << 24);
  must(numbers != NULL, "realloc");
  for (int i = 0; i < 5000; i++) numbers[i] = 5000 - i;
  qsort(numbers, 5000, sizeof *numbers, order);
  must(numbers[0] == 1, "qsort");
  free(numbers);
  struct timespec now;
  struct timeval then;
  struct rusage usage;
  struct tms elapsed;
  must(time(NULL) > 0 && clock_gettime(CLOCK_MONOTONIC, &now) == 0 && gettimeofday(&then, NULL) == 0, "time");
  must(getrusage(RUSAGE_SELF, &usage) == 0 && times(&elapsed) != (clock_t)-1, "usage");
  const struct timespec moment = {0, 1000};
  must(nanosleep(&moment, NULL) == 0, "nanosleep");
  must(clock_nanosleep(CLOCK_MONOTONIC, 0, &moment, NULL) == 0, "clock_nanosleep");
  must(signal(SIGUSR1, note) != SIG_ERR && raise(SIGUSR1) == 0 && signals == 1, "raise");
  must(kill(getpid(), SIGUSR1) == 0 && signals == 2, "kill");
  const struct itimerval soon = {{0, 0}, {0, 1000}};
  sigset_t all, none;
  sigfillset(&all);
  sigemptyset(&none);
  must(signal(SIGALRM, note) != SIG_ERR && sigprocmask(SIG_BLOCK, &all, NULL) == 0, "sigprocmask");
  must(setitimer(ITIMER_REAL, &soon, NULL) == 0, "setitimer");
  must(sigsuspend(&none) == -1 && signals == 3, "sigsuspend");
  int ends[2];
  char byte = 'x';
  must(pipe(ends) == 0 && write(ends[1], &byte, 1) == 1, "pipe");
  struct pollfd ready = {.fd = ends[0], .events = POLLIN};
  fd_set set;
  FD_ZERO(&set);
  FD_SET(ends[0], &set);
  must(poll(&ready, 1, -1) == 1 && select(ends[0] + 1, &set, NULL, NULL, NULL) == 1, "poll");
  must(ppoll(&ready, 1, &moment, &none) == 1 && pselect(ends[0] + 1, &set, NULL, NULL, &moment, &none) == 1, "ppoll");
  struct epoll_event event = {.events = EPOLLIN};
  int queue = epoll_create1(EPOLL_CLOEXEC);
  must(queue >= 0 && epoll_ctl(queue, EPOLL_CTL_ADD, ends[0], &event) == 0, "epoll_ctl");
  must(epoll_wait(queue, &event, 1, -1) == 1, "epoll_wait");
  int timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
  const struct itimerspec tick = {{0, 0}, {0, 1000}};
  uint64_t ticks = 0;
  must(timer >= 0 && timerfd_settime(timer, 0, &tick, NULL) == 0 && read(timer, &ticks, 8) == 8, "timerfd");
  must(eventfd(1, EFD_CLOEXEC) >= 0 && signalfd(-1, &all, SFD_CLOEXEC) >= 0, "eventfd");
  struct stat about;
  int copy = dup2(ends[0], 40);
  must(copy == 40 && fstat(copy, &about) == 0 && fcntl(copy, F_SETFL, O_NONBLOCK) == 0, "dup2");
  must(fcntl(copy, F_GETFL) >= 0 && fcntl(copy, F_SETFD, FD_CLOEXEC) == 0 && isatty(copy) == 0, "fcntl");
  must(lseek(copy, 0, SEEK_CUR) == -1 && close(copy) == 0, "lseek");
  struct utsname names;
  struct rlimit limit;
  must(uname(&names) == 0 && getrlimit(RLIMIT_STACK, &limit) == 0 && sysconf(_SC_NPROCESSORS_ONLN) > 0, "uname");
  must(getuid() == geteuid() && getgid() == getegid() && getppid() >= 0 && getgroups(0, NULL) >= 0, "ids");
  must(umask(022) != (mode_t)-1 && sched_yield() == 0 && waitpid(-1, NULL, WNOHANG) == -1, "umask");
  must(getrandom(&byte, 1, 0) == 1 && prctl(PR_SET_NAME, "acts") == 0, "getrandom");
}

int main(int argc, char** argv) {
  const char* act = argc > 1 ? argv[1] : "";
  /* The first printf asks what standard output is, the second does not. */
  printf("hello\n");
  fflush(stdout);
  printf("hello again\n");
  fflush(stdout);
  if (strcmp(act, "threads") == 0)
    threads();
  else if (strcmp(act, "forks") == 0)
    forks();
  else if (strcmp(act, "spawns") == 0)
    spawns(argv[0]);
  else if (strcmp(act, "sockets") == 0)
    sockets(&library);
  else if (strcmp(act, "direct") == 0)
    sockets(&direct);
  else if (strcmp(act, "files") == 0)
    files();
  else if (strcmp(act, "code") == 0)
    code();
  else if (strcmp(act, "computes") == 0)
    computes();
  else if (strcmp(act, "hello") != 0)
    return 2;
  printf("done\n");
  return 0;
}
