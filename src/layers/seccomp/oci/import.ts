import type { Problem } from '../../../core/errors.js'
import { InternalError } from '../../../core/errors.js'
import type { Arch } from '../../../host/facts.js'
import { lets, type Action } from '../action.js'
import { reachableArches } from '../arch.js'
import { letsThrough } from '../listing/answers.js'
import { meaningOf, type TableMeaning } from '../meaning.js'
import { never as neverAllowed } from '../promises.js'
import { seccompProblems } from '../problems.js'
import type { FilterRequest, Rule } from '../request.js'
import { errnoName, syscallTable } from '../tables.js'
import { answerFor, type ProfileAnswer } from './answers.js'
import { changesOf } from './changes.js'
import { conditionText } from './condition.js'
import { lossesOf, type Loss } from './losses.js'
import { merge } from './merge.js'
import { profileArch, type Profile } from './profile.js'
import { selectEntries, type Selection } from './select.js'

export interface ImportedPolicy {
  readonly request: FilterRequest
  readonly losses: readonly Loss[]
}

/** The schema takes no more; more alternatives of one call take too long to check. */
const limits = { rules: 256, allow: 512, alternatives: 16, condition: 2000, alternativesOfCall: 32 }

/**
 * A policy that answers as a profile does on one machine. What has no words of ours becomes stricter where that can be;
 * then both are compared, call by call over all arguments, and every difference is told.
 */
export function importProfile(profile: Profile, native: Arch, capabilities: readonly string[]): ImportedPolicy {
  const selection = selectEntries(profile, native, capabilities)
  const base = baseOf(profile, native)
  const answered = reachableArches(native).filter((arch) => {
    return selection.architectures.includes(profileArch[arch].seccomp)
  })
  const answerTo = (name: string): ProfileAnswer => answerFor(name, selection.entries, profile.defaultAction)
  const written = writePolicy(base, answered, answerTo)
  const { request, told } = settled(written)
  const tables = meaningOf(request).tables.filter(({ arch }) => answered.includes(arch))
  const changes = tables.flatMap((table) => changesOf(table, ({ name }) => answerTo(name), 'into-policy'))
  return {
    request,
    losses: [...told, ...lossesOf(changes), ...generalLosses(profile, selection, native, answered)],
  }
}

/** What everything gets that nothing names. */
function baseOf({ defaultAction: { value } }: Profile, arch: Arch): FilterRequest {
  const base = { arch, promises: [], denied: 'EPERM' } as const
  if (value === 0x7ffc0000) return { ...base, otherwise: 'log' }
  if (letsThrough(value)) return { ...base, otherwise: 'allow' }
  const isErrno = (value & 0xffff0000) >>> 0 === 0x00050000 || value >= 0x7fc00000
  return isErrno && value < 0x80000000 ? base : { ...base, denied: 'kill' }
}

function writePolicy(
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
    const isNever = neverAllowed.some(({ calls }) => calls.split(' ').includes(name))
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
  const isNever = neverAllowed.find(({ calls }) => calls.split(' ').includes(name))
  const action = actionFor(otherwise)
  if (isNever !== undefined && lets(action)) {
    const when = conditionAgainst(isNever.when ?? [])
    return when === undefined ? [] : [{ syscall: name, when, action }]
  }
  const natural = decisions.get(number)
  const lettingByItself = natural?.clauses.some((clause) => lets(clause.action)) === true
  const byDefault = natural === undefined ? null : natural.otherwise
  const same = byDefault !== null && JSON.stringify(byDefault) === JSON.stringify(action)
  // Libraries try such calls out: ENOSYS is what they understand.
  const probe = byDefault !== null && typeof byDefault === 'object' && byDefault.errno === 'ENOSYS' && !lets(action)
  return !lettingByItself && (same || probe) ? [] : [{ syscall: name, action }]
}

/** `cmd in [...]`, which is never allowed, turned round. */
function conditionAgainst(when: readonly string[]): string | undefined {
  const [only] = when
  return only?.replace(' in [', ' not in [')
}

