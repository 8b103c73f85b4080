/** The headers whose constants system calls take, and which of their names. */

/** Headers of linux-libc-dev. */
export const programHeaders: readonly string[] = [
  ...'types fcntl openat2 mman sched sched/types prctl futex seccomp landlock fs personality in in6 wait'.split(' '),
  ...'membarrier memfd mount stat poll eventpoll time random ptrace resource netlink kcmp close_range'.split(' '),
  ...'io_uring perf_event bpf userfaultfd inotify fanotify eventfd signalfd timerfd shm ipc sem msg net'.split(' '),
  ...'tcp udp if_packet vm_sockets keyctl reboot pidfd rseq falloc nsfs mempolicy capability securebits'.split(' '),
  ...'xattr if_alg tty kd vt fiemap aio_abi ioprio fadvise lsm sockios fscrypt fsverity ipv6 quota'.split(' '),
].map((name) => `linux/${name}.h`)

export const archHeaders: readonly string[] = 'ioctls ioctl errno signal siginfo socket sockios termbits termios mman'
  .split(' ')
  .map((name) => `asm/${name}.h`)

/** x86 alone has it. */
export const prctlHeader = 'asm/prctl.h'

/** Headers of the kernel itself: what libc repeats in its own, and no header for programs has. */
export const kernelHeaders: readonly (readonly [header: string, names: RegExp])[] = [
  ['include/linux/socket.h', /^(AF|PF|SOL)_\w+$|^MSG_(?!SENDPAGE|NO_SHARED|SPLICE|CMSG_COMPAT|INTERNAL|EOF)\w+$/],
  ['include/linux/net.h', /^SOCK_(STREAM|DGRAM|RAW|RDM|SEQPACKET|DCCP|PACKET|TYPE_MASK|CLOEXEC|NONBLOCK)$|^SHUT_\w+$/],
  ['include/linux/splice.h', /^SPLICE_F_(?!ALL)\w+$/],
  ['include/linux/swap.h', /^SWAP_FLAG_\w+$/],
  ['include/linux/fs.h', /^(MNT_(FORCE|DETACH|EXPIRE)|UMOUNT_NOFOLLOW)$/],
]

/** Names of values and flags that arguments hold; what only memory behind a pointer holds is left out. */
export function isWanted(name: string): boolean {
  return wanted.test(name) && !unwanted.test(name)
}

const prefixes = [
  // Sockets.
  ...'AF PF SOCK SOL SO SHUT MSG IPPROTO IP IPV6 MCAST TCP UDP PACKET NETLINK VMADDR'.split(' '),
  // Files.
  ...'AT F FD DN LOCK O OPEN_TREE RENAME RESOLVE RWF S SEEK SPLICE_F STATX SYNC_FILE_RANGE XATTR FALLOC'.split(' '),
  ...'MNT UMOUNT MOUNT_ATTR MOVE_MOUNT MS FSCONFIG FSMOUNT FSOPEN FSPICK SWAP_FLAG IN FAN POSIX_FADV Q'.split(' '),
  // Memory.
  ...'ADDR MADV MAP MCL MFD MLOCK MMAP_PAGE MPOL MREMAP PROT PKEY SHM IPC SEM'.split(' '),
  // Processes.
  ...'ARCH CAP CLONE CLOSE_RANGE CLD FUTEX FUTEX2 GRND IOPRIO ITIMER KCMP MEMBARRIER P PER PIDFD PR PRIO'.split(' '),
  ...'PTRACE READ_IMPLIES RLIMIT RSEQ RUSAGE SA SCHED SECBIT SECCOMP SHORT SIG SIGEV STICKY WHOLE'.split(' '),
  ...'CLOCK TIMER EFD EPOLL SFD TFD KEY KEYCTL LANDLOCK LSM LINUX_REBOOT NS'.split(' '),
  ...'BPF_(BTF|ENABLE|ITER|LINK|MAP|OBJ|PROG|RAW_TRACEPOINT|TASK|TOKEN) IORING_(SETUP|ENTER|REGISTER|UNREGISTER)'.split(
    ' ',
  ),
  ...'PERF_EVENT_IOC PERF_FLAG UFFD_USER'.split(' '),
  // Commands of ioctl(2).
  ...'FS_IOC FS_IOC32 KD TIOCM TIOCPKT TIOCSER UFFDIO VT NSFS'.split(' '),
]
const words = [
  ...'EPOLL[A-Z]+ EPIOC[A-Z]+ SIG[A-Z0-9]+ W[A-Z]+ UNAME26 SYS_[A-Z]+[0-9]?'.split(' '),
  ...'GET(ALL|NCNT|PID|VAL|ZCNT) SET(ALL|VAL)'.split(' '),
  ...'BLK[A-Z0-9]+ FI[A-Z]+ KD[A-Z]+ SIO[A-Z_]+ TC[A-Z0-9]+ TIO[A-Z0-9]+ UFFDIO __O_TMPFILE'.split(' '),
]
const wanted = new RegExp(`^(${prefixes.join('|')})_\\w+$|^(${words.join('|')})$`)

const unwanted = new RegExp(
  `^(${[
    // Cast to a type of the caller's, so its width is the caller's.
    'MS_NOUSER|MAP_FAILED|SIG_ERR',
    // What only memory holds: parts of structs, bounds of texts, headers of packets, states.
    'XATTR_(?!CREATE|REPLACE)\\w+|\\w+_PREFIX(_\\w+)?|FS_IOC_\\w*VERITY\\w*|CAP_LAST_CAP|BPF_OBJ_NAME_LEN',
    'IPV6_(FL|FLOWINFO|PRIORITY|SRCRT|TLV|OPT|PREFER|MIN)_\\w+|IPV6_FLOWINFO|IN_(CLASS|LOOP|MULTI)\\w+',
    'CLOCK_(DEFAULT|EXT|INT|TXFROMRX|TXINT)|SIGEV_(MAX|PAD)_\\w+|SIGSTKSZ|TCP_(CA|NLA)_\\w+|PF_[RWX]|KEY_(?!SPEC)\\w+',
    '(NS_ID_REQ|PIDFD_INFO|STATX)_SIZE\\w*|LANDLOCK_(ACCESS|SCOPE)_\\w+|FAN_(EVENT|RESPONSE)_INFO_\\w+|RSEQ_C\\w+',
    'EPOLL_PACKED|SO_VM_SOCKETS_BUFFER\\w+|(MNT_ID_REQ|MNT_NS_INFO)_SIZE\\w*|FAN_ERRNO_\\w+|PTRACE_CFI_STATE_INVALID_MASK',
    // Bounds and sums, which another kernel has otherwise.
    '(AF|PF|IPPROTO|MPOL|SEEK|PR_SCHED_CORE)_MAX|(CLOCK_AUX|IORING_REGISTER)_LAST|\\w+_LATEST|IOPRIO_\\w*NR\\w*',
    'FAN_ALL_\\w+|SCHED_FLAG_(KEEP_)?ALL|MPOL_MF_VALID|PTRACE_O_MASK|PIDFD_INFO_SUPPORTED_MASK|MOVE_MOUNT__MASK',
  ].join('|')})$`,
)
