import type { Arch } from '../../src/host/facts.js'
import { returnValue, type Action } from '../../src/layers/seccomp/action.js'
import { isWide } from '../../src/layers/seccomp/arch.js'
import type { Conjunction, Test, Word64 } from '../../src/layers/seccomp/condition/test.js'
import type { Clause, Decision, TableMeaning } from '../../src/layers/seccomp/meaning.js'

/** libseccomp's names of the arches. */
export const archName: { readonly [A in Arch]: string } = {
  x86_64: 'x86_64',
  i386: 'x86',
  aarch64: 'aarch64',
  arm: 'arm',
  riscv64: 'riscv64',
}

/** One table's part of a policy, as far as libseccomp can say it. */
export interface Expressed {
  /** What libseccomp answers to all calls without a rule. */
  readonly otherwise: Action
  /** Calls that libseccomp says in full; all others get `otherwise` from it. */
  readonly decisions: ReadonlyMap<number, Decision>
  /** Lines of libseccomp_batch.c. */
  readonly lines: readonly string[]
}

/**
 * A table in libseccomp's terms. It cannot say: calls that it does not know, or that it multiplexes; what its filters
 * answer without a rule for more than one answer; rules with two actions for one call; alternatives, unless all ask for
 * values of one argument (2.5.4 does not end on some, and of `x >= 1 << 63`, `x < 5` and a test of another argument it
 * makes a filter that takes 0xffffffff for less than 5); masks with != or an order; two tests of one argument.
 */
export function inLibseccomp(table: TableMeaning, known: ReadonlySet<string>): Expressed {
  const otherwise = mostFrequent([...table.decisions.values()].map((decision) => decision.otherwise))
  const decisions = new Map<number, Decision>()
  const lines = [`filter ${archName[table.arch]} ${hexAction(otherwise)}`]
  for (const [number, decision] of table.decisions) {
    const rules = known.has(decision.call.name) ? rulesFor(decision, otherwise, isWide(table.arch)) : null
    if (rules === null) continue
    decisions.set(number, decision)
    lines.push(...rules)
  }
  return { otherwise, decisions, lines: [...lines, 'end'] }
}

function mostFrequent(actions: readonly Action[]): Action {
  const counts = new Map<number, number>()
  for (const action of actions) counts.set(returnValue(action), (counts.get(returnValue(action)) ?? 0) + 1)
  const [first] = [...counts].toSorted(([, a], [, b]) => b - a)
  const found = actions.find((action) => returnValue(action) === first?.[0])
  if (found === undefined) throw new Error('a table without calls')
  return found
}

/** The rules for one call; none: `otherwise` says it all; null: it cannot be said. */
function rulesFor(decision: Decision, otherwise: Action, wide: boolean): readonly string[] | null {
  const { call, clauses } = decision
  const [first, ...others] = clauses
  const rule = (action: Action, tests: readonly string[]): string =>
    ['rule', hexAction(action), call.name, ...tests].join(' ')
  if (first === undefined || first.when === null) {
    const action = first?.action ?? decision.otherwise
    return same(action, otherwise) ? [] : [rule(action, [])]
  }
  if (!same(decision.otherwise, otherwise) || same(first.action, otherwise)) return null
  if (others.some(({ action }) => !same(action, first.action))) return null
  const [only, ...more] = joined(alternativesOf(clauses))
  if (only === undefined || more.length > 0) return null
  const lines = comparisons(only, wide)
  return lines === null || lines.length > 40 ? null : lines.map((tests) => rule(first.action, tests))
}

/** All alternatives; an empty one always holds. */
function alternativesOf(clauses: readonly Clause[]): readonly Conjunction[] {
  return clauses.flatMap(({ when }): readonly Conjunction[] => when?.map(({ tests }) => tests) ?? [[]])
}

/** Alternatives that each ask for values of one argument, as one list. */
function joined(alternatives: readonly Conjunction[]): readonly Conjunction[] {
  const singles = alternatives.flatMap((tests) => (tests.length === 1 ? tests : []))
  const [first] = singles
  if (first === undefined || singles.length !== alternatives.length) return alternatives
  const alike = singles.every((one) => {
    const mask = one.mask.hi === first.mask.hi && one.mask.lo === first.mask.lo
    return one.argument === first.argument && one.relation === 'in' && mask
  })
  return alike ? [[{ ...first, values: singles.flatMap(({ values }) => values) }]] : alternatives
}

/** The rules for one alternative, each as its comparisons; null: not to be said. */
function comparisons(tests: Conjunction, wide: boolean): readonly (readonly string[])[] | null {
  if (new Set(tests.map(({ argument }) => argument)).size !== tests.length) return null
  const each = tests.map((test) => comparison(test, wide))
  if (each.some((one) => one === null || (one.length > 1 && tests.length > 1))) return null
  const [first = [], ...others] = each.map((one) => one ?? [])
  return first.map((one) => [one, ...others.map((other) => other[0] ?? '')])
}

/** One comparison for each value; null: not to be said. */
function comparison({ argument, mask, relation, values }: Test, wide: boolean): readonly string[] | null {
  const whole = mask.lo === 0xffffffff && (mask.hi === 0xffffffff || !wide)
  const orders = { '<': 'lt', '<=': 'le', '>': 'gt', '>=': 'ge' } as const
  if (relation === 'in') {
    const distinct = [...new Set(values.map(hex))]
    return distinct.map((value) => `${argument} ${whole ? `eq ${value}` : `masked ${value} ${hex(mask)}`}`)
  }
  const [value] = values
  if (!whole || values.length !== 1 || value === undefined) return null
  return [`${argument} ${relation === 'not in' ? 'ne' : orders[relation]} ${hex(value)}`]
}

function same(a: Action, b: Action): boolean {
  return returnValue(a) === returnValue(b)
}

function hexAction(action: Action): string {
  return returnValue(action).toString(16)
}

function hex({ hi, lo }: Word64): string {
  return `0x${((BigInt(hi) << 32n) | BigInt(lo)).toString(16)}`
}
