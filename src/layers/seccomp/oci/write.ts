import type { Arch } from '../../../host/facts.js'
import { lets, type Action } from '../action.js'
import { letsThrough } from '../listing/answers.js'
import { meaningOf, type TableMeaning } from '../meaning.js'
import { never as neverAllowed } from '../promises.js'
import type { FilterRequest, Rule } from '../request.js'
import { errnoName } from '../tables.js'
import type { ProfileAnswer } from './answers.js'
import { changesOf } from './changes.js'
import { conditionText } from './condition.js'
import { merge } from './merge.js'

/** The schema takes no more; more alternatives of one call take too long to check. */
const limits = { rules: 256, allow: 512, alternatives: 16, condition: 2000, alternativesOfCall: 32 }

/** `base`, with rules and `allow` for every call that a profile answers in another way. */
export function writePolicy(
  base: FilterRequest,
  arches: readonly Arch[],
  answerTo: (name: string) => ProfileAnswer,
): FilterRequest {
  const natural = meaningOf(base).tables.filter(({ arch }) => arches.includes(arch))
  const differing = new Map<string, readonly Arch[]>()
  for (const table of natural) {
    for (const { name } of changesOf(table, (call) => answerTo(call.name), 'into-policy')) {
      differing.set(name, [...new Set([...(differing.get(name) ?? []), table.arch])])
    }
  }
  const allow: string[] = []
  const rules: Rule[] = []
  for (const name of differing.keys()) {
    const answer = answerTo(name)
    const isNever = neverAllowed.some(({ syscall }) => syscall === name)
    if (answer.clauses.length === 0 && answer.otherwise === allowed && !isNever) allow.push(name)
    else rules.push(...rulesFor(name, answer, natural))
  }
  const letting = rules.filter(({ action }) => lets(action)).map(({ syscall }) => syscall)
  // Rules that let calls through count first: where the list is full, the calls behind it are answered by default.
  const ordered = [
    ...rules.filter(({ syscall }) => letting.includes(syscall)),
    ...rules.filter(({ syscall }) => !letting.includes(syscall)),
  ]
  return { ...base, allow: allow.slice(0, limits.allow), rules: whole(ordered) }
}

/** As many rules as a policy may have, without cutting those of one call in two. */
function whole(rules: readonly Rule[]): readonly Rule[] {
  if (rules.length <= limits.rules) return rules
  const cut = rules[limits.rules]?.syscall
  return rules.slice(0, limits.rules).filter(({ syscall }) => syscall !== cut)
}

const allowed = 0x7fff0000

/** The rules of one call: one for all arches if the same words fit, else one for each. */
function rulesFor(name: string, answer: ProfileAnswer, tables: readonly TableMeaning[]): readonly Rule[] {
  const having = tables.filter(({ table }) => table.byName.has(name))
  const each = having.map((table) => ({ arch: table.arch, rules: rulesOn(name, answer, table) }))
  const [first] = each
  if (first === undefined) return []
  const same = each.every(({ rules }) => JSON.stringify(rules) === JSON.stringify(first.rules))
  return same ? first.rules : each.flatMap(({ arch, rules }) => rules.map((rule) => ({ ...rule, arch })))
}

function rulesOn(name: string, { clauses, otherwise }: ProfileAnswer, table: TableMeaning): readonly Rule[] {
  const call = table.table.byName.get(name)
  if (call === undefined) return []
  const rules: Rule[] = []
  const put = (action: Action, when: readonly string[]): void => {
    for (let start = 0; start < when.length; start += limits.alternatives) {
      const part = when.slice(start, start + limits.alternatives)
      const [only] = part
      rules.push({ syscall: name, when: part.length === 1 && only !== undefined ? only : part, action })
    }
  }
  for (const value of new Set(clauses.map((clause) => clause.value))) {
    const own = clauses.filter((clause) => clause.value === value).map(({ tests }) => tests)
    const worded = merge(own, call, table.arch).map((tests) => conditionText(tests, call, table.arch))
    const lost =
      worded.length > limits.alternativesOfCall ||
      worded.some((one) => 'why' in one || ('text' in one && one.text.length > limits.condition))
    // What cannot be said is refused whole, or not let through.
    if (lost && !letsThrough(value)) return [{ syscall: name, action: actionFor(value) }]
    if (worded.length > limits.alternativesOfCall) continue
    put(
      actionFor(value),
      worded.flatMap((one) => ('text' in one && one.text.length <= limits.condition ? [one.text] : [])),
    )
  }
  return [...rules, ...lastRule(name, otherwise, call.number, table)]
}

/** What comes after the conditions, where the policy would say something else by itself. */
function lastRule(name: string, otherwise: number, number: number, { decisions }: TableMeaning): readonly Rule[] {
  const cut = neverAllowed.find(({ syscall }) => syscall === name)
  const action = actionFor(otherwise)
  if (cut !== undefined && lets(action)) return [{ syscall: name, when: cut.rest, action }]
  const natural = decisions.get(number)
  const lettingByItself = natural?.clauses.some((clause) => lets(clause.action)) === true
  const byDefault = natural === undefined ? null : natural.otherwise
  const same = byDefault !== null && JSON.stringify(byDefault) === JSON.stringify(action)
  // Libraries try such calls out: ENOSYS is what they understand.
  const probe = byDefault !== null && typeof byDefault === 'object' && byDefault.errno === 'ENOSYS' && !lets(action)
  return !lettingByItself && (same || probe) ? [] : [{ syscall: name, action }]
}

/** The action that answers most like a returned value: where nobody listens or traces, the kernel says ENOSYS. */
export function actionFor(value: number): Action {
  const data = value & 0xffff
  switch ((value & 0xffff0000) >>> 0) {
    case 0x80000000:
      return 'kill_process'
    case 0x00000000:
      return 'kill_thread'
    case 0x00030000:
      return 'trap'
    case 0x7fc00000:
    case 0x7ff00000:
      return { errno: 'ENOSYS' }
    case 0x7ffc0000:
      return 'log'
    case allowed:
      return 'allow'
    default:
      return { errno: (data === 0 ? null : errnoName(data)) ?? 'EPERM' }
  }
}
