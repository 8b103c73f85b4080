/** Everything about `syscalls` that the schema cannot see: unknown, contradictory and unenforceable things. */
import type { Problem } from '../../core/errors.js'
import type { Arch } from '../../host/facts.js'
import { lets } from './action.js'
import { bypassProblems, ringProblems } from './problems/bypass.js'
import { conditionProblems } from './problems/conditions.js'
import {
  makeContext,
  tablesOf,
  type Context,
  type Listener,
  type PlacedRule,
  type PolicyPart,
} from './problems/context.js'
import { absentProblem, errnoProblems, nameProblems } from './problems/names.js'
import { otherwiseProblems } from './problems/otherwise.js'
import { hiddenProblems } from './problems/reach.js'
import { exemptProblems, neverProblems, startProblems } from './problems/vital.js'
import { widthProblems } from './problems/width.js'
import { never } from './promises.js'

export type { Listener, PolicyPart } from './problems/context.js'

/** All that is wrong for programs of `arch`. In a run nobody listens; a filter for elsewhere may ask a listener. */
export function seccompProblems(part: PolicyPart, arch: Arch, listener: Listener = 'none'): readonly Problem[] {
  const context = makeContext(part, arch, listener)
  const rules = (part.rules ?? []).map((rule, index) => ({ rule, index, key: `syscalls.rules[${index}]` }))
  const found = [
    ...rules.flatMap((rule) => ruleProblems(rule, context)),
    ...(part.allow ?? []).flatMap((name, index) => allowProblems(name, index, context)),
  ]
  if (found.length > 0) return found
  // What rules mean for one another can be told only when each is right.
  return [
    ...rules.flatMap((rule) => relationProblems(rule, context)),
    ...bypassProblems(context),
    ...ringProblems(context),
    ...otherwiseProblems(context),
  ]
}

function ruleProblems(placed: PlacedRule, context: Context): readonly Problem[] {
  const { rule, key } = placed
  const unknown = nameProblems(rule.syscall, `${key}.syscall`, context)
  if (unknown.length > 0) return unknown
  const tables = tablesOf(rule, context)
  if (tables.length === 0) return [absentProblem(placed, context)]
  return [
    ...errnoProblems(placed),
    ...conditionProblems(placed, tables, context),
    ...exemptProblems(placed),
    ...listenerProblems(placed, context),
  ]
}

function listenerProblems({ rule: { action }, key }: PlacedRule, { listener }: Context): readonly Problem[] {
  if (action !== 'user_notif' || listener === 'elsewhere') return []
  const message = 'user_notif asks a listener, and in a run nobody listens: the kernel would answer ENOSYS'
  return [{ key: `${key}.action`, message, fix: 'write { errno: ENOSYS }, or emit the filter by sandbox-exec bpf' }]
}

function relationProblems(placed: PlacedRule, context: Context): readonly Problem[] {
  const tables = tablesOf(placed.rule, context)
  const cut = [...startProblems(placed, tables, context.arch), ...neverProblems(placed, tables)]
  return [...cut, ...widthProblems(placed, tables), ...hiddenProblems(placed, tables, context)]
}

function allowProblems(name: string, index: number, context: Context): readonly Problem[] {
  const key = `syscalls.allow[${index}]`
  const unknown = nameProblems(name, key, context)
  if (unknown.length > 0) return unknown
  const refusing = (context.part.rules ?? []).findIndex((rule) => {
    return rule.syscall === name && rule.arch === undefined && rule.when === undefined && !lets(rule.action)
  })
  if (refusing !== -1) {
    const message = `contradicts rules[${refusing}], which refuses every ${name}`
    return [{ key, message, fix: 'remove one of them' }]
  }
  const cut = never.find(({ syscall }) => syscall === name)
  if (cut === undefined) return []
  const message = `${name} cannot be allowed as a whole: some of its uses are never allowed (${cut.when})`
  const fix = `allow the others by a rule: { syscall: ${name}, when: "${cut.rest}", action: allow }`
  return [{ key, message, fix }]
}
