/** Calls that get around the conditions on others. */
import type { Problem } from '../../../core/errors.js'
import type { Arch } from '../../../host/facts.js'
import { lets } from '../action.js'
import { reachableArches } from '../arch.js'
import { memoryCalls, type MemoryCall } from '../memory-calls.js'
import { meaningOfCalls, type Clause, type TableMeaning } from '../meaning.js'
import { isRuleFor } from '../request.js'
import { twinsOf } from '../twins.js'
import type { Context } from './context.js'

/** Allowing a call with its arguments in memory undoes every condition on the calls behind it. */
export function bypassProblems({ part, arch }: Context): readonly Problem[] {
  const { allow = [], rules = [] } = part
  const named = memoryCalls.filter(({ name }) => allow.includes(name) || rules.some((rule) => rule.syscall === name))
  if (named.length === 0) return []
  const concerned = new Set(named.flatMap(({ name, behind }) => [name, ...behind]))
  const tables = meaningOfCalls({ ...part, arch }, concerned)
  return named.flatMap((call) => {
    const around = tables.flatMap((table) => detourOn(call, table))
    const [first] = around
    if (first === undefined) return []
    const { name } = call
    const { by, limited } = first
    const where = around.map((one) => one.arch).join(' and ')
    return [
      {
        key: by === 'allow' ? `syscalls.allow[${(part.allow ?? []).indexOf(name)}]` : `syscalls.${by}`,
        message:
          `${name} on ${where} does what ${limited} does with its arguments in memory, so the limits on ${limited} ` +
          'would not hold',
        fix:
          `leave ${name} out (it then answers ENOSYS, and a program that does not fall back on ${limited} fails), ` +
          'or allow every call behind it without conditions',
      },
    ]
  })
}

interface Detour {
  readonly arch: Arch
  /** `allow`, or the rule that lets the call through. */
  readonly by: string
  /** The call whose limits would not hold. */
  readonly limited: string
}

function detourOn({ name, arches, behind }: MemoryCall, table: TableMeaning): readonly Detour[] {
  if (!arches.includes(table.arch)) return []
  const source = answersOf(name, table).find(({ by, action }) => lets(action) && /^(?:allow|rules)/.test(by))
  const limited = behind.find((one) => table.table.byName.has(one) && !isWholly(one, table))
  return source === undefined || limited === undefined ? [] : [{ arch: table.arch, by: source.by, limited }]
}

/** A call is let through whatever its arguments. */
function isWholly(name: string, table: TableMeaning): boolean {
  return answersOf(name, table).every(({ action }) => lets(action))
}

/** The clauses that can answer a call, and last what answers it when none does. */
function answersOf(name: string, { table, decisions }: TableMeaning): readonly Pick<Clause, 'action' | 'by'>[] {
  const decision = decisions.get(table.byName.get(name)?.number ?? -1)
  if (decision === undefined) return []
  const always = decision.clauses.findIndex(({ when }) => when === null)
  if (always !== -1) return decision.clauses.slice(0, always + 1)
  return [...decision.clauses, { action: decision.otherwise, by: 'otherwise' }]
}

/** With this call programs make the rings of io_uring(7). */
const ring = 'io_uring_setup'

/** What an operation of a ring does (IORING_OP_* of linux/io_uring.h). A pair of sockets is not among it. */
const ringCalls: ReadonlySet<string> = new Set(
  [
    'open openat openat2 creat close statx read write readv writev pread64 pwrite64 preadv preadv2 pwritev pwritev2',
    'send sendto sendmsg sendmmsg recv recvfrom recvmsg recvmmsg connect accept accept4 bind listen shutdown socket',
    'getsockopt setsockopt getsockname getpeername ioctl pipe pipe2 splice tee',
    'unlink unlinkat rename renameat renameat2 mkdir mkdirat link linkat symlink symlinkat',
    'fallocate ftruncate fsync fdatasync sync_file_range fadvise64 madvise',
    'setxattr fsetxattr getxattr fgetxattr epoll_ctl epoll_wait poll waitid',
    'futex futex_wait futex_wake futex_waitv',
  ].flatMap((line) => line.split(' ')),
)

/** Whether rings do what a call does, perhaps under another name of it. */
function isRingCall(name: string): boolean {
  return [name, ...twinsOf(name)].some((one) => ringCalls.has(one))
}

/** What is submitted to a ring passes no filter (io_uring(7)): a rule of the policy would not hold there. */
export function ringProblems({ part, arch }: Context): readonly Problem[] {
  const rules = part.rules ?? []
  const index = rules.findIndex((rule) => {
    const isReached = reachableArches(arch).some((one) => isRuleFor(rule, one))
    return isRingCall(rule.syscall) && !lets(rule.action) && isReached
  })
  const rule = rules[index]
  if (rule === undefined) return []
  const open = meaningOfCalls({ ...part, arch }, new Set([ring])).flatMap((table) => {
    const giver = answersOf(ring, table).find(({ action }) => lets(action))
    return giver === undefined ? [] : [{ arch: table.arch, by: giver.by }]
  })
  const [first] = open
  if (first === undefined) return []
  const where = open.map((one) => one.arch).join(' and ')
  const [how, fix] = ringText(first.by)
  return [
    {
      key: `syscalls.rules[${index}]`,
      message: `io_uring_setup on ${where} ${how} and does what ${rule.syscall} does, in a ring that no filter sees`,
      fix,
    },
  ]
}

function ringText(by: string): readonly [how: string, fix: string] {
  if (by === 'otherwise') {
    return ['stays allowed', 'add { syscall: io_uring_setup, action: { errno: ENOSYS } } to the rules']
  }
  if (by === 'allow') return ['is allowed', 'remove io_uring_setup from allow, or this rule']
  if (by.startsWith('rules[')) return [`is allowed by ${by}`, `remove ${by}, or this rule`]
  return [`is allowed by the promise ${by}`, `remove the promise ${by}, or this rule`]
}
