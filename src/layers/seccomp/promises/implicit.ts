import type { Definitions } from './grant.js'
import { directMmap, libraryCode, noCode, tls, tlsRegister } from './shared.js'

/** Granted to every program that the launcher starts; not words of a policy. */
export const implicitPromises = {
  core: {
    means: 'end a process, return from a signal handler',
    grants: [{ calls: 'exit exit_group rt_sigreturn sigreturn restart_syscall' }],
  },
  start: {
    means: 'what every libc does before main: thread pointer, heap, limits',
    grants: [
      { calls: `set_tid_address set_robust_list rseq brk getrandom getrlimit ugetrlimit uname ${tls}` },
      { calls: 'arch_prctl', when: tlsRegister },
      // Go and Node raise their own soft limit on descriptors at start; the hard limit is ours.
      { calls: 'prlimit64', when: ['new_rlim == NULL', 'pid == 0 and resource == RLIMIT_NOFILE'] },
    ],
  },
  'exec-load': {
    means: 'what the dynamic loader does; the mount view says with which files',
    opens: { needs: ['read'], how: 'alone' },
    grants: [
      { calls: 'read pread64 close fstat fstat64 newfstatat fstatat64 statx access faccessat faccessat2' },
      { calls: 'readlink readlinkat getcwd munmap' },
      { calls: 'mmap', when: [...noCode, ...libraryCode], arches: directMmap },
      { calls: 'mmap2', when: [...noCode, ...libraryCode] },
      { calls: 'mprotect', when: noCode },
    ],
  },
  'one-exec': {
    means: 'the launcher starts the program; without the promise exec, a second filter lets this happen once',
    grants: [{ calls: 'execve' }],
  },
} as const satisfies Definitions
