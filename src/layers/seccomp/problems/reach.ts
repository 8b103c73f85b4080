/** Rules that never answer. */
import type { Problem } from '../../../core/errors.js'
import { isSpent, isWithin } from '../condition/cover.js'
import { alternativesOf, isRuleFor, type Rule } from '../request.js'
import type { SyscallTable } from '../tables.js'
import { knownRegion, type Context, type PlacedRule } from './context.js'

/**
 * Earlier rules that together answer all that this one is for. It is help for authors, no protection: a policy that takes
 * too long to judge is not judged.
 */
export function hiddenProblems(
  { rule, index, key }: PlacedRule,
  tables: readonly SyscallTable[],
  context: Context,
): readonly Problem[] {
  const { part, budget } = context
  if (isSpent(budget)) return []
  const rules = part.rules ?? []
  const earlier = rules.flatMap((other, at) => (at < index && other.syscall === rule.syscall ? [{ other, at }] : []))
  const hide = (those: typeof earlier): boolean => {
    return tables.every((table) => {
      if (isSpent(budget)) return false
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
