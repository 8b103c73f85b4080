/** Answers that no promise changes. */
import type { Grant } from './grant.js'

/**
 * Never allowed, whatever grants or allows the call: both push input into a terminal, which whoever reads it outside
 * the sandbox would execute (ioctl_tty(2)). The kernel reads the low word of `cmd`, and so do we.
 */
export const never: readonly Grant[] = [{ calls: 'ioctl', when: ['cmd in [TIOCSTI, TIOCLINUX]'] }]

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
