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
import { absenceReason, type ExplainedClause, type SyscallExplanation } from '../layers/seccomp/explain.js'
import type { FilterRequest, Rule } from '../layers/seccomp/request.js'
import { constantOf, syscallTable } from '../layers/seccomp/tables.js'
import { InternalError } from '../core/errors.js'
import type { PolicyKey } from '../core/policy-key.js'
import type { Plan } from '../plan/codec.js'
import type { CompiledPlan } from './compile.js'
import { kills, killsThread, lets, refuses, type Verdict } from './explain-answer.js'

/** One call as a program makes it; missing arguments are 0. Null: any arguments, which make no difference here. */
export interface Call {
  readonly name: string
  readonly arch: Arch
  readonly args: readonly bigint[] | null
}

type Refusal = Exclude<Action, 'allow' | 'log'>

/**
 * What the plan's filters say of one call: their answer, and behind a rule that refuses it what would refuse it without.
 * None: the plan has no filter, or the arch no such call. `grant` is what lifts a rule that stands in for Landlock.
 */
export function askFilters(plan: CompiledPlan, call: Call, grant: string | null): readonly Verdict[] {
  const action = strictest(
    filtersOf(plan).flatMap((program) => {
      const number = syscallTable(call.arch).byName.get(call.name)?.number
      return number === undefined
        ? []
        : [evaluateSyscall(program, { arch: call.arch, nr: number, args: call.args ?? [] })]
    }),
  )
  if (action === null) return []
  if (action === 'allow' || action === 'log') {
    return [lets('seccomp', `the filter lets ${call.name} through`, 'syscalls')]
  }
  return refusals(plan.filter.request, reasonedRules(plan, grant), call, action)
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

/** What can be said to an author about a refusal. */
interface Reason {
  /** Continues `the filter refuses socket`. */
  readonly text: string
  readonly origin: PolicyKey
  readonly change: string | null
}

interface ReasonedRule extends Reason {
  readonly rule: Rule
}

function reasonedRules({ filter }: CompiledPlan, grant: string | null): readonly ReasonedRule[] {
  const { request, substitutes } = filter
  return (request.rules ?? []).map((rule, index) => {
    const carried = substitutes[index]
    if (carried !== undefined) {
      return { rule, text: ' by a rule that stands in for what Landlock lacks', origin: carried, change: grant }
    }
    const key = `syscalls.rules[${index - substitutes.length}]`
    return { rule, text: '', origin: key, change: `change ${key}` }
  })
}

/** By the words of the request that the filter was made from and is proven to equal. */
function refusals(
  request: FilterRequest,
  rules: readonly ReasonedRule[],
  call: Call,
  action: Refusal,
): readonly Verdict[] {
  const asked = { ...request, rules: rules.map(({ rule }) => rule) }
  const explained = explainSyscall(call.name, call.arch, asked, call.args ?? [])
  const ruling = rules.find((_, index) => decisiveOf(explained)?.by === `rules[${index}]`)
  if (ruling === undefined) return [refusal(call, action, reasonOf(asked, call, explained, action))]
  const others = rules.filter((rule) => rule !== ruling)
  const next = answerTo({ ...request, rules: others.map(({ rule }) => rule) }, call)
  const hidden = next === 'allow' || next === 'log' ? [] : refusals(request, others, call, next)
  return [refusal(call, action, ruling), ...hidden]
}

function answerTo(request: FilterRequest, { name, arch, args }: Call): Action {
  const explained = explainSyscall(name, arch, request, args ?? [])
  return decisiveOf(explained)?.action ?? explained.otherwise
}

function decisiveOf({ clauses, decisive }: SyscallExplanation): ExplainedClause | null {
  return decisive === null ? null : (clauses[decisive] ?? null)
}

function refusal({ name }: Call, action: Refusal, { text: how, origin, change }: Reason): Verdict {
  const text = `the filter refuses ${name}${how}`
  if (typeof action !== 'string') return refuses('seccomp', action.errno, text, origin, change)
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

/** Where no rule decides, a promise is missing, or the kernel would seem not to have the call. */
function reasonOf(request: FilterRequest, call: Call, explained: SyscallExplanation, action: Refusal): Reason {
  const decisive = decisiveOf(explained)
  const absent = decisive === null && typeof action !== 'string' && action.errno === 'ENOSYS'
  const absence = absent ? absenceReason(call.name, call.arch, request) : null
  const text = absence === null ? '' : `: ${absence}`
  if (decisive?.by === 'never') return { text, origin: '', change: null }
  return { text, origin: 'syscalls.promises', change: promiseOf(request, call, absent ? 'absent' : 'refused') }
}

/** What lets the call through: the promises that say least beside it. Nothing, if libraries do without what says most. */
function promiseOf(request: FilterRequest, { name, arch, args }: Call, seems: 'absent' | 'refused'): string | null {
  const { remedies } = explainSyscall(name, arch, request, args)
  const least = Math.min(...remedies.map(strangeness))
  const best = remedies.filter((added) => strangeness(added) === least).map((added) => added.join(' and '))
  if (seems === 'absent' && remedies.length > 0 && least >= wide) return null
  // The arguments say which one is meant.
  const meant = args === null ? best : best.slice(0, 1)
  if (meant.length > 0) return `add ${meant.join(' or ')} to syscalls.promises`
  const allow = [...(request.allow ?? []), name]
  const known = seccompProblems(request, request.arch).length
  const possible = seccompProblems({ ...request, allow }, request.arch).length === known
  return possible ? `add ${name} to syscalls.allow` : null
}

/** Of remedies of one size the plain words count: `tmppath` opens for writing too, but says something else. */
const plainWords: readonly string[] = ['rpath', 'wpath', 'cpath', 'inet_client', 'unix']
/** These let through much more of the kernel than any call that they share with others. */
const wideWords: readonly string[] = ['admin', 'debug', 'id', 'mount', 'ns', 'rawnet']
const wide = 10

function strangeness(promises: readonly string[]): number {
  const strange = promises.filter((promise) => !plainWords.includes(promise))
  return strange.length + wide * strange.filter((promise) => wideWords.includes(promise)).length
}
