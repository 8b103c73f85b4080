/* tracer CHILDREN MODE ... LAUNCHER [--plan] PLAN: runs the launcher on a plan and acts at one system call of one of its
 * processes.
 *
 *   tracer CHILDREN record LAUNCHER PLAN                         every call, until the program's execve has succeeded
 *   tracer CHILDREN fail PROCESS NUMBER NTH ERRNO LAUNCHER PLAN  that call fails without having been made
 *   tracer CHILDREN kill PROCESS NUMBER NTH VICTIM LAUNCHER PLAN SIGKILL for VICTIM when that call is entered, or as
 *                                                                soon as there is such a process
 *   tracer CHILDREN nudge PROCESS NUMBER NTH VICTIM LAUNCHER PLAN a signal that it ignores interrupts what VICTIM waits in
 *                                                                before that call is made
 *
 * Without --plan the launcher has the plan on descriptor 3 and no environment; with it the name of a compiled plan, which
 * it compares, and the tracer's own environment.
 * CHILDREN are the names of the supervisor's children with commas between them, in the order in which it makes them.
 * PROCESS is one of them, supervisor or sandboxee; VICTIM may also be `program`, the sandboxee after its execve. The
 * call is the NTH of that NUMBER in that process: strace(1) counts the same way, but cannot be told which process is
 * meant. Once it has acted the tracer detaches, so that what follows happens as without it: a traced pid 1, for one, is
 * not ended by its own faults. It reports on descriptor 3, and stays until every descendant has ended. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#include "left.h"

#ifndef __x86_64__
#error "the registers of a system call are known for x86_64 only"
#endif

enum { most_processes = 32, most_calls = 1024, plan_descriptor = 3, high_descriptor = 20 };
enum role { supervisor, init, resolver, relay, publisher, sandboxee, program, roles, unknown = roles };
static const char* const role_names[] = {"supervisor", "init", "resolver", "relay", "publisher", "sandboxee", "program"};
enum mode { record, fail, kill_one, nudge };

struct process {
  pid_t pid;
  enum role role;
  int children;
  int waits; /* stopped before its parent has said who it is */
  int failing;
  long argument; /* of the failing call, which the caller may expect to find again */
  int gone;
  unsigned short counts[most_calls];
};

static struct process processes[most_processes];
static int process_count;
static FILE* report;
static enum role children_of_supervisor[roles];
static int child_count;

static enum mode mode;
static enum role where;
static unsigned long number;
static unsigned nth;
static int error;
static enum role victim;
static int due; /* the call has been entered */
static int acted;

static void die(const char* what) {
  perror(what);
  exit(2);
}

static struct process* find(pid_t pid) {
  for (int i = 0; i < process_count; i++)
    if (processes[i].pid == pid) return &processes[i];
  if (process_count == most_processes) die("too many processes");
  processes[process_count] = (struct process){.pid = pid, .role = unknown};
  return &processes[process_count++];
}

static struct process* find_role(enum role role) {
  for (int i = 0; i < process_count; i++)
    if (processes[i].role == role) return &processes[i];
  return NULL;
}

static enum role role_named(const char* name) {
  for (int role = 0; role < roles; role++)
    if (strcmp(role_names[role], name) == 0) return (enum role)role;
  fprintf(stderr, "tracer: no process %s\n", name);
  exit(2);
}

static enum mode mode_named(const char* name) {
  static const char* const names[] = {"record", "fail", "kill", "nudge"};
  for (int i = 0; i < 4; i++)
    if (strcmp(names[i], name) == 0) return (enum mode)i;
  fprintf(stderr, "tracer: no mode %s\n", name);
  exit(2);
}

static void name_children(char* list) {
  for (const char* name = strtok(list, ","); name; name = strtok(NULL, ",")) {
    if (child_count == roles) die("too many children");
    children_of_supervisor[child_count++] = role_named(name);
  }
}

static void resume(struct process* process) {
  if (ptrace(PTRACE_SYSCALL, process->pid, 0, 0) != 0 && errno != ESRCH) die("PTRACE_SYSCALL");
}

