/** Rules that never answer, or whose answer is there without them. */
import type { Problem } from '../../../core/errors.js'
import { sameAction, type Action } from '../action.js'
import { both, everywhere, isSatisfiable, isWithin, type Budget, type Region } from '../condition/cover.js'
import { toWords } from '../condition/words.js'
import type { Clause } from '../meaning.js'
import { implicitNames } from '../promises.js'
import { alternativesOf, isRuleFor, type Rule } from '../request.js'
import type { SyscallTable } from '../tables.js'
import { knownRegion, type Context, type PlacedRule } from './context.js'

/** Earlier rules that together answer all that this one is for. */
export function hiddenProblems(
  { rule, index, key }: PlacedRule,
  tables: readonly SyscallTable[],
  context: Context,
): readonly Problem[] {
  const { part, budget } = context
  const rules = part.rules ?? []
  const earlier = rules.flatMap((other, at) => (at < index && other.syscall === rule.syscall ? [{ other, at }] : []))
  const hide = (those: typeof earlier): boolean => {
    return tables.every((table) => {
      const regions = those
        .filter(({ other }) => isRuleFor(other, table.arch))
        .flatMap(({ other }) => knownRegion(other, table, context))
      return isWithin(knownRegion(rule, table, context), regions, budget)
    })
  }
  if (earlier.length === 0 || !hide(earlier)) return []
  const alone = earlier.find((one) => hide([one]))
  const hiding = (alone === undefined ? earlier : [alone]).map(({ at }) => `rules[${at}]`)
  const isSame =
    alone !== undefined &&
    tables.every((table) => {
      return isWithin(knownRegion(alone.other, table, context), knownRegion(rule, table, context), budget)
    })
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
  context: Context,
): readonly Problem[] {
  if (rule.action !== 'allow') return []
  const givers = tables.map((table) => {
    const answers = answersWithout(rule, table, context)
    return answers === null ? null : allowedBy(knownRegion(rule, table, context), answers, index, context.budget)
  })
  if (givers.length === 0 || givers.some((by) => by === null)) return []
  const names = [...new Set(givers.flatMap((by) => by ?? []))].map(giverText)
  const message = `changes nothing: all of this is allowed by ${names.join(' and ')}`
  return [{ key, message, fix: 'remove the rule' }]
}

/** An answer of the policy, and the arguments that it is for. */
interface Answered {
  readonly region: Region
  readonly action: Action
  /** `rules[2]`, a promise, `allow`, `otherwise`. */
  readonly by: string
}

/** What answers the call on an arch without the rule, in order; null: the machine's programs do not reach the arch. */
function answersWithout(rule: Rule, table: SyscallTable, context: Context): readonly Answered[] | null {
  const decisions = context.grants().tables.find(({ arch }) => arch === table.arch)?.decisions
  const decision = decisions?.get(table.byName.get(rule.syscall)?.number ?? -1)
  if (decision === undefined) return null
  const rules = (context.part.rules ?? []).flatMap((other, at): readonly Answered[] => {
    if (other === rule || other.syscall !== rule.syscall || !isRuleFor(other, table.arch)) return []
    return [{ region: knownRegion(other, table, context), action: other.action, by: `rules[${at}]` }]
  })
  const granted = decision.clauses.map((clause) => ({ ...clause, region: clauseRegion(clause) }))
  return [...rules, ...granted, { region: everywhere, action: decision.otherwise, by: 'otherwise' }]
}

function giverText(by: string): string {
  if (by === 'otherwise' || by === 'allow') return `syscalls.${by}`
  if (by.startsWith('rules')) return by
  if (implicitNames.some((name) => name === by)) return `what every program has (${by})`
  return by.includes(' + ') ? `the promises ${by.replaceAll(' + ', ' and ')}` : `the promise ${by}`
}

/** Parts of a region beyond which nobody looks whether each is answered. */
const partsMax = 64

/** Who allows a region; null: not all of it is allowed, or it is not certain. */
function allowedBy(
  region: Region,
  answers: readonly Answered[],
  index: number,
  budget: Budget,
): readonly string[] | null {
  if (region.length > partsMax) return null
  const givers: string[] = []
  let answered: Region = []
  for (const { region: own, action, by } of answers) {
    if (own.length > partsMax) return null
    const met = both(region, own)
    if (met.length > 0 && !isWithin(met, answered, budget)) {
      const at = /^rules\[(\d+)\]$/.exec(by)?.[1]
      const isEarlierRule = at !== undefined && Number(at) < index
      if (sameAction(action, 'allow')) givers.push(by)
      else if (!isEarlierRule) return null
    }
    answered = [...answered, ...own]
    if (isWithin(region, answered, budget)) return givers.length === 0 ? null : givers
  }
  return null
}

function clauseRegion({ when }: Clause): Region {
  if (when === null) return everywhere
  return when.flatMap(({ tests }) => toWords(tests).filter(isSatisfiable))
}
