import { naming } from '../code/complexity.js'
import type { TableMeaning } from '../meaning.js'
import { makeBdds } from '../proof/bdd.js'
import { functionOfDecision } from '../proof/function-of-decision.js'
import type { Syscall } from '../tables.js'
import type { ProfileAnswer } from './answers.js'
import { functionOfAnswer, pairsOf } from './compare.js'
import type { Change } from './losses.js'

/** Which way the comparison goes: what the policy answers is what it became, or what it was. */
export type Direction = 'into-policy' | 'into-profile'

/** Every call of a table that a policy and a profile answer differently, all arguments compared. */
export function changesOf(
  table: TableMeaning,
  answerTo: (call: Syscall) => ProfileAnswer,
  direction: Direction,
): readonly Change[] {
  const bdds = makeBdds()
  return [...table.decisions.values()].flatMap((decision): readonly Change[] => {
    const { call } = decision
    const { ours, theirs } = naming(`the conditions on ${call.name} (${table.arch})`, () => ({
      ours: functionOfDecision(bdds, decision),
      theirs: functionOfAnswer(bdds, answerTo(call)),
    }))
    if (ours === theirs) return []
    const [left, right] = direction === 'into-policy' ? [theirs, ours] : [ours, theirs]
    const clean = pairsOf(bdds, left, right, call, table.arch, 'clean')
    const any = pairsOf(bdds, left, right, call, table.arch, 'any')
    const isClean = ({ left: a, right: b }: { readonly left: number; readonly right: number }) =>
      clean.some((pair) => pair.left === a && pair.right === b)
    return any
      .filter(({ left: from, right: to }) => from !== to)
      .map((pair) => ({
        arch: table.arch,
        name: call.name,
        from: pair.left,
        to: pair.right,
        extent: any.length === 1 ? 'all' : isClean(pair) ? 'some' : 'garbage',
      }))
  })
}
