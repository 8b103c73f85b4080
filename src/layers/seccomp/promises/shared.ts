/** Calls and conditions that several promises have in common. */
import type { Arch } from '../../../host/facts.js'

// On i386 mmap(2) is number 90, whose arguments lie in memory; mmap2 is the direct call there and on arm.
export const directMmap: readonly Arch[] = ['x86_64', 'aarch64', 'riscv64']
export const noCode = ['prot & PROT_EXEC == 0']
// A library is mapped from a file, never writable and executable at once; the mount view says which files.
export const libraryCode = ['prot & PROT_WRITE == 0 and flags & MAP_ANONYMOUS == 0']
export const tls =
  'set_thread_area get_thread_area ARM_set_tls ARM_get_tls ARM_cacheflush riscv_flush_icache riscv_hwprobe'
export const tlsRegister = [
  'option in [ARCH_SET_FS, ARCH_GET_FS, ARCH_SET_GS, ARCH_GET_GS, 0x3001]',
  'option in [ARCH_SHSTK_ENABLE, ARCH_SHSTK_DISABLE, ARCH_SHSTK_LOCK, ARCH_SHSTK_UNLOCK, ARCH_SHSTK_STATUS]',
]
// MSG_FASTOPEN connects without connect(2): Landlock did not see it before 7.2.
export const noFastOpen = ['flags & MSG_FASTOPEN == 0']
export const transferOwn = 'getsockname getpeername recvfrom recvmsg recv send shutdown'
export const transferUnix = `${transferOwn} getsockopt`
export const transfer = `${transferUnix} recvmmsg recvmmsg_time64`
export const statByPath =
  'stat stat64 lstat lstat64 newfstatat fstatat64 statx access faccessat faccessat2 readlink readlinkat'
