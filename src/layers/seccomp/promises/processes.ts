import type { Definitions } from './grant.js'

const namespaceFlags = [
  'CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET',
  'CLONE_PTRACE | CLONE_UNTRACED',
].join(' | ')
const threadFlags = 'CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD'
const priorities =
  'sched_getparam sched_getscheduler sched_getattr sched_get_priority_max sched_get_priority_min ' +
  'sched_setscheduler sched_setattr sched_setparam getpriority'

/** Terminals, threads, processes, their code and their ids. */
export const processPromises = {
  tty: {
    means: 'control a terminal, without pushing input into it',
    grants: [
      { calls: 'vhangup' },
      {
        calls: 'ioctl',
        when: [
          'cmd in [TCGETS, TCSETS, TCSETSW, TCSETSF, TCGETS2, TCSETS2, TCSETSW2, TCSETSF2, TCGETA, TCSETA, TCSETAW, ' +
            'TCSETAF, TIOCGWINSZ, TIOCSWINSZ, TIOCGPGRP, TIOCSPGRP, TIOCGSID, TIOCSCTTY, TIOCNOTTY, TCFLSH, TCXONC, ' +
            'TCSBRK, TCSBRKP, TIOCSBRK, TIOCCBRK, TIOCOUTQ, TIOCINQ, TIOCGPTN, TIOCSPTLCK, TIOCGPTPEER, TIOCMGET, ' +
            'TIOCEXCL, TIOCNXCL, KDGKBTYPE, KDGKBMODE]',
        ],
      },
    ],
  },
  threads: {
    means: 'threads in the same process',
    grants: [
      {
        calls: 'clone',
        when: [`clone_flags & (${threadFlags} | ${namespaceFlags} | CLONE_PIDFD) == ${threadFlags}`],
      },
      { calls: `sched_setaffinity sched_rr_get_interval sched_rr_get_interval_time64 ${priorities}` },
      { calls: 'setpriority', when: ['which == PRIO_PROCESS'] },
    ],
  },
  proc: {
    means: 'child processes, process groups, signals to others, limits',
    grants: [
      // CLONE_NEWTIME lies in the exit signal of clone(2) and works with clone3 and unshare only.
      { calls: 'clone', when: [`clone_flags & (${namespaceFlags}) == 0`] },
      { calls: 'fork vfork wait4 waitpid waitid kill tkill tgkill rt_sigqueueinfo rt_tgsigqueueinfo' },
      { calls: 'setsid setpgid getpgid getpgrp getsid pidfd_open pidfd_send_signal process_mrelease' },
      { calls: `setrlimit prlimit64 setpriority nice ioprio_get ioprio_set ${priorities}` },
      {
        calls: 'fcntl fcntl64',
        when: ['cmd in [F_SETOWN, F_GETOWN, F_SETOWN_EX, F_GETOWN_EX, F_SETSIG, F_GETSIG]'],
      },
    ],
  },
  exec: {
    means: 'start programs; the file system layer says which',
    grants: [
      { calls: 'execve' },
      // An empty path starts a descriptor, also one that no path leads to (memfd_create).
      { calls: 'execveat', when: ['flags & AT_EMPTY_PATH == 0'] },
      { calls: 'execveat', with: 'memfd' },
    ],
  },
  prot_exec: {
    means: 'code made at run time',
    grants: [{ calls: 'mmap mmap2 mprotect pkey_mprotect memfd_create' }],
  },
  memfd: {
    means:
      'files without a name; the program makes code with them, since the filter takes one for a library: as prot_exec',
    grants: [{ calls: 'memfd_create memfd_secret' }],
  },
  id: {
    means: 'change ids and capabilities',
    grants: [
      { calls: 'setuid setuid32 setgid setgid32 setreuid setreuid32 setregid setregid32 setresuid setresuid32' },
      { calls: 'setresgid setresgid32 setgroups setgroups32 setfsuid setfsuid32 setfsgid setfsgid32' },
      { calls: 'capget capset setrlimit prlimit64 getpriority setpriority' },
      {
        calls: 'prctl',
        when: [
          'option in [PR_GET_KEEPCAPS, PR_SET_KEEPCAPS, PR_CAPBSET_DROP, PR_CAP_AMBIENT, PR_SET_SECUREBITS, ' +
            'PR_GET_SECUREBITS]',
        ],
      },
    ],
  },
} as const satisfies Definitions