/** The action that answers most like a returned value: where nobody listens or traces, the kernel says ENOSYS. */
function actionFor(value: number): Action {
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

/** Takes out what our rules forbid, until nothing is wrong; a rule that refuses is made wider instead. */
function settled(written: FilterRequest): { readonly request: FilterRequest; readonly told: readonly Loss[] } {
  const told: Loss[] = []
  let request = written
  for (let round = 0; round < 300; round += 1) {
    const { arch, ...part } = request
    const problems = seccompProblems(part, arch)
    if (problems.length === 0) return { request, told }
    request = mended(request, problems, told)
  }
  throw new InternalError('an imported profile does not settle')
}

function mended(request: FilterRequest, problems: readonly Problem[], told: Loss[]): FilterRequest {
  const { rules = [], allow = [] } = request
  const wrong = new Map(
    problems.map((problem) => [/^syscalls\.(?:rules|allow)\[\d+\]/.exec(problem.key)?.[0], problem]),
  )
  const added = problems.flatMap(({ fix }) => /^add \{ syscall: (\w+),/.exec(fix ?? '')?.[1] ?? []).slice(0, 1)
  if (added.length > 0) {
    const rule: Rule = { syscall: added[0] ?? '', action: { errno: 'ENOSYS' } }
    told.push({ kind: 'note', text: `${rule.syscall} is refused: it would get around the rules on other calls` })
    return { ...request, allow: allow.filter((name) => name !== rule.syscall), rules: [...rules, rule] }
  }
  const narrow = reachableArches(request.arch).slice(1)
  const isNarrow = ({ message }: Problem): boolean => narrow.some((arch) => new RegExp(` on ${arch}\\b`).test(message))
  const kept = rules.flatMap((rule, index): readonly Rule[] => {
    const problem = wrong.get(`syscalls.rules[${index}]`)
    if (problem === undefined) return [rule]
    // What is wrong with the 32-bit table alone need not be lost for the native one.
    if (isNarrow(problem) && rule.arch === undefined) return [{ ...rule, arch: request.arch }]
    const widened = lets(rule.action) || rule.when === undefined ? [] : [{ syscall: rule.syscall, action: rule.action }]
    if (!/^(?:changes nothing|never reached)/.test(problem.message)) {
      told.push({ kind: 'note', text: `${rule.syscall}: ${problem.message}` })
    }
    return widened
  })
  const nativeOnly: Rule[] = []
  const names = allow.filter((name, index) => {
    const problem = wrong.get(`syscalls.allow[${index}]`)
    if (problem !== undefined && isNarrow(problem) && syscallTable(request.arch).byName.has(name)) {
      nativeOnly.push({ syscall: name, arch: request.arch, action: 'allow' })
    } else if (problem !== undefined) told.push({ kind: 'note', text: `${name} is left out: ${problem.message}` })
    return problem === undefined
  })
  if (
    kept.length === rules.length &&
    names.length === allow.length &&
    kept.every((rule, index) => rule === rules[index])
  ) {
    throw new InternalError(`an imported profile is wrong: ${problems[0]?.key}: ${problems[0]?.message}`)
  }
  return { ...request, rules: [...kept, ...nativeOnly], allow: names }
}

function generalLosses(
  { defaultAction, flags, listener, entries }: Profile,
  { left, kernels, architectures }: Selection,
  native: Arch,
  answered: readonly Arch[],
): readonly Loss[] {
  const known = new Set(reachableArches(native).flatMap((arch) => [...syscallTable(arch).byName.keys()]))
  const elsewhere = new Set(
    (['x86_64', 'i386', 'aarch64', 'arm', 'riscv64'] as const).flatMap((arch) => [...syscallTable(arch).byName.keys()]),
  )
  const names = [...new Set(entries.flatMap((entry) => entry.names))]
  const unknown = names.filter((name) => !known.has(name) && !elsewhere.has(name))
  const losses: Loss[] = []
  const tell = (kind: Loss['kind'], text: string): void => {
    losses.push({ kind, text })
  }
  for (const [why, calls] of byReason(left)) tell('note', `left out, ${why}: ${calls.join(' ')}`)
  for (const kernel of kernels) tell('note', `taken as given: Linux ${kernel} or later`)
  if (unknown.length > 0) tell('note', `no such call in our tables, answered ENOSYS: ${unknown.join(' ')}`)
  const silent = reachableArches(native).filter((arch) => !answered.includes(arch))
  for (const arch of silent) {
    tell('weaker', `calls of ${arch} end the thread in the profile; here the same rules answer them (--tables native)`)
  }
  if (native === 'x86_64' && architectures.includes('SCMP_ARCH_X32')) {
    tell('stricter', 'x32 calls are answered by the profile; here they are always refused')
  }
  const byDefault = actionFor(defaultAction.value)
  const ours = { errno: 'ENOSYS' }
  if (JSON.stringify(byDefault) !== JSON.stringify(ours)) {
    const kind = lets(byDefault) ? 'stricter' : 'different'
    tell(kind, `numbers that no table has: ${defaultAction.name} in the profile, ENOSYS here, as on an older kernel`)
  }
  if (flags.length > 0) tell('note', `flags of the profile are not kept: ${flags.join(' ')}`)
  if (listener === 'listener') tell('different', 'nobody listens here: SCMP_ACT_NOTIFY becomes ENOSYS')
  return losses
}

function byReason(left: Selection['left']): ReadonlyMap<string, readonly string[]> {
  const reasons = new Map<string, readonly string[]>()
  for (const { entry, why } of left) reasons.set(why, [...(reasons.get(why) ?? []), ...entry.names])
  return reasons
}
