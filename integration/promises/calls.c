/*
 * Makes system calls by number under a filter, for tests.
 *
 *   calls FILTER (alone | together) (syscall | int80) (nobody | caller)
 *
 * syscall: the instruction of the program's own arch (svc on ARM), which i386 has not; int80 only x86 has.
 *
 * Standard input: one call a line, `NUMBER ARGUMENT...`, as strtoull(3) reads them. Prints a line for each:
 * `returned VALUE`, `failed ERRNO`, `killed SIGNAL`, `exited STATUS` (the call ended the process) or `not reached`.
 *
 * alone: each call in a process of its own, which does nothing after the call but store the result and end: the call
 * may have been fork, vfork or clone onto the same stack. together: all in one process, for calls that do nothing.
 * As nobody it can change nothing of the machine; only root can become nobody, others stay who they are.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

enum { most_calls = 65536 };

/* Number and six arguments; a 32-bit program has the low words. */
struct call {
  unsigned long word[7];
};

struct result {
  long value;
  int reached;
};

static struct sock_filter instructions[4096];
static struct sock_fprog program = {.filter = instructions};
static struct call calls[most_calls];

static void die(const char* what) {
  fprintf(stderr, "calls: %s: %s\n", what, strerror(errno));
  exit(125);
}

/*
 * enter_X makes the call and returns its result. end_X stores the result and ends the process, without touching the
 * stack in between. All bits of all arguments reach the kernel.
 */
#define REGISTERS64(entry)                                                                                        \
  "  mov 8(%rdi), %rbx\n  mov 16(%rdi), %rcx\n  mov 24(%rdi), %rdx\n  mov 32(%rdi), %rsi\n  mov 48(%rdi), %rbp\n" \
  "  mov (%rdi), %rax\n  mov 40(%rdi), %rdi\n" entry "  cltq\n"

#ifdef __x86_64__
long enter_syscall(const struct call* call);
long enter_int80(const struct call* call);
_Noreturn void end_syscall(const struct call* call, struct result* result);
_Noreturn void end_int80(const struct call* call, struct result* result);
__asm__(
    ".text\nload_call:\n"
    "  mov (%rdi), %rax\n  mov 16(%rdi), %rsi\n  mov 24(%rdi), %rdx\n  mov 32(%rdi), %r10\n  mov 40(%rdi), %r8\n"
    "  mov 48(%rdi), %r9\n  mov 8(%rdi), %rdi\n  ret\n"
    ".globl enter_syscall\nenter_syscall:\n  call load_call\n  syscall\n  ret\n"
    ".globl end_syscall\nend_syscall:\n  mov %rsi, %rbx\n  call load_call\n  syscall\n"
    "  mov %rax, (%rbx)\n  movl $1, 8(%rbx)\n  mov $231, %eax\n  xor %edi, %edi\n  syscall\n"
    /* The 32-bit entry takes its sixth argument in ebp, which the C code around it may use. */
    ".globl enter_int80\nenter_int80:\n  push %rbx\n  push %rbp\n" REGISTERS64("  int $0x80\n")
    "  pop %rbp\n  pop %rbx\n  ret\n"
    ".globl end_int80\nend_int80:\n  mov %rsi, %r12\n" REGISTERS64("  int $0x80\n")
    "  mov %rax, (%r12)\n  movl $1, 8(%r12)\n  mov $231, %eax\n  xor %edi, %edi\n  syscall\n");
#elif defined(__i386__)
#define REGISTERS32                                                                                   \
  "  mov (%eax), %ebx\n  push %ebx\n  mov 4(%eax), %ebx\n  mov 8(%eax), %ecx\n  mov 12(%eax), %edx\n" \
  "  mov 16(%eax), %esi\n  mov 20(%eax), %edi\n  mov 24(%eax), %ebp\n  pop %eax\n"
