/** Answers that no promise changes. */
import type { Grant } from './grant.js'

/** A call, the condition under which it is never allowed, and the one under which it may be. */
export interface Never {
  readonly syscall: string
  readonly when: string
  readonly rest: string
}

/**
 * Never allowed, whatever grants or allows the call.
 * - TIOCSTI and TIOCLINUX push input into a terminal, which whoever reads it outside the sandbox would execute
 *   (ioctl_tty(2)). The kernel reads the low word of `cmd`, and so do we.
 * - The listener of a filter answers calls in the program's place. It would let through the execve that one-exec
 *   refuses: of two filters that notify, the newest is asked (seccomp_unotify(2)).
 */
export const never: readonly Never[] = [
  { syscall: 'ioctl', when: 'cmd in [TIOCSTI, TIOCLINUX]', rest: 'cmd not in [TIOCSTI, TIOCLINUX]' },
  {
    syscall: 'seccomp',
    when: 'op == SECCOMP_SET_MODE_FILTER and flags & SECCOMP_FILTER_FLAG_NEW_LISTENER != 0',
    rest: 'op != SECCOMP_SET_MODE_FILTER or flags & SECCOMP_FILTER_FLAG_NEW_LISTENER == 0',
  },
]

/**
 * Calls that libraries try out and do without: unless granted they answer ENOSYS, also where denied calls kill.
 * clone3 and openat2 keep their flags in memory, so they are granted where everything they could do is; io_uring
 * because its users fall back. On i386 mmap, socketcall and ipc take their arguments from memory; musl uses the direct
 * calls, while Debian's glibc (built for Linux 3.2) has neither sockets nor System V IPC without these two.
 */
export const probes: readonly Grant[] = [
  { calls: 'clone3 openat2 io_uring_setup faccessat2 statx rseq membarrier pkey_alloc capget readlink readlinkat' },
  { calls: 'access close_range pidfd_open memfd_create epoll_pwait2 futex_waitv fchmodat2 sched_getaffinity' },
  { calls: 'mmap socketcall ipc', arches: ['i386'] },
]
