/** Rules that never answer, or whose answer is there without them. */
import type { Problem } from '../../../core/errors.js'
import { sameAction } from '../action.js'
import { both, everywhere, isSatisfiable, isWithin, type Region } from '../condition/cover.js'
import { toWords } from '../condition/words.js'
import { decisionOf, type Clause } from '../meaning.js'
import { implicitNames } from '../promises.js'
import { alternativesOf, isRuleFor, type Rule } from '../request.js'
import type { SyscallTable } from '../tables.js'
import { regionOf, type Context, type PlacedRule } from './context.js'

/** Earlier rules that together answer all that this one is for. */
export function hiddenProblems(
  { rule, index, key }: PlacedRule,
  tables: readonly SyscallTable[],
  { part: { rules = [] } }: Context,
): readonly Problem[] {
  const earlier = rules.flatMap((other, at) => (at < index && other.syscall === rule.syscall ? [{ other, at }] : []))
  const hide = (those: typeof earlier): boolean => {
    return tables.every((table) => {
      const regions = those
        .filter(({ other }) => isRuleFor(other, table.arch))
        .flatMap(({ other }) => regionOf(other, table))
      return isWithin(regionOf(rule, table), regions)
    })
  }
  if (earlier.length === 0 || !hide(earlier)) return []
  const alone = earlier.find((one) => hide([one]))
  const hiding = (alone === undefined ? earlier : [alone]).map(({ at }) => `rules[${at}]`)
  const isSame =
    alone !== undefined && tables.every((table) => isWithin(regionOf(alone.other, table), regionOf(rule, table)))
  const why = alone === undefined ? 'answer all of this' : hidingText(alone.other, isSame ? 'the same' : 'more')
  const fix = isSame ? 'remove one of them' : `put it before ${hiding[0]}, or remove it`
  return [{ key, message: `never reached: ${hiding.join(' and ')} ${why}`, fix }]
}

function hidingText({ syscall, when }: Rule, extent: 'the same' | 'more'): string {
  if (when === undefined) return `answers every ${syscall}`
  if (extent === 'the same') return 'holds for the same arguments'
  return `holds for all of this and more: ${(alternativesOf(when) ?? []).join(', or ')}`
}

/** An `allow` for what is allowed without it. Refusals may be said twice: they hold when a promise is added later. */
export function redundantProblems(
  { rule, index, key }: PlacedRule,
  tables: readonly SyscallTable[],
  { part, arch }: Context,
): readonly Problem[] {
  if (rule.action !== 'allow') return []
  const others = { ...part, arch, rules: part.rules?.filter((_, at) => at !== index) }
  const givers = tables.map((table) => {
    const decision = decisionOf(others, table.arch, rule.syscall)
    if (decision === null) return null
    const clauses: readonly Clause[] = [
      ...decision.clauses,
      { when: null, action: decision.otherwise, by: 'otherwise' },
    ]
    return allowedBy(regionOf(rule, table), clauses, index)
  })
  if (givers.length === 0 || givers.some((by) => by === null)) return []
  const names = [...new Set(givers.flatMap((by) => by ?? []))].map((by) => giverText(by, index))
  const message = `changes nothing: all of this is allowed by ${names.join(' and ')}`
  return [{ key, message, fix: 'remove the rule' }]
}

function giverText(by: string, index: number): string {
  if (by === 'otherwise') return 'syscalls.otherwise'
  if (by === 'allow') return 'syscalls.allow'
  if (implicitNames.some((name) => name === by)) return `what every program has (${by})`
  const at = /^rules\[(\d+)\]$/.exec(by)?.[1]
  // Without this rule the ones after it count one less.
  if (at !== undefined) return `rules[${Number(at) + (Number(at) >= index ? 1 : 0)}]`
  return by.includes(' + ') ? `the promises ${by.replaceAll(' + ', ' and ')}` : `the promise ${by}`
}

/** Who allows a region; null: not all of it is allowed, or it is not certain. */
function allowedBy(region: Region, clauses: readonly Clause[], index: number): readonly string[] | null {
  const givers: string[] = []
  let answered: Region = []
  for (const [at, clause] of clauses.entries()) {
    const own = clauseRegion(clause)
    const met = both(region, own)
    if (met.length > 0 && !isWithin(met, answered)) {
      const isEarlierRule = at < index && clause.by === `rules[${at}]`
      if (sameAction(clause.action, 'allow')) givers.push(clause.by)
      else if (!isEarlierRule) return null
    }
    answered = [...answered, ...own]
    if (isWithin(region, answered)) return givers.length === 0 ? null : givers
  }
  return null
}

function clauseRegion({ when }: Clause): Region {
  if (when === null) return everywhere
  return when.flatMap(({ tests }) => toWords(tests).filter(isSatisfiable))
}