long enter_int80(const struct call* call);
_Noreturn void end_int80(const struct call* call, struct result* result);
__asm__(
    ".text\n.globl enter_int80\nenter_int80:\n"
    "  push %ebx\n  push %esi\n  push %edi\n  push %ebp\n  mov 20(%esp), %eax\n" REGISTERS32
    "  int $0x80\n"
    "  pop %ebp\n  pop %edi\n  pop %esi\n  pop %ebx\n  ret\n"
    ".globl end_int80\nend_int80:\n  mov 4(%esp), %eax\n" REGISTERS32
    "  int $0x80\n"
    "  mov 8(%esp), %ebx\n  mov %eax, (%ebx)\n  movl $1, 4(%ebx)\n  mov $252, %eax\n  xor %ebx, %ebx\n  int $0x80\n");
#define enter_syscall NULL
#define end_syscall NULL
#elif defined(__aarch64__)
long enter_syscall(const struct call* call);
_Noreturn void end_syscall(const struct call* call, struct result* result);
__asm__(
    ".text\nload_call:\n  mov x9, x0\n  ldr x8, [x9]\n  ldp x0, x1, [x9, #8]\n  ldp x2, x3, [x9, #24]\n"
    "  ldp x4, x5, [x9, #40]\n  ret\n"
    ".globl enter_syscall\nenter_syscall:\n  mov x10, x30\n  bl load_call\n  svc #0\n  ret x10\n"
    ".globl end_syscall\nend_syscall:\n  mov x19, x1\n  bl load_call\n  svc #0\n"
    "  str x0, [x19]\n  mov w1, #1\n  str w1, [x19, #8]\n  mov x8, #94\n  mov x0, #0\n  svc #0\n");
#define enter_int80 NULL
#define end_int80 NULL
#elif defined(__arm__)
long enter_syscall(const struct call* call);
_Noreturn void end_syscall(const struct call* call, struct result* result);
#define REGISTERS_ARM                                                                                       \
  "  mov r6, r0\n  ldr r7, [r6]\n  ldr r0, [r6, #4]\n  ldr r1, [r6, #8]\n  ldr r2, [r6, #12]\n  ldr r3, [r6, #16]\n" \
  "  ldr r4, [r6, #20]\n  ldr r5, [r6, #24]\n"
__asm__(
    ".text\n.arm\n.globl enter_syscall\n.type enter_syscall, %function\nenter_syscall:\n  push {r4-r8, lr}\n" REGISTERS_ARM
    "  svc #0\n  pop {r4-r8, pc}\n"
    ".globl end_syscall\n.type end_syscall, %function\nend_syscall:\n  mov r8, r1\n" REGISTERS_ARM
    "  svc #0\n  str r0, [r8]\n  mov r1, #1\n  str r1, [r8, #4]\n  mov r7, #248\n  mov r0, #0\n  svc #0\n");
#define enter_int80 NULL
#define end_int80 NULL
#else
#error "no way into the kernel of this arch"
#endif

static void read_filter(const char* path) {
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) die(path);
  ssize_t size = read(fd, instructions, sizeof instructions);
  if (size <= 0 || size % (ssize_t)sizeof instructions[0] != 0) die("size of filter");
  program.len = (unsigned short)(size / (ssize_t)sizeof instructions[0]);
  close(fd);
}

static size_t read_calls(void) {
  char line[512];
  size_t count = 0;
  while (fgets(line, sizeof line, stdin) != NULL) {
    if (count == most_calls) die("too many calls");
    char* save = NULL;
    char* word = strtok_r(line, " \n", &save);
    for (int i = 0; i < 7 && word != NULL; i++, word = strtok_r(NULL, " \n", &save)) {
      calls[count].word[i] = (unsigned long)strtoull(word, NULL, 0);
    }
    count++;
  }
  return count;
}

static void become_nobody(void) {
  if (geteuid() != 0) return;
  if (setgroups(0, NULL) != 0 || setresgid(65534, 65534, 65534) != 0 || setresuid(65534, 65534, 65534) != 0) {
    die("become nobody");
  }
}

