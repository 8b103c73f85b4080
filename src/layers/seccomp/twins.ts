/** Calls that do one thing under several names: what a rule refuses of one, the others may still do. */

/** The other names of what a call does. Those with their arguments in memory are in memory-calls.ts. */
export function twinsOf(name: string): readonly string[] {
  const own = groups.map((line) => line.split(' ')).filter((group) => group.includes(name))
  return [...new Set(own.flat())].filter((other) => other !== name)
}

/**
 * What a call without flags does, as a condition on the flags of its twins; null: the table knows nothing about it, and
 * a twin may do it with any flags.
 */
export function flagsOf(name: string): string | null {
  return flags.get(name) ?? null
}

const noFollow = 'AT_SYMLINK_NOFOLLOW != 0'
const flags: ReadonlyMap<string, string> = new Map([
  ['creat', 'O_CREAT != 0'],
  ['rmdir', 'AT_REMOVEDIR != 0'],
  ['unlink', 'AT_REMOVEDIR == 0'],
  ...['lstat', 'lstat64', 'oldlstat', 'lchown', 'lchown32'].map((name) => [name, noFollow] as const),
  ...['fstat', 'fstat64', 'oldfstat', 'fchown', 'fchown32'].map((name) => [name, 'AT_EMPTY_PATH != 0'] as const),
])

/**
 * Reviewed by hand against the manual pages: a group holds what a program may use in place of one another, on any
 * table. A call with more abilities (statx, renameat2) is in the groups of all that it can stand for.
 */
const groups: readonly string[] = [
  // 64-bit times of 32-bit tables.
  'clock_gettime clock_gettime64',
  'clock_settime clock_settime64 settimeofday stime',
  'clock_adjtime clock_adjtime64 adjtimex',
  'clock_getres clock_getres_time64',
  'clock_nanosleep clock_nanosleep_time64 nanosleep',
  'timer_gettime timer_gettime64',
  'timer_settime timer_settime64',
  'timerfd_gettime timerfd_gettime64',
  'timerfd_settime timerfd_settime64',
  'utime utimes futimesat utimensat utimensat_time64',
  'select _newselect pselect6 pselect6_time64',
  'poll ppoll ppoll_time64',
  'io_getevents io_pgetevents io_pgetevents_time64',
  'recv recvfrom recvmsg recvmmsg recvmmsg_time64',
  'mq_timedsend mq_timedsend_time64',
  'mq_timedreceive mq_timedreceive_time64',
  'semop semtimedop semtimedop_time64',
  'rt_sigtimedwait rt_sigtimedwait_time64',
  'futex futex_time64',
  'sched_rr_get_interval sched_rr_get_interval_time64',
  // Wider arguments and results.
  'fcntl fcntl64',
  'mmap mmap2',
  'mprotect pkey_mprotect',
  'truncate truncate64',
  'ftruncate ftruncate64',
  'sendfile sendfile64',
  'lseek _llseek',
  'fadvise64 fadvise64_64 arm_fadvise64_64',
  'sync_file_range sync_file_range2',
  'statfs statfs64',
  'fstatfs fstatfs64',
  'getdents getdents64 readdir',
  'getrlimit ugetrlimit',
  'setrlimit prlimit64',
  'uname olduname oldolduname',
  'stat stat64 oldstat newfstatat fstatat64 statx',
  'lstat lstat64 oldlstat newfstatat fstatat64 statx',
  'fstat fstat64 oldfstat newfstatat fstatat64 statx',
  // Ids of 32 bits.
  'chown chown32 fchownat',
  'lchown lchown32 fchownat',
  'fchown fchown32 fchownat',
  'getuid getuid32',
  'geteuid geteuid32',
  'getgid getgid32',
  'getegid getegid32',
  'getresuid getresuid32',
  'getresgid getresgid32',
  'getgroups getgroups32',
  'setgroups setgroups32',
  'setuid setuid32 setreuid setreuid32 setresuid setresuid32',
  'setgid setgid32 setregid setregid32 setresgid setresgid32',
  'setfsuid setfsuid32',
  'setfsgid setfsgid32',
  // From a directory's descriptor, or with flags.
  'open openat creat',
  'access faccessat faccessat2',
  'chmod fchmodat fchmodat2',
  'mkdir mkdirat',
  'mknod mknodat',
  'link linkat',
  'symlink symlinkat',
  'unlink unlinkat',
  'rmdir unlinkat',
  'rename renameat renameat2',
  'readlink readlinkat',
  'setxattr lsetxattr fsetxattr setxattrat',
  'getxattr lgetxattr fgetxattr getxattrat',
  'listxattr llistxattr flistxattr listxattrat',
  'removexattr lremovexattr fremovexattr removexattrat',
  'read readv pread64 preadv preadv2',
  'write writev pwrite64 pwritev pwritev2',
  'send sendto sendmsg sendmmsg',
  'accept accept4',
  'pipe pipe2',
  'eventfd eventfd2',
  'signalfd signalfd4',
  'inotify_init inotify_init1',
  'epoll_create epoll_create1',
  'epoll_wait epoll_pwait epoll_pwait2',
  'umount umount2',
  'init_module finit_module',
  // Processes and signals.
  'fork vfork clone',
  'execve execveat',
  'waitpid wait4 waitid',
  'kill tkill tgkill rt_sigqueueinfo rt_tgsigqueueinfo pidfd_send_signal',
  'sigaction rt_sigaction signal',
  'sigprocmask rt_sigprocmask',
  'vm86 vm86old',
]