/* What has just stopped goes on alone; what runs is asked to stop for the same. */
static void let_go(struct process* stopped, int signal) {
  if (ptrace(PTRACE_DETACH, stopped->pid, 0, signal) != 0 && errno != ESRCH) die("PTRACE_DETACH");
  stopped->gone = 1;
}

static void let_all_go(struct process* stopped) {
  acted = 1;
  fprintf(report, "acted\n");
  let_go(stopped, 0);
  for (int i = 0; i < process_count; i++) {
    if (processes[i].gone) continue;
    if (processes[i].waits)
      let_go(&processes[i], 0);
    else if (ptrace(PTRACE_INTERRUPT, processes[i].pid, 0, 0) != 0 && errno != ESRCH)
      die("PTRACE_INTERRUPT");
  }
}

/* Whether the victim was there. */
static int kill_victim(struct process* at) {
  const struct process* target = find_role(victim);
  if (!target && victim == sandboxee) target = find_role(program);
  if (!target) return 0;
  if (kill(target->pid, SIGKILL) == 0) fprintf(report, "killed\n");
  let_all_go(at);
  return 1;
}

static void stop(struct process* process, int status);

static void nudge_victim(void) {
  struct process* const target = find_role(victim);
  int status = 0;
  if (!target || kill(target->pid, SIGWINCH) != 0) die("nudge");
  if (waitpid(target->pid, &status, __WALL) != target->pid || !WIFSTOPPED(status)) die("nudged");
  fprintf(report, "acted\n");
  stop(target, status);
}

/* Whether it is still there: at the end of a run a process can be killed where it has stopped. */
static int set_register(const struct process* process, size_t place, long value) {
  if (ptrace(PTRACE_POKEUSER, process->pid, place, value) == 0) return 1;
  if (errno != ESRCH) die("PTRACE_POKEUSER");
  return 0;
}

/* A call that is to fail becomes close(-1): no call at all would be number -1 to a filter, and killed for. */
static void enter_call(struct process* process, const struct __ptrace_syscall_info* call) {
  if (call->entry.nr >= most_calls) die("call number");
  const unsigned count = ++process->counts[call->entry.nr];
  if (mode == record)
    fprintf(report, "call %s %llu %llu %llu\n", role_names[process->role], (unsigned long long)call->entry.nr,
            (unsigned long long)call->entry.args[0], (unsigned long long)call->entry.args[1]);
  const int here = mode != record && process->role == where && call->entry.nr == number && count == nth;
  due |= here;
  if (due && mode == kill_one && kill_victim(process)) return;
  if (here && mode == nudge) nudge_victim();
  if (here && mode == fail) {
    process->argument = (long)call->entry.args[0];
    process->failing = set_register(process, offsetof(struct user, regs.orig_rax), SYS_close) &&
                       set_register(process, offsetof(struct user, regs.rdi), -1);
  }
  resume(process);
}

static void leave_call(struct process* process) {
  if (!process->failing) return resume(process);
  if (!set_register(process, offsetof(struct user, regs.rdi), process->argument) ||
      !set_register(process, offsetof(struct user, regs.rax), -error))
    return;
  let_all_go(process);
}

static void name_child(struct process* parent) {
  unsigned long pid = 0;
  if (ptrace(PTRACE_GETEVENTMSG, parent->pid, 0, &pid) != 0) return;
  struct process* const child = find((pid_t)pid);
  if (parent->role == init)
    child->role = sandboxee;
  else if (parent->role == supervisor && parent->children < child_count)
    child->role = children_of_supervisor[parent->children++];
  else {
    fprintf(stderr, "tracer: a child that has no name\n");
    exit(2);
  }
  if (child->waits) resume(child);
  child->waits = 0;
}

/* The first execve is the launcher's, the sandboxee's makes the program. */
static void enter_program(struct process* process) {
  if (process->role == unknown) {
    process->role = supervisor;
    memset(process->counts, 0, sizeof process->counts);
    return resume(process);
  }
  process->role = program;
  fprintf(report, "exec\n");
  if (due && mode == kill_one && kill_victim(process)) return;
  if (mode == kill_one) return resume(process);
  let_go(process, 0);
}

