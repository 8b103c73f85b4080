import type { Definitions } from './grant.js'
import { directMmap, noCode, noFastOpen, tls, tlsRegister, transferOwn } from './shared.js'

/** What works with open descriptors and the own process. */
export const stdioPromises = {
  stdio: {
    means: 'compute, memory without code, input and output on open descriptors, time, own signals, own ids',
    grants: [
      { calls: 'brk munmap mremap madvise mincore msync mlock mlock2 munlock membarrier mseal' },
      { calls: 'pkey_alloc pkey_free map_shadow_stack' },
      { calls: 'mmap', when: noCode, arches: directMmap },
      { calls: 'mmap2 mprotect pkey_mprotect', when: noCode },
      { calls: 'read readv pread64 preadv preadv2 write writev pwrite64 pwritev pwritev2 lseek _llseek' },
      { calls: 'close close_range dup dup2 dup3 pipe pipe2 fsync fdatasync sync_file_range' },
      { calls: 'sync_file_range2 fadvise64 fadvise64_64 arm_fadvise64_64 readahead ftruncate ftruncate64 fallocate' },
      { calls: 'sendfile sendfile64 copy_file_range splice tee vmsplice cachestat fchdir fstat fstat64' },
      // AT_EMPTY_PATH cannot prove that the path is empty: metadata of any path in the view is readable.
      { calls: 'newfstatat fstatat64', when: ['flag & AT_EMPTY_PATH != 0'] },
      { calls: 'statx', when: ['flags & AT_EMPTY_PATH != 0'] },
      {
        calls: 'fcntl fcntl64',
        when: [
          'cmd in [F_DUPFD, F_DUPFD_CLOEXEC, F_GETFD, F_SETFD, F_GETFL, F_GETPIPE_SZ, F_SETPIPE_SZ, F_GET_SEALS, ' +
            'F_ADD_SEALS, F_CREATED_QUERY, F_DUPFD_QUERY]',
          // Of the flags that F_SETFL changes, O_ASYNC alone reaches beyond the descriptor: it sends signals.
          'cmd == F_SETFL and arg & O_ASYNC == 0',
        ],
      },
      // FIO* and the questions of isatty(3): TCGETS before glibc 2.42, TCGETS2 after, TIOCGWINSZ in musl.
      { calls: 'ioctl', when: ['cmd in [FIONREAD, FIONBIO, FIOCLEX, FIONCLEX, TCGETS, TCGETS2, TIOCGWINSZ]'] },
      { calls: 'poll ppoll ppoll_time64 select _newselect pselect6 pselect6_time64 epoll_create epoll_create1' },
      { calls: 'epoll_ctl epoll_wait epoll_pwait epoll_pwait2 eventfd eventfd2 signalfd signalfd4' },
      { calls: 'timerfd_create timerfd_settime timerfd_settime64 timerfd_gettime timerfd_gettime64' },
      // The vDSO falls back to these where the clock source needs the kernel (some virtual machines).
      { calls: 'time gettimeofday clock_gettime clock_gettime64 clock_getres clock_getres_time64' },
      { calls: 'clock_nanosleep clock_nanosleep_time64 nanosleep alarm getitimer setitimer times' },
      { calls: 'timer_create timer_settime timer_settime64 timer_gettime timer_gettime64 timer_getoverrun' },
      { calls: 'timer_delete rt_sigaction sigaction signal rt_sigprocmask sigprocmask sgetmask ssetmask' },
      { calls: 'rt_sigpending sigpending rt_sigsuspend sigsuspend rt_sigtimedwait rt_sigtimedwait_time64' },
      { calls: 'sigaltstack pause' },
      // No pid of ours is known before the start; the pid namespace and Landlock's scope bound whom a signal reaches.
      { calls: 'kill tkill tgkill rt_sigqueueinfo rt_tgsigqueueinfo' },
      { calls: 'getpid gettid getppid getuid getuid32 geteuid geteuid32 getgid getgid32 getegid getegid32' },
      { calls: 'getresuid getresuid32 getresgid getresgid32 getgroups getgroups32 getpgid getpgrp getsid' },
      { calls: 'getrusage getcpu umask sysinfo uname olduname oldolduname sched_yield sched_getaffinity getrandom' },
      { calls: `getrlimit ugetrlimit lsm_get_self_attr lsm_list_modules ${tls}` },
      { calls: 'prlimit64', when: ['new_rlim == NULL'] },
      { calls: 'futex futex_time64 futex_wait futex_wake futex_requeue futex_waitv set_robust_list get_robust_list' },
      { calls: 'set_tid_address rseq rseq_slice_yield' },
      { calls: 'arch_prctl', when: tlsRegister },
      {
        calls: 'prctl',
        when: [
          'option in [PR_SET_NAME, PR_GET_NAME, PR_GET_DUMPABLE, PR_GET_NO_NEW_PRIVS, PR_SET_NO_NEW_PRIVS, ' +
            'PR_GET_SECCOMP, PR_SET_VMA, PR_GET_TIMERSLACK, PR_SET_TIMERSLACK, PR_SET_PDEATHSIG, PR_GET_PDEATHSIG, ' +
            'PR_CAPBSET_READ, PR_SET_THP_DISABLE, PR_GET_THP_DISABLE, PR_SET_MDWE, PR_GET_MDWE, ' +
            'PR_PAC_RESET_KEYS, PR_SVE_GET_VL, PR_SET_TAGGED_ADDR_CTRL, PR_GET_TAGGED_ADDR_CTRL, PR_FUTEX_HASH, ' +
            'PR_RSEQ_SLICE_EXTENSION]',
        ],
      },
      // A datagram socket of a pair still sends to any socket file that sendmsg names in memory (unix(7)); connected
      // streams and sequenced packets reach their peer alone.
      { calls: 'socketpair', when: ['family == AF_UNIX and type & SOCK_TYPE_MASK in [SOCK_STREAM, SOCK_SEQPACKET]'] },
      { calls: `${transferOwn} recvmmsg recvmmsg_time64 wait4 waitpid waitid` },
      {
        calls: 'getsockopt',
        when: [
          'level == SOL_SOCKET and optname in [SO_ERROR, SO_TYPE, SO_DOMAIN, SO_PROTOCOL, SO_ACCEPTCONN, ' +
            'SO_SNDBUF, SO_RCVBUF]',
        ],
      },
      // Without an address only the peer of a connected socket is reached; sendmsg hides its address in memory.
      { calls: 'sendto', when: ['addr == NULL and flags & MSG_FASTOPEN == 0'] },
      { calls: 'sendmsg sendmmsg', when: noFastOpen },
    ],
  },
} as const satisfies Definitions
