/**
 * `otherwise: allow` (and `log`, which lets through too): the filter refuses what rules name and lets every other known call through. It is the weaker
 * form of a filter, so what can be kept is kept:
 * - a number that the tables do not know gets ENOSYS: a call of a newer kernel could do what a rule refuses;
 * - x32 numbers and other arches are refused, and the commands that are never allowed stay refused;
 * - a rule that another call gets around is an error.
 */
import type { Problem } from '../../core/errors.js'
import type { Arch } from '../../host/facts.js'
import { lets, type Action } from './action.js'
import { reachableArches } from './arch.js'
import { implicitPromises } from './promises.js'
import { isRuleFor, letsByDefault, type FilterRequest, type Rule } from './request.js'
import { syscallTable, type SyscallTable } from './tables.js'

type PolicyPart = Omit<FilterRequest, 'arch'>

/** The answer to a known call that no clause of the policy lets through or refuses. */
export function otherwiseAction({ otherwise }: Pick<FilterRequest, 'otherwise'>, denied: Action): Action {
  return otherwise === undefined || otherwise === 'denied' ? denied : otherwise
}

/** Rules that refuse a call and that the program gets around by another one. */
export function otherwiseProblems(part: PolicyPart, native: Arch): readonly Problem[] {
  if (!letsByDefault(part)) return []
  const tables = reachableArches(native).map(syscallTable)
  const refusing = (part.rules ?? []).flatMap((rule, index) => (lets(rule.action) ? [] : [{ rule, index }]))
  return [
    ...refusing.flatMap(({ rule, index }) => otherTableProblems(rule, index, part, tables)),
    ...detours.flatMap((detour) => detourProblems(detour, refusing, part, tables)),
  ]
}

interface Refusal {
  readonly rule: Rule
  readonly index: number
}

/** Calls whose arguments lie in memory, and what they do that a rule may refuse by name. */
interface Detour {
  readonly call: string
  readonly does: readonly string[]
  readonly arches: readonly Arch[]
}

const socketCalls = 'socket socketpair connect bind listen accept accept4 sendto sendmsg recvfrom recvmsg setsockopt'
const openCalls = 'open openat openat2 creat'
const systemV = 'semop semget semctl semtimedop msgsnd msgrcv msgget msgctl shmat shmdt shmget shmctl'
const wide: readonly Arch[] = ['x86_64', 'aarch64', 'riscv64']
const narrow: readonly Arch[] = ['i386', 'arm']
const detours: readonly Detour[] = [
  { call: 'socketcall', does: socketCalls.split(' '), arches: narrow },
  { call: 'ipc', does: systemV.split(' '), arches: narrow },
  { call: 'mmap', does: ['mmap2'], arches: ['i386'] },
  { call: 'clone3', does: ['clone'], arches: [...wide, ...narrow] },
  { call: 'openat2', does: ['open', 'openat'], arches: [...wide, ...narrow] },
  // What is submitted to a ring passes no filter (io_uring(7)).
  { call: 'io_uring_setup', does: [...socketCalls.split(' '), ...openCalls.split(' ')], arches: [...wide, ...narrow] },
]

function detourProblems(
  { call, does, arches }: Detour,
  refusing: readonly Refusal[],
  part: PolicyPart,
  tables: readonly SyscallTable[],
): readonly Problem[] {
  const around = tables.filter((table) => arches.includes(table.arch) && table.byName.has(call))
  const open = around.filter((table) => !refusesAll(part, call, table.arch))
  const undone = refusing.find(({ rule }) => {
    return does.includes(rule.syscall) && open.some((table) => isRuleFor(rule, table.arch))
  })
  if (undone === undefined) return []
  const [table] = open
  const why = call === 'io_uring_setup' ? 'in a ring that no filter sees' : 'with its arguments in memory'
  return [
    {
      key: `syscalls.rules[${undone.index}]`,
      message: `${call} on ${table?.arch} stays allowed and does what ${undone.rule.syscall} does, ${why}`,
      fix: `add { syscall: ${call}, action: { errno: ENOSYS } } to the rules`,
    },
  ]
}

/** Any 64-bit process may enter the 32-bit table: a rule for one table alone refuses nothing. */
function otherTableProblems(
  rule: Rule,
  index: number,
  part: PolicyPart,
  tables: readonly SyscallTable[],
): readonly Problem[] {
  if (rule.arch === undefined || vital.has(rule.syscall)) return []
  const open = tables.find(({ arch, byName }) => {
    const refused = (part.rules ?? []).some((other) => {
      return other.syscall === rule.syscall && !lets(other.action) && isRuleFor(other, arch)
    })
    return !isRuleFor(rule, arch) && byName.has(rule.syscall) && !refused
  })
  if (open === undefined) return []
  return [
    {
      key: `syscalls.rules[${index}].arch`,
      message: `${rule.syscall} on ${open.arch} stays allowed, and every program can make calls of ${open.arch}`,
      fix: `remove arch, or add a rule for ${open.arch}`,
    },
  ]
}

/** Refused alone, it would be an error of its own. */
const vital: ReadonlySet<string> = new Set(implicitPromises.core.grants[0].calls.split(' '))

function refusesAll({ rules = [] }: PolicyPart, call: string, arch: Arch): boolean {
  const first = rules.find((rule) => rule.syscall === call && isRuleFor(rule, arch) && rule.when === undefined)
  return first !== undefined && !lets(first.action)
}
