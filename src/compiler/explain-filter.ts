import type { Arch } from '../host/facts.js'
import { byStrictness } from '../layers/seccomp/action.js'
import { allArches, auditArch } from '../layers/seccomp/arch.js'
import {
  evaluateSyscall,
  explainSyscall,
  possibleAnswers,
  seccompProblems,
  type Action,
} from '../layers/seccomp/seccomp.js'
import { absenceReason } from '../layers/seccomp/explain.js'
import { constantOf, syscallTable } from '../layers/seccomp/tables.js'
import { InternalError } from '../core/errors.js'
import type { Plan } from '../plan/codec.js'
import type { CompiledPlan } from './compile.js'
import { kills, killsThread, lets, refuses, type Verdict } from './explain-answer.js'

/** One call as a program makes it; missing arguments are 0. */
export interface Call {
  readonly name: string
  readonly arch: Arch
  readonly args: readonly bigint[]
}

/** What the plan's filters say of one call; null: the plan has no filter, or the arch no such call. */
export function askFilters(plan: CompiledPlan, call: Call): Verdict | null {
  const action = strictest(
    filtersOf(plan).flatMap((program) => {
      const number = syscallTable(call.arch).byName.get(call.name)?.number
      return number === undefined ? [] : [evaluateSyscall(program, { arch: call.arch, nr: number, args: call.args })]
    }),
  )
  return action === null ? null : verdictOn(plan, call, action)
}

/** What the plan's filters can say of a call over all arguments; null: no filter, or no such call on that arch. */
export function possibleActions(plan: Pick<Plan, 'steps'>, arch: Arch, name: string): readonly Action[] | null {
  const each = filtersOf(plan).map((program) => possibleAnswers(program, arch, name))
  if (each.length === 0 || each.some((answers) => answers === null)) return null
  // The stricter answer counts (seccomp(2)); with one-exec and the policy's filter at most one of both depends.
  const combined = each.reduce<readonly Action[]>(
    (left, right) => left.flatMap((one) => (right ?? []).map((other) => strictest([one, other]) ?? one)),
    ['allow'],
  )
  return [...new Map(combined.map((action) => [JSON.stringify(action), action])).values()]
}

/** The kernel's native table, for which the plan was made. */
export function nativeArch({ auditArch: made }: Pick<Plan, 'auditArch'>): Arch {
  const native = allArches.find((arch) => auditArch[arch] === made)
  if (native === undefined) throw new InternalError(`no architecture 0x${made.toString(16)}`)
  return native
}

/** The value of a kernel constant on `arch`, such as a flag of open(2). */
export function constant(name: string, arch: Arch): bigint {
  const found = constantOf(name, arch)
  if (found.kind !== 'value') throw new InternalError(`no ${name} on ${arch}`)
  return found.value
}

function filtersOf({ steps }: Pick<Plan, 'steps'>): readonly Uint8Array[] {
  return steps.flatMap((step) =>
    step.op === 'seccomp.allow-one-exec' || step.op === 'seccomp.load-filter' ? [step.filter] : [],
  )
}

function strictest(actions: readonly Action[]): Action | null {
  return actions.toSorted(byStrictness)[0] ?? null
}

function verdictOn(plan: CompiledPlan, call: Call, action: Action): Verdict {
  const text = `the filter refuses ${call.name}`
  if (action === 'allow' || action === 'log') return lets('seccomp', `the filter lets ${call.name} through`, 'syscalls')
  const { origin, change } = reasonOf(plan, call)
  if (typeof action !== 'string') {
    return refuses('seccomp', action.errno, `${text}${absence(plan, call, action.errno)}`, origin, change)
  }
  switch (action) {
    case 'kill_process':
      return kills('seccomp', text, origin, change)
    case 'kill_thread':
      return killsThread('seccomp', text, origin, change)
    case 'trap':
      return kills('seccomp', `${text} by SIGSYS, which a handler survives`, origin, change)
    case 'user_notif': {
      // The launcher let the command through and closed the listener: the kernel answers ENOSYS ever after.
      const once = 'only the command itself is started, once'
      return refuses('seccomp', 'ENOSYS', once, 'syscalls.promises', 'add exec to syscalls.promises')
    }
  }
}

/** Why the kernel would seem not to have the call, where no rule says so. */
function absence(plan: CompiledPlan, call: Call, errno: string): string {
  const { request } = plan.filter
  const { decisive } = explainSyscall(call.name, call.arch, request, call.args)
  const reason = decisive === null && errno === 'ENOSYS' ? absenceReason(call.name, call.arch, request) : null
  return reason === null ? '' : `: ${reason}`
}

interface Reason {
  readonly origin: string
  readonly change: string | null
}

/** The words of the request that the filter was made from and is proven to equal. */
function reasonOf({ filter: { request, substitutes } }: CompiledPlan, { name, arch, args }: Call): Reason {
  const { clauses, decisive, remedies } = explainSyscall(name, arch, request, args)
  const by = decisive === null ? null : (clauses[decisive]?.by ?? null)
  if (by === 'never') return { origin: '', change: null }
  const rule = ruleIndex(by)
  if (rule === null) {
    const [added] = remedies.toSorted((left, right) => strangeness(left) - strangeness(right))
    if (added !== undefined) return promised(`add ${added.join(' and ')} to syscalls.promises`)
    const allow = [...(request.allow ?? []), name]
    const known = seccompProblems(request, request.arch).length
    const possible = seccompProblems({ ...request, allow }, request.arch).length === known
    return promised(possible ? `add ${name} to syscalls.allow` : null)
  }
  // A rule of ours that stands in for what Landlock lacks on this kernel.
  if (rule < substitutes) return { origin: 'filesystem', change: null }
  const key = `syscalls.rules[${rule - substitutes}]`
  return { origin: key, change: `change ${key}` }
}

/** Of remedies of one size the plain words count: `tmppath` opens for writing too, but says something else. */
const plainWords: readonly string[] = ['rpath', 'wpath', 'cpath', 'inet_client', 'unix']

function strangeness(promises: readonly string[]): number {
  return promises.filter((promise) => !plainWords.includes(promise)).length
}

function promised(change: string | null): Reason {
  return { origin: 'syscalls.promises', change }
}

/** `rules[2]` is 2. */
function ruleIndex(by: string | null): number | null {
  const index = /^rules\[(\d+)\]$/.exec(by ?? '')?.[1]
  return index === undefined ? null : Number(index)
}
