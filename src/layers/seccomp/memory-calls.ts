import type { Arch } from '../../host/facts.js'
import { lets } from './action.js'
import { allArches } from './arch.js'
import { isRuleFor, type FilterRequest } from './request.js'

/** A call that does what others do, with its arguments in memory, where no filter can look. */
export interface MemoryCall {
  readonly name: string
  readonly arches: readonly Arch[]
  /** The calls that it stands for, on arches that have them. */
  readonly behind: readonly string[]
}

const sockets =
  'socket bind connect listen accept accept4 getsockname getpeername socketpair send recv sendto recvfrom shutdown ' +
  'setsockopt getsockopt sendmsg recvmsg sendmmsg recvmmsg recvmmsg_time64'
const systemV = 'semop semget semctl semtimedop semtimedop_time64 msgsnd msgrcv msgget msgctl shmat shmdt shmget shmctl'

/** All of them; io_uring is none: its work passes no filter at all, and the promise says so. */
export const memoryCalls: readonly MemoryCall[] = [
  { name: 'socketcall', arches: ['i386', 'arm'], behind: sockets.split(' ') },
  { name: 'ipc', arches: ['i386', 'arm'], behind: systemV.split(' ') },
  { name: 'mmap', arches: ['i386'], behind: ['mmap2'] },
  { name: 'select', arches: ['i386'], behind: ['_newselect'] },
  { name: 'clone3', arches: allArches, behind: ['clone', 'fork', 'vfork'] },
  { name: 'openat2', arches: allArches, behind: ['openat', 'open', 'creat'] },
]

/**
 * The memory calls of an arch that no promise grants in this request, because a rule of it refuses a use of a call
 * behind them: they would get around it. They answer ENOSYS. Most libraries then make the direct calls; 32-bit glibc of
 * Debian 12 has no way to a socket but socketcall.
 */
export function withheldCalls({ rules = [] }: Pick<FilterRequest, 'rules'>, arch: Arch): ReadonlySet<string> {
  const refused = new Set(rules.filter((rule) => !lets(rule.action) && isRuleFor(rule, arch)).map((one) => one.syscall))
  const around = memoryCalls.filter((call) => call.arches.includes(arch) && call.behind.some((one) => refused.has(one)))
  return new Set(around.map(({ name }) => name))
}
