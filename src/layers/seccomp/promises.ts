/**
 * What each promise allows. This is the reviewed list; everything else is derived from it.
 *
 * A grant names calls in every spelling and generation that any of our arches has: a libc may change its choice
 * without the program changing. `when` holds alternatives in the language of condition/grammar.ts, one of which must
 * hold; without it the call is allowed whatever its arguments. A call whose arguments lie behind a pointer cannot
 * carry a condition and is granted whole or not at all.
 *
 * The open family is not listed call by call: `opens` says what a promise lets a file be opened for (open-needs.ts).
 */
import type { Arch } from '../../host/facts.js'

export type OpenNeed = 'read' | 'write' | 'create'

export interface Grant {
  readonly calls: string
  readonly when?: readonly string[]
  /** Only on these arches; absent: wherever the call exists. */
  readonly arches?: readonly Arch[]
  /** Only together with this promise. */
  readonly with?: string
}

export interface PromiseDefinition {
  readonly means: string
  /** `joined` needs add up over the promises of a policy, `alone` ones do not: `dns` + `wpath` opens nothing O_RDWR. */
  readonly opens?: { readonly needs: readonly OpenNeed[]; readonly how: 'joined' | 'alone' }
  readonly grants: readonly Grant[]
}

// On i386 mmap(2) is number 90, whose arguments lie in memory; mmap2 is the direct call there and on arm.
const directMmap: readonly Arch[] = ['x86_64', 'aarch64', 'riscv64']
const noCode = ['prot & PROT_EXEC == 0']
// A library is mapped from a file, never writable and executable at once; the mount view says which files.
const libraryCode = ['prot & PROT_WRITE == 0 and flags & MAP_ANONYMOUS == 0']
const tls = 'set_thread_area get_thread_area ARM_set_tls ARM_get_tls ARM_cacheflush riscv_flush_icache riscv_hwprobe'
const tlsRegister = [
  'option in [ARCH_SET_FS, ARCH_GET_FS, ARCH_SET_GS, ARCH_GET_GS, 0x3001]',
  'option in [ARCH_SHSTK_ENABLE, ARCH_SHSTK_DISABLE, ARCH_SHSTK_LOCK, ARCH_SHSTK_UNLOCK, ARCH_SHSTK_STATUS]',
]
const namespaceFlags = [
  'CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET',
  'CLONE_PTRACE | CLONE_UNTRACED',
].join(' | ')
const threadFlags = 'CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD'
// MSG_FASTOPEN connects without connect(2): Landlock did not see it before 7.2.
const noFastOpen = ['flags & MSG_FASTOPEN == 0']
const internetSocket = [
  'family in [AF_INET, AF_INET6] and type & SOCK_TYPE_MASK in [SOCK_STREAM, SOCK_DGRAM] and ' +
    // No IPPROTO_MPTCP: Landlock's TCP rights do not cover it.
    'protocol in [0, IPPROTO_TCP, IPPROTO_UDP, IPPROTO_ICMP, IPPROTO_ICMPV6]',
]
// Refused options run code in the kernel, leave the route or forge packets. The same number means something else on
// each level (26 is SO_ATTACH_FILTER and IPV6_V6ONLY), so each level has its own list.
const plainSocketOption =
  'level == SOL_SOCKET and optname not in [SO_ATTACH_FILTER, SO_ATTACH_BPF, SO_ATTACH_REUSEPORT_CBPF, ' +
  'SO_ATTACH_REUSEPORT_EBPF, SO_MARK, SO_BINDTODEVICE, SO_BINDTOIFINDEX]'