static void load_filter(void) {
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) die("no_new_privs");
  if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) != 0) die("seccomp");
}

static void interrupt(int signal) {
  (void)signal;
}

/* A call that waits is interrupted, again and again because the signal may come before the call. */
static void interrupt_waits(void) {
  const struct sigaction action = {.sa_handler = interrupt};
  const struct itimerval often = {{0, 20000}, {0, 20000}};
  if (sigaction(SIGALRM, &action, NULL) != 0 || setitimer(ITIMER_REAL, &often, NULL) != 0) die("timer");
}

/* What clone(2) has made may end with any signal to its parent, before the parent has stored its own result. */
static void ignore_signals(void) {
  static const int kept[] = {SIGILL, SIGBUS, SIGSEGV, SIGSYS, SIGALRM, SIGCHLD, SIGKILL, SIGSTOP};
  for (int number = 1; number < 32; number++) {
    int ignored = 1;
    for (size_t i = 0; i < sizeof kept / sizeof kept[0]; i++) ignored &= kept[i] != number;
    if (ignored && signal(number, SIG_IGN) == SIG_ERR) die("signal");
  }
}

static void print_result(const struct result* result, int status) {
  if (result->reached != 0) {
    if (result->value < 0 && result->value >= -4095)
      printf("failed %ld\n", -result->value);
    else
      printf("returned %ld\n", result->value);
  } else if (WIFSIGNALED(status))
    printf("killed %d\n", WTERMSIG(status));
  else
    printf("exited %d\n", WEXITSTATUS(status));
}

static int wait_for(pid_t child) {
  int status = 0;
  if (waitpid(child, &status, 0) != child) die("waitpid");
  /* What the call has made is ours now (PR_SET_CHILD_SUBREAPER), and ends at once. */
  while (waitpid(-1, NULL, __WALL) > 0) continue;
  return status;
}

static long (*const enter_by[])(const struct call*) = {enter_syscall, enter_int80};
static void (*const end_by[])(const struct call*, struct result*) = {end_syscall, end_int80};

static void make_alone(const struct call* call, int way, struct result* result) {
  *result = (struct result){0, 0};
  fflush(stdout);
  pid_t child = fork();
  if (child < 0) die("fork");
  if (child == 0) {
    ignore_signals();
    interrupt_waits();
    load_filter();
    end_by[way](call, result);
  }
  print_result(result, wait_for(child));
}

static void make_together(size_t count, int way, struct result* results) {
  fflush(stdout);
  pid_t child = fork();
  if (child < 0) die("fork");
  if (child == 0) {
    load_filter();
    for (size_t i = 0; i < count; i++) {
      results[i].value = enter_by[way](&calls[i]);
      results[i].reached = 1;
    }
    syscall(SYS_exit_group, 0);
  }
  int status = wait_for(child);
  size_t reached = 0;
  while (reached < count && results[reached].reached != 0) reached++;
  for (size_t i = 0; i < count; i++) {
    if (i <= reached)
      print_result(&results[i], status);
    else
      printf("not reached\n");
  }
}

int main(int argc, char** argv) {
  if (argc != 5) return 125;
  read_filter(argv[1]);
  const int way = strcmp(argv[3], "int80") == 0;
  if (enter_by[way] == NULL) return 125;
  const size_t count = read_calls();
  if (strcmp(argv[4], "nobody") == 0) become_nobody();
  const struct rlimit no_core = {0, 0};
  if (setrlimit(RLIMIT_CORE, &no_core) != 0) die("core limit");
  if (prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0) die("subreaper");
  const size_t size = (count + 1) * sizeof(struct result);
  struct result* results = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (results == MAP_FAILED) die("mmap");
  if (strcmp(argv[2], "together") == 0) {
    make_together(count, way, results);
    return 0;
  }
  for (size_t i = 0; i < count; i++) make_alone(&calls[i], way, results);
  return 0;
}
