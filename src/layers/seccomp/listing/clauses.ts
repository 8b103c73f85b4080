import { actionText, sameAction } from '../action.js'
import type { Decision, Meaning, TableMeaning } from '../meaning.js'
import type { Calls } from './flow.js'

/** The rules of the calls whose arguments are looked at in one place; calls with equal rules stand together. */
export function clauseLines(calls: Calls, meaning: Meaning): readonly string[] {
  const groups = new Map<string, readonly string[]>()
  for (const { arch, decisions } of meaning.tables) {
    for (const { from, to } of calls.get(arch) ?? []) {
      for (const [number, decision] of decisions) {
        if (number < from || number > to) continue
        const text = decisionLines(decision).join('\n')
        groups.set(text, [...(groups.get(text) ?? []), `${decision.call.name} (${arch} ${number})`])
      }
    }
  }
  return [...groups].flatMap(([text, names]) => [
    `${names.join(', ')}:`,
    ...text.split('\n').map((line) => `  ${line}`),
  ])
}

/** One line a clause: the answer, the condition, and what of the policy says so. */
export function decisionLines({ clauses, otherwise }: Decision): readonly string[] {
  const always = clauses.some(({ when }) => when === null)
  const lines = clauses.map(({ when, action, by }) => {
    const condition = when === null ? '' : ` if ${when.map(({ text }) => text).join(' or ')}`
    return `${actionText(action)}${condition} [${by}]`
  })
  return always ? lines : [...lines, `otherwise ${actionText(otherwise)}`]
}

/** Calls of one table that are answered without a look at their arguments, by answer and by what says so. */
export interface AnswerGroup {
  readonly answer: string
  readonly by: string
  readonly calls: readonly string[]
}

/** Every call of a table: what is always answered alike, and the names of those whose arguments decide. */
export function summaryOf(table: TableMeaning): {
  readonly always: readonly AnswerGroup[]
  readonly depends: readonly string[]
} {
  const groups = new Map<string, AnswerGroup>()
  const depends: string[] = []
  const decisions = [...table.decisions.values()].toSorted((a, b) => a.call.number - b.call.number)
  for (const { call, clauses, otherwise } of decisions) {
    const [first] = clauses
    const isOne = clauses.every(({ action }) => sameAction(action, otherwise))
    if (!isOne && first !== undefined && first.when !== null) {
      depends.push(call.name)
      continue
    }
    const by = first === undefined || first.when !== null ? 'otherwise' : first.by
    const answer = actionText(first?.action ?? otherwise)
    const key = `${answer} ${by}`
    groups.set(key, { answer, by, calls: [...(groups.get(key)?.calls ?? []), call.name] })
  }
  return { always: [...groups.values()], depends }
}