static void stop(struct process* process, int status) {
  const int event = status >> 16;
  const int signal = WSTOPSIG(status);
  const int delivered = event == 0 && signal != (SIGTRAP | 0x80) ? signal : 0;
  if (acted) return let_go(process, delivered);
  struct __ptrace_syscall_info call = {0};
  switch (event) {
    case PTRACE_EVENT_FORK:
    case PTRACE_EVENT_VFORK:
    case PTRACE_EVENT_CLONE:
      if (process->role < program) name_child(process);
      return resume(process);
    case PTRACE_EVENT_EXEC:
      return enter_program(process);
    case PTRACE_EVENT_STOP:
      if (process->role == unknown && process_count > 1) {
        process->waits = 1;
        return;
      }
      return resume(process);
    default:
      break;
  }
  if (delivered != 0) {
    if (ptrace(PTRACE_SYSCALL, process->pid, 0, delivered) != 0 && errno != ESRCH) die("PTRACE_SYSCALL");
    return;
  }
  if (ptrace(PTRACE_GET_SYSCALL_INFO, process->pid, sizeof call, &call) < 0) return resume(process);
  if (call.op == PTRACE_SYSCALL_INFO_ENTRY && process->role != unknown) return enter_call(process, &call);
  if (call.op == PTRACE_SYSCALL_INFO_EXIT) return leave_call(process);
  resume(process);
}

static pid_t start(const char* launcher, const char* plan, int compared) {
  const int opened = open(plan, O_RDONLY | O_CLOEXEC);
  const int fd = fcntl(opened, F_DUPFD_CLOEXEC, high_descriptor); /* dup2 to itself would keep close-on-exec */
  int go[2];
  if (fd < 0 || pipe2(go, O_CLOEXEC) != 0) die(plan);
  const pid_t pid = fork();
  if (pid < 0) die("fork");
  if (pid == 0) {
    char byte = 0;
    close(go[1]);
    if (read(go[0], &byte, 1) < 0 || dup2(fd, plan_descriptor) < 0) die("start");
    if (compared) close(plan_descriptor);
    char* const arguments[] = {(char*)launcher, (char*)(compared ? "--plan" : "--plan-descriptor"),
                               (char*)(compared ? plan : "3"), NULL};
    char* const environment[] = {NULL};
    execve(launcher, arguments, compared ? environ : environment);
    die(launcher);
  }
  const long options = PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE |
                       PTRACE_O_TRACEEXEC | PTRACE_O_EXITKILL;
  if (ptrace(PTRACE_SEIZE, pid, 0, options) != 0) die("PTRACE_SEIZE");
  if (ptrace(PTRACE_INTERRUPT, pid, 0, 0) != 0) die("PTRACE_INTERRUPT");
  find(pid);
  close(opened);
  close(fd);
  close(go[0]);
  close(go[1]);
  return pid;
}

int main(int count, char** arguments) {
  if (count < 5) return 2;
  name_children(arguments[1]);
  mode = mode_named(arguments[2]);
  const int compared = strcmp(arguments[count - 2], "--plan") == 0;
  if (count - compared != (mode == record ? 5 : 9)) return 2;
  if (mode != record) {
    where = role_named(arguments[3]);
    number = strtoul(arguments[4], NULL, 10);
    nth = (unsigned)strtoul(arguments[5], NULL, 10);
    error = atoi(arguments[6]);
    victim = mode == kill_one || mode == nudge ? role_named(arguments[6]) : unknown;
  }
  report = fdopen(fcntl(3, F_DUPFD_CLOEXEC, high_descriptor), "w");
  if (!report || close(3) != 0) die("descriptor 3");
  if (prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0) die("PR_SET_CHILD_SUBREAPER");
  begin_patience();
  const pid_t first = start(arguments[count - 2 - compared], arguments[count - 1], compared);
  for (;;) {
    int status = 0;
    const pid_t pid = waitpid(-1, &status, __WALL);
    if (pid < 0 && errno == ECHILD) break;
    if (pid < 0) {
      fprintf(report, "left %d\n", end_left());
      break;
    }
    struct process* const process = find(pid);
    if (WIFSTOPPED(status)) {
      stop(process, status);
      continue;
    }
    process->gone = 1;
    if (pid != first) continue;
    report_end(report, status);
  }
  fclose(report);
  return 0;
}
