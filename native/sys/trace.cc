#include "sys/trace.h"

#include <elf.h>
#include <linux/ptrace.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/uio.h>
#include <sys/wait.h>

#include "sys/raw.h"

namespace palisade::sys {
namespace {

constexpr long kOptions =
    PTRACE_O_TRACEEXIT | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE | PTRACE_O_EXITKILL;

template <class Address, class Data>
Status request(unsigned operation, Pid pid, Address address, Data data) {
  return raw("ptrace", SYS_ptrace, operation, static_cast<pid_t>(pid), address, data).status();
}

// The number that the system call began with, if it is the call that the kernel killed for: it has put the registers
// back before (syscall_rollback), so what the call returns in is what its number or first argument came in. Every other
// thread of the process ends with the same status; on x86 it is told by that, elsewhere the first one is taken.
bool read_number(Pid pid, std::uint32_t& number) {
  std::uint32_t words[128] = {};
  iovec part{words, sizeof words};
  if (request(PTRACE_GETREGSET, pid, NT_PRSTATUS, &part).failed()) return false;
#if defined(__x86_64__)
  constexpr std::size_t kCompatBytes = 68, kCompatNumber = 11, kCompatResult = 6;  // orig_eax, eax
  constexpr std::size_t kNumber = 30, kResult = 20;  // orig_rax and rax are the 15th and 10th of 8 bytes
  const bool compat = part.iov_len == kCompatBytes;
  number = words[compat ? kCompatNumber : kNumber];
  return words[compat ? kCompatResult : kResult] == number;
#elif defined(__i386__)
  number = words[11];  // orig_eax
  return words[6] == number;
#elif defined(__aarch64__)
  constexpr std::size_t kCompatBytes = 72, kCompatNumber = 7, kNumber = 16;  // r7; x8 is the 8th of 8 bytes
  number = words[part.iov_len == kCompatBytes ? kCompatNumber : kNumber];
  return true;
#endif
}

Call call_of(Pid pid) {
  ptrace_syscall_info info{};
  Call call;
  if (request(PTRACE_GET_SYSCALL_INFO, pid, sizeof info, &info).failed()) return call;
  call.audit_arch = info.arch;
  call.known = read_number(pid, call.number);
  return call;
}

}  // namespace

Status allow_dumps() {
  return raw("prctl", SYS_prctl, PR_SET_DUMPABLE, 1, 0, 0, 0).status();
}

Status trace(Pid pid) {
  return request(PTRACE_SEIZE, pid, 0, kOptions);
}

Call resume(Pid pid, int wait_status) {
  const int event = wait_status >> 16;
  const int signal = WSTOPSIG(wait_status);
  Call call;
  long deliver = 0;
  if (event == PTRACE_EVENT_EXIT) {
    unsigned long status = 0;
    if (!request(PTRACE_GETEVENTMSG, pid, 0, &status).failed() && (status & 0x7f) == SIGSYS) call = call_of(pid);
  } else if (event == PTRACE_EVENT_STOP && signal != SIGTRAP) {
    // A group stop: it stays stopped, and wakes by SIGCONT as without a tracer. ESRCH: it was killed meanwhile.
    static_cast<void>(request(PTRACE_LISTEN, pid, 0, 0).failed());
    return call;
  } else if (event == 0) {
    deliver = signal;
  }
  static_cast<void>(request(PTRACE_CONT, pid, 0, deliver).failed());  // ESRCH: it was killed meanwhile
  return call;
}

}  // namespace palisade::sys
