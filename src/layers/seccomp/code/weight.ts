import type { Decision } from '../meaning.js'

/**
 * How often programs make the calls on which filters put conditions, against a denied call as 1: from the counts of
 * `strace -c` over shells, compilers, interpreters and servers. The order matters more than the numbers.
 */
const conditional: ReadonlyMap<string, number> = new Map([
  ['openat', 24],
  ['mmap', 24],
  ['mmap2', 24],
  ['futex', 24],
  ['ioctl', 12],
  ['mprotect', 12],
  ['fcntl', 12],
  ['fcntl64', 12],
  ['clone', 6],
  ['socket', 6],
  ['open', 6],
  ['sendto', 6],
  ['recvfrom', 6],
])

/** A number of the gaps, or above the table: a call newer than the table. */
export const unknownWeight = 2

/**
 * How much the way to a call matters. One that is always allowed is answered by the kernel's cache, without the filter
 * (seccomp.c, seccomp_cache_check_allow): its way is walked once, when the filter is loaded, and at every call only by
 * kernels before 5.11.
 */
export function weightOf({ call, clauses, otherwise }: Decision): number {
  const first = clauses[0]
  const always = first === undefined ? otherwise : first.when === null ? first.action : null
  if (always === 'allow') return 0.1
  return always === null ? (conditional.get(call.name) ?? 3) : 1
}