const internetOptions = [
  plainSocketOption,
  'level == IPPROTO_TCP and optname not in [TCP_REPAIR, TCP_ULP]',
  'level == IPPROTO_IP and optname not in [IP_TRANSPARENT, IP_XFRM_POLICY, IP_IPSEC_POLICY]',
  'level == IPPROTO_IPV6 and optname not in [IPV6_TRANSPARENT, IPV6_XFRM_POLICY, IPV6_IPSEC_POLICY]',
]
const transferUnix = 'getsockname getpeername recvfrom recvmsg recv send shutdown getsockopt'
const transfer = `${transferUnix} recvmmsg recvmmsg_time64`
const sends = 'sendto sendmsg sendmmsg'
const statByPath =
  'stat stat64 lstat lstat64 newfstatat fstatat64 statx access faccessat faccessat2 readlink readlinkat'
const priorities =
  'sched_getparam sched_getscheduler sched_getattr sched_get_priority_max sched_get_priority_min ' +
  'sched_setscheduler sched_setattr sched_setparam getpriority'

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
} as const satisfies { readonly [name: string]: PromiseDefinition }

/** The promises that a policy can make. */
export const promises = {
  stdio: {
    means: 'compute, memory without code, input and output on open descriptors, time, own signals, own ids',
    grants: [
      { calls: 'brk munmap mremap madvise mincore msync mlock mlock2 munlock membarrier mseal' },
      { calls: 'pkey_alloc pkey_free map_shadow_stack' },
      { calls: 'mmap', when: noCode, arches: directMmap },
      { calls: 'mmap2 mprotect pkey_mprotect', when: noCode },
      { calls: 'read readv pread64 preadv preadv2 write writev pwrite64 pwritev pwritev2 lseek _llseek' },
      { calls: 'close close_range dup dup2 dup3 pipe pipe2 fsync fdatasync sync_file_range arm_sync_file_range' },
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
      { calls: `${transfer} wait4 waitpid waitid` },
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
  rpath: {
    means: 'read files and metadata by path',
    opens: { needs: ['read'], how: 'joined' },
    grants: [
      { calls: `${statByPath} oldstat oldlstat oldfstat getcwd chdir fchdir getdents getdents64 readdir` },
      { calls: 'statfs statfs64 fstatfs fstatfs64 ustat getxattr lgetxattr fgetxattr getxattrat' },
      { calls: 'listxattr llistxattr flistxattr listxattrat file_getattr name_to_handle_at' },
      { calls: 'inotify_init inotify_init1 inotify_add_watch inotify_rm_watch' },
      { calls: 'ioctl', when: ['cmd in [FS_IOC_GETFLAGS, FS_IOC_FIEMAP, FIGETBSZ, FIOQSIZE, FS_IOC_FSGETXATTR]'] },
    ],
  },
  wpath: {
    means: 'open existing files for writing, truncate them',
    opens: { needs: ['write'], how: 'joined' },
    grants: [
      { calls: `truncate truncate64 ftruncate ftruncate64 fallocate ${statByPath} getcwd sync syncfs` },
      { calls: 'ioctl', when: ['cmd in [FICLONE, FICLONERANGE, FIDEDUPERANGE]'] },
    ],
  },
  cpath: {
    means: 'create, rename, link and remove files',
    opens: { needs: ['create'], how: 'joined' },
    grants: [{ calls: 'rename renameat renameat2 link linkat symlink symlinkat unlink unlinkat mkdir mkdirat rmdir' }],
  },
  dpath: {
    means: 'make fifos and sockets in the file system',
    grants: [{ calls: 'mknod mknodat', when: ['mode & S_IFMT in [S_IFIFO, S_IFREG, S_IFSOCK, 0]'] }],
  },
  mkdev: {
    means: 'make device nodes',
    grants: [{ calls: 'mknod mknodat' }],
  },
  tmppath: {
    means: 'make, use and remove temporary files; the file system layer says where',
    opens: { needs: ['read', 'write', 'create'], how: 'alone' },
    grants: [
      { calls: 'lstat lstat64 stat stat64 newfstatat fstatat64 statx access faccessat faccessat2' },
      { calls: 'unlink unlinkat rename renameat renameat2 mkdir mkdirat rmdir' },
    ],
  },
  fattr: {
    means: 'change mode, times and flags of files',
    grants: [
      { calls: 'chmod fchmod fchmodat fchmodat2', when: ['mode & (S_ISUID | S_ISGID | S_ISVTX) == 0'] },
      { calls: 'utime utimes futimesat utimensat utimensat_time64 file_setattr' },
      { calls: 'setxattr lsetxattr fsetxattr setxattrat removexattr lremovexattr fremovexattr removexattrat' },
      { calls: 'ioctl', when: ['cmd in [FS_IOC_SETFLAGS, FS_IOC_FSSETXATTR]'] },
    ],
  },
  chown: {
    means: 'change the owner of files',
    grants: [{ calls: 'chown chown32 lchown lchown32 fchown fchown32 fchownat' }],
  },
  flock: {
    means: 'lock files',
    grants: [
      { calls: 'flock' },
      {
        calls: 'fcntl fcntl64',
        when: [
          'cmd in [F_GETLK, F_SETLK, F_SETLKW, F_GETLK64, F_SETLK64, F_SETLKW64, F_OFD_GETLK, F_OFD_SETLK, ' +
            'F_OFD_SETLKW, F_GETLEASE, F_SETLEASE]',
        ],
      },
    ],
  },
  inet: {
    means: 'IPv4 and IPv6 client and server',
    grants: [
      { calls: 'socket', when: internetSocket },
      { calls: `connect bind listen accept accept4 ${transfer}` },
      { calls: sends, when: noFastOpen },
      { calls: 'setsockopt', when: internetOptions },
      {
        calls: 'ioctl',
        when: [
          'cmd in [SIOCATMARK, SIOCINQ, SIOCOUTQ, SIOCGIFCONF, SIOCGIFINDEX, SIOCGIFNAME, SIOCGIFFLAGS, SIOCGIFADDR]',
        ],
      },
    ],
  },
  inet_client: {
    means: 'IPv4 and IPv6 client: as inet, without a port of its own',
    grants: [
      { calls: 'socket', when: internetSocket },
      { calls: `connect ${transfer}` },
      { calls: sends, when: noFastOpen },
      { calls: 'setsockopt', when: internetOptions },
    ],
  },
  inet_server: {
    means: 'IPv4 and IPv6 server: as inet, without connect',
    grants: [
      { calls: 'socket', when: internetSocket },
      { calls: `bind listen accept accept4 ${transferUnix}` },
      { calls: 'sendto sendmsg', when: noFastOpen },
      { calls: 'setsockopt', when: internetOptions },
    ],
  },
  unix: {
    means: 'AF_UNIX sockets',
    grants: [
      {
        calls: 'socket',
        when: [
          'family == AF_UNIX and type & SOCK_TYPE_MASK in [SOCK_STREAM, SOCK_DGRAM, SOCK_SEQPACKET] and protocol == 0',
        ],
      },
      { calls: 'socketpair', when: ['family == AF_UNIX'] },
      { calls: `connect bind listen accept accept4 ${transferUnix}` },
      { calls: 'sendto sendmsg', when: noFastOpen },
      { calls: 'setsockopt', when: [plainSocketOption] },
    ],
  },
  dns: {
    means: 'name resolution as a libc does it',
    opens: { needs: ['read'], how: 'alone' },
    grants: [
      {
        calls: 'socket',
        when: [
          'family in [AF_INET, AF_INET6] and type & SOCK_TYPE_MASK in [SOCK_DGRAM, SOCK_STREAM] and ' +
            'protocol in [0, IPPROTO_TCP, IPPROTO_UDP]',
          // glibc's getaddrinfo asks the kernel for its addresses, and nscd or resolved for names.
          'family == AF_NETLINK and type & SOCK_TYPE_MASK == SOCK_RAW and protocol == NETLINK_ROUTE',
          'family == AF_UNIX and type & SOCK_TYPE_MASK == SOCK_STREAM and protocol == 0',
        ],
      },
      { calls: 'connect bind recvfrom recvmsg getsockname poll ppoll ppoll_time64 uname' },
      { calls: sends, when: noFastOpen },
      { calls: 'stat stat64 fstat fstat64 newfstatat fstatat64 statx read lseek _llseek close' },
      {
        calls: 'setsockopt',
        when: [
          plainSocketOption,
          'level == IPPROTO_IP and optname == IP_RECVERR',
          'level == IPPROTO_IPV6 and optname == IPV6_RECVERR',
        ],
      },
      { calls: 'mmap', when: libraryCode, arches: directMmap },
      { calls: 'mmap2', when: libraryCode },
      { calls: 'ioctl', when: ['cmd == FIONREAD'] },
    ],
  },
  netlink: {
    means: 'routing and interface information',
    grants: [
      { calls: 'socket', when: ['family == AF_NETLINK and protocol == NETLINK_ROUTE'] },
      { calls: 'bind connect getsockname recvfrom recvmsg getsockopt' },
      { calls: 'sendto sendmsg', when: noFastOpen },
      { calls: 'setsockopt', when: [plainSocketOption, 'level == SOL_NETLINK'] },
    ],
  },
  rawnet: {
    means: 'raw and packet sockets',
    grants: [
      {
        calls: 'socket',
        when: ['family in [AF_INET, AF_INET6] and type & SOCK_TYPE_MASK == SOCK_RAW', 'family == AF_PACKET'],
      },
      { calls: 'bind connect sendto sendmsg recvfrom recvmsg setsockopt getsockopt' },
    ],
  },
  sendfd: {
    means: 'send descriptors to other processes (what a message carries lies in memory: this switches sendmsg only)',
    grants: [{ calls: 'sendmsg sendmmsg', when: noFastOpen }],
  },
  recvfd: {
    means: 'receive descriptors from other processes',
    grants: [{ calls: 'recvmsg recvmmsg recvmmsg_time64' }],
  },
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
  settime: {
    means: 'set clocks',
    grants: [{ calls: 'settimeofday stime clock_settime clock_settime64 adjtimex clock_adjtime clock_adjtime64' }],
  },
  ps: {
    means: 'look at other processes',
    opens: { needs: ['read'], how: 'alone' },
    grants: [
      { calls: 'getpriority sched_getscheduler sched_getparam sched_getaffinity ioprio_get kcmp' },
      { calls: 'getdents getdents64 readlink readlinkat statx newfstatat fstatat64 stat stat64' },
    ],
  },
  vminfo: {
    means: 'read counters of the system',
    opens: { needs: ['read'], how: 'alone' },
    grants: [{ calls: 'sysinfo times syslog' }],
  },
  mlock: {
    means: 'lock memory',
    grants: [{ calls: 'mlock mlock2 mlockall munlock munlockall' }],
  },
  sysvipc: {
    means: 'System V and POSIX message queues, semaphores, shared memory',
    grants: [
      { calls: 'shmget shmdt shmctl semget semop semtimedop semtimedop_time64 semctl' },
      { calls: 'shmat', when: ['shmflg & SHM_EXEC == 0'] },
      // ipc(2) of 32-bit programs does all of these, and attaches memory as code too.
      { calls: 'shmat ipc', with: 'prot_exec' },
      { calls: 'msgget msgsnd msgrcv msgctl mq_open mq_unlink mq_timedsend mq_timedsend_time64' },
      { calls: 'mq_timedreceive mq_timedreceive_time64 mq_notify mq_getsetattr' },
    ],
  },
  aio: {
    means: 'asynchronous I/O of the kernel',
    grants: [{ calls: 'io_setup io_destroy io_submit io_cancel io_getevents io_pgetevents io_pgetevents_time64' }],
  },
  iouring: {
    means: 'io_uring; what is submitted there passes no argument rule of this filter',
    grants: [{ calls: 'io_uring_setup io_uring_enter io_uring_register' }],
  },
  debug: {
    means: 'trace and inspect other processes',
    grants: [
      { calls: 'ptrace process_vm_readv process_vm_writev pidfd_getfd kcmp process_madvise perf_event_open' },
      { calls: 'get_robust_list migrate_pages move_pages' },
    ],
  },
  numa: {
    means: 'memory policy',
    grants: [{ calls: 'mbind get_mempolicy set_mempolicy set_mempolicy_home_node migrate_pages move_pages' }],
  },
  mount: {
    means: 'change the mount tree',
    grants: [
      { calls: 'mount umount umount2 pivot_root chroot fchroot fsopen fsconfig fsmount fspick move_mount' },
      { calls: 'open_tree open_tree_attr mount_setattr statmount listmount listns' },
    ],
  },
  ns: {
    means: 'make and enter namespaces',
    grants: [{ calls: 'unshare setns clone clone3 sethostname setdomainname statmount listmount listns' }],
  },
  keyring: {
    means: 'keys of the kernel',
    grants: [{ calls: 'add_key request_key keyctl' }],
  },
  sandbox: {
    means: 'add further sandboxes',
    grants: [
      { calls: 'landlock_create_ruleset landlock_add_rule landlock_restrict_self lsm_set_self_attr' },
      {
        calls: 'seccomp',
        when: [
          'op in [SECCOMP_GET_ACTION_AVAIL, SECCOMP_GET_NOTIF_SIZES]',
          // The newest listener answers every notification: with one, a program could let its own execve pass.
          'op == SECCOMP_SET_MODE_FILTER and flags & SECCOMP_FILTER_FLAG_NEW_LISTENER == 0',
        ],
      },
      { calls: 'prctl', when: ['option in [PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP]'] },
    ],
  },
  admin: {
    means: 'administer the machine',
    grants: [
      { calls: 'reboot kexec_load kexec_file_load init_module finit_module delete_module swapon swapoff acct' },
      { calls: 'quotactl quotactl_fd iopl ioperm bpf fanotify_init fanotify_mark open_by_handle_at vhangup' },
      { calls: 'syslog personality modify_ldt userfaultfd nfsservctl lookup_dcookie vm86 vm86old sysfs' },
      { calls: 'pciconfig_read pciconfig_write pciconfig_iobase' },
    ],
  },
} as const satisfies { readonly [name: string]: PromiseDefinition }

export type PromiseName = keyof typeof promises
export type ImplicitPromise = keyof typeof implicitPromises

/** Names of the implicit promises. */
export const implicitNames: readonly ImplicitPromise[] = ['core', 'start', 'exec-load', 'one-exec']

/** Names of the promises, in the order of the list. */
export const promiseNames: readonly PromiseName[] = Object.keys(promises).filter(isPromise)

/** Whether a word is a promise of the policy language. */
export function isPromise(name: string): name is PromiseName {
  return Object.hasOwn(promises, name)
}

/** The definition of a promise, implicit or not. */
export function promiseDefinition(name: PromiseName | ImplicitPromise): PromiseDefinition {
  return isPromise(name) ? promises[name] : implicitPromises[name]
}

/**
 * Never allowed, whatever grants or allows the call: both push input into a terminal, which whoever reads it outside
 * the sandbox would execute (ioctl_tty(2)). The kernel reads the low word of `cmd`, and so do we.
 */
export const never: readonly Grant[] = [{ calls: 'ioctl', when: ['cmd in [TIOCSTI, TIOCLINUX]'] }]

/**
 * Calls that libraries try out and do without: unless granted they answer ENOSYS, also where denied calls kill.
 * clone3 and openat2 keep their flags in memory, so they are granted where everything they could do is; io_uring
 * because its users fall back. On i386 mmap, socketcall and ipc take their arguments from memory, and libcs built
 * for Linux 4.3 or later use the direct calls.
 */
export const probes: readonly Grant[] = [
  { calls: 'clone3 openat2 io_uring_setup faccessat2 statx rseq membarrier pkey_alloc capget readlink readlinkat' },
  { calls: 'access close_range pidfd_open memfd_create epoll_pwait2 futex_waitv fchmodat2 sched_getaffinity' },
  { calls: 'mmap socketcall ipc', arches: ['i386'] },
]
