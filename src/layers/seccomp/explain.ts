import type { Arch } from '../../host/facts.js'
import { actionText, lets, type Action } from './action.js'
import { toWord64, type ArgumentValues } from './condition/test.js'
import { withheldCalls } from './memory-calls.js'
import { decided, decisionOf, decisiveClause, isTooNew, type Decision } from './meaning.js'
import { openGrants } from './open-needs.js'
import {
  implicitNames,
  probes,
  promiseDefinition,
  promiseNames,
  type Grant,
  type ImplicitPromise,
  type PromiseName,
} from './promises.js'
import { letsByDefault, type FilterRequest } from './request.js'
import { syscallTable } from './tables.js'

/** What a policy answers to one call, and why. */
export interface SyscallExplanation {
  readonly syscall: string
  readonly arch: Arch
  /** null: the arch has no such call, the filter answers ENOSYS to whatever number the program means. */
  readonly number: number | null
  readonly answer: 'allowed' | 'conditional' | 'denied' | 'unknown'
  /** In the order in which they are tried. */
  readonly clauses: readonly ExplainedClause[]
  /** The answer if no clause holds. */
  readonly otherwise: Action
  /** Index of the clause that answers the given arguments; null: none holds, or no arguments were given. */
  readonly decisive: number | null
  /** Sets of promises that would let the call through (or more of it), the smallest first. */
  readonly remedies: readonly (readonly PromiseName[])[]
}

export interface ExplainedClause {
  /** Alternatives as written; null: always. */
  readonly when: readonly string[] | null
  readonly action: Action
  /** A promise, `rules[2]`, `allow`, `never`, or an implicit promise: `core`, `start`, `exec-load`, `one-exec`. */
  readonly by: string
}

/** Explains a call under a policy; with `args`, the answer for exactly these. */
export function explainSyscall(
  name: string,
  arch: Arch,
  request: FilterRequest,
  args: readonly bigint[] | null = null,
): SyscallExplanation {
  const decision = decisionOf(request, arch, name)
  if (decision === null) {
    const otherwise: Action = { errno: 'ENOSYS' }
    return {
      syscall: name,
      arch,
      number: null,
      answer: 'unknown',
      clauses: [],
      otherwise,
      decisive: null,
      remedies: [],
    }
  }
  const clauses = decision.clauses.map(({ when, action, by }) => {
    return { when: when?.map(({ text }) => text) ?? null, action, by }
  })
  const values = args?.map(toWord64) ?? null
  const answer = values === null ? overall(decision) : lets(decided(decision, values)) ? 'allowed' : 'denied'
  const remedies = answer === 'allowed' ? [] : remediesFor(name, arch, request, values)
  const { otherwise, call } = decision
  const decisive = values === null ? null : decisiveClause(decision, values)
  return { syscall: name, arch, number: call.number, answer, clauses, otherwise, decisive, remedies }
}

function overall({ clauses, otherwise }: Decision): SyscallExplanation['answer'] {
  const always = clauses.findIndex(({ when }) => when === null)
  const reached = always === -1 ? clauses : clauses.slice(0, always + 1)
  const actions = [...reached.map(({ action }) => action), ...(always === -1 ? [otherwise] : [])]
  if (actions.every(lets)) return 'allowed'
  return actions.some(lets) ? 'conditional' : 'denied'
}

/** Sets of at most three promises (an open may need reading, writing and creating) that change the answer. */
function remediesFor(
  name: string,
  arch: Arch,
  request: FilterRequest,
  args: ArgumentValues | null,
): readonly (readonly PromiseName[])[] {
  const related = promiseNames.filter((promise) => !request.promises.includes(promise) && mentions(promise, name))
  const helps = (added: readonly PromiseName[]): boolean => {
    const decision = decisionOf({ ...request, promises: [...request.promises, ...added] }, arch, name)
    if (decision === null) return false
    return args === null ? overall(decision) !== 'denied' : lets(decided(decision, args))
  }
  const candidates = [1, 2, 3].flatMap((size) => subsets(related, size))
  return candidates.reduce<readonly (readonly PromiseName[])[]>((found, added) => {
    const more = found.some((smaller) => smaller.every((one) => added.includes(one)))
    return more || !helps(added) ? found : [...found, added]
  }, [])
}

/** Why a call that nothing grants answers ENOSYS, as if the kernel did not have it; null: it answers otherwise. */
export function absenceReason(name: string, arch: Arch, request: FilterRequest): string | null {
  const call = syscallTable(arch).byName.get(name)
  if (call === undefined) return null
  if (isTooNew(call, request)) return `it is of Linux ${call.since}, newer than syscalls.minimumKernel`
  if (withheldCalls(request, arch).has(name)) {
    return 'it does with its arguments in memory what a rule refuses, and no filter can look there'
  }
  const isProbe = probes.some(({ calls, arches }) => {
    return calls.split(' ').includes(name) && (arches === undefined || arches.includes(arch))
  })
  if (!isProbe || letsByDefault(request)) return null
  return 'nothing grants it, and libraries try it out and do without'
}

/** The promises that allow a call or some uses of it. */
export function promisesNaming(call: string): readonly PromiseName[] {
  return promiseNames.filter((promise) => mentions(promise, call))
}

function mentions(promise: PromiseName, call: string): boolean {
  const { grants, opens } = promiseDefinition(promise)
  const opening = opens !== undefined && ['open', 'openat', 'openat2', 'creat'].includes(call)
  return opening || grants.some(({ calls }) => calls.split(' ').includes(call))
}

function subsets<T>(items: readonly T[], size: number): readonly (readonly T[])[] {
  if (size === 0) return [[]]
  return items.flatMap((item, index) => subsets(items.slice(index + 1), size - 1).map((rest) => [item, ...rest]))
}

export interface ListedPromise {
  readonly name: PromiseName | ImplicitPromise
  readonly kind: 'promise' | 'implicit'
  readonly means: string
  readonly grants: readonly Grant[]
  /** What it lets files be opened for, by itself: the same form as `grants`. */
  readonly opens: readonly Grant[]
}

/** Every promise with what it grants, implicit ones first. */
export function listPromises(): readonly ListedPromise[] {
  return [
    ...implicitNames.map((name) => listed(name, 'implicit')),
    ...promiseNames.map((name) => listed(name, 'promise')),
  ]
}

function listed(name: PromiseName | ImplicitPromise, kind: ListedPromise['kind']): ListedPromise {
  const { means, grants } = promiseDefinition(name)
  const opens = openGrants([name]).map(({ call, when }) =>
    when.length === 0 ? { calls: call } : { calls: call, when },
  )
  return { name, kind, means, grants, opens }
}

/** The name of a call, for reports; null: no such number. */
export function syscallName(arch: Arch, number: number): string | null {
  return syscallTable(arch).byNumber.get(number)?.name ?? null
}

/** One line: `socket (x86_64 41): allowed if family == AF_UNIX ... [unix], otherwise EPERM`. */
export function explanationText(explanation: SyscallExplanation): string {
  const { syscall, arch, number, clauses, otherwise } = explanation
  if (number === null) return `${syscall} (not on ${arch}): ${actionText(otherwise)}`
  const parts = clauses.map(({ when, action, by }) => {
    const condition = when === null ? '' : ` if ${when.join(' or ')}`
    return `${actionText(action)}${condition} [${by}]`
  })
  const last = clauses.some(({ when }) => when === null) ? [] : [`otherwise ${actionText(otherwise)}`]
  return `${syscall} (${arch} ${number}): ${[...parts, ...last].join(', ')}`
}
