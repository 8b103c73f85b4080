/** Rules that change nothing: right, but not what their author thinks. */
import { sameAction, type Action } from './action.js'
import { both, everywhere, isSatisfiable, isSpent, isWithin, type Budget, type Region } from './condition/cover.js'
import { toWords } from './condition/words.js'
import type { Clause } from './meaning.js'
import { knownRegion, tablesOf, type Context, type PlacedRule } from './problems/context.js'
import { implicitNames } from './promises.js'
import { isRuleFor, type Rule } from './request.js'
import type { SyscallTable } from './tables.js'

/**
 * Who gives what an `allow` allows, without it; null: the rule counts, or it is not certain. Refusals may be said twice:
 * they hold when a promise is added later. It is no error, because a policy is for more than one architecture, and what
 * it extends changes.
 */
export function giversWithout({ rule, index }: PlacedRule, context: Context): string | null {
  if (rule.action !== 'allow' || isSpent(context.budget)) return null
  const tables = tablesOf(rule, context)
  const givers = tables.map((table) => {
    const answers = answersWithout(rule, table, context)
    return answers === null ? null : allowedBy(knownRegion(rule, table, context), answers, index, context.budget)
  })
  if (givers.length === 0 || givers.some((by) => by === null)) return null
  return [...new Set(givers.flatMap((by) => by ?? []))].map(giverText).join(' and ')
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
  const granted = decision.clauses.map((clause) => ({ ...clause, region: clauseRegion(clause, context.budget) }))
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
    const met = both(region, own, budget)
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

function clauseRegion({ when }: Clause, budget: Budget): Region {
  if (when === null) return everywhere
  return when.flatMap(({ tests }) => toWords(tests).filter((atoms) => isSatisfiable(atoms, budget)))
}
