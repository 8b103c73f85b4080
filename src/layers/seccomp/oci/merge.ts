import type { Arch } from '../../../host/facts.js'
import { complement, intersect, maximum, rangesOf, span, type Ranges } from '../code/ranges.js'
import type { Conjunction, Test } from '../condition/test.js'
import type { Syscall } from '../tables.js'
import { widthOf } from './width.js'

/** A list with more values than this says nothing to a reader. */
const valuesMax = 64

/**
 * The same alternatives in fewer words: those that differ in the values of one argument become one. A profile has no
 * lists and no negation of a low word: it says `fd not in [1, 2]` in 33 entries.
 */
export function merge(alternatives: readonly Conjunction[], call: Syscall, arch: Arch): readonly Conjunction[] {
  const parts = alternatives.map((tests) => new Map(tests.map((test) => [test.argument, partOf(test, call, arch)])))
  // The last argument first: earlier ones say what it means (level, then optname).
  return [5, 4, 3, 2, 1, 0]
    .reduce<readonly Clause[]>((clauses, argument) => mergeOn(clauses, argument), parts)
    .map((clause) => [...clause.values()].map(({ test }) => test))
}

/** What a clause asks of one argument; `ranges`: of its low word, null if that is not all it asks or has no ranges. */
interface Part {
  readonly test: Test
  readonly ranges: Ranges | null
}
type Clause = ReadonlyMap<number, Part>

function partOf(test: Test, call: Syscall, arch: Arch): Part {
  const argument = call.arguments[test.argument]
  const isLow = argument !== undefined && widthOf(argument, arch) === 32
  return { test, ranges: isLow ? rangesOfTest(test) : null }
}

/** The low words that a test holds for, the upper half being 0. */
function rangesOfTest({ mask, relation, values }: Test): Ranges | null {
  const [value] = values
  if (value === undefined || values.length !== 1 || value.hi !== 0) return null
  if (!isPrefix(mask.lo)) return relation === 'in' ? valuesUnder(mask.lo, value.lo) : null
  switch (relation) {
    case 'in':
      return span(value.lo, (value.lo | ~mask.lo) >>> 0)
    case 'not in':
      return mask.lo === maximum ? complement(span(value.lo, value.lo)) : null
    case '<':
      return span(0, value.lo - 1)
    case '<=':
      return span(0, value.lo)
    case '>':
      return span(value.lo + 1, maximum)
    case '>=':
      return span(value.lo, maximum)
  }
}

/** Free bits of a mask that are still worth a list. */
const freeBitsMax = 3

function valuesUnder(mask: number, value: number): Ranges | null {
  const free = Array.from({ length: 32 }, (_, bit) => (1 << bit) >>> 0).filter((bit) => (mask & bit) === 0)
  if (free.length > freeBitsMax) return null
  return rangesOf(free.reduce((numbers, bit) => numbers.flatMap((one) => [one, (one | bit) >>> 0]), [value]))
}

/** Ones, then zeros: what such a mask keeps is a range. */
function isPrefix(mask: number): boolean {
  const rest = ~mask >>> 0
  return mask !== 0 && (rest & (rest + 1)) === 0
}

function mergeOn(clauses: readonly Clause[], argument: number): readonly Clause[] {
  const groups = new Map<string, readonly Clause[]>()
  for (const clause of clauses) {
    const others = [...clause].filter(([index]) => index !== argument)
    const mergeable = clause.get(argument)?.ranges
    const key = `${mergeable === undefined || mergeable === null ? JSON.stringify([...clause]) : ''} ${JSON.stringify(others)}`
    groups.set(key, [...(groups.get(key) ?? []), clause])
  }
  return [...groups.values()].flatMap((group) => mergeGroup(group, argument))
}

function mergeGroup(group: readonly Clause[], argument: number): readonly Clause[] {
  const [first] = group
  const ranges = group.map((clause) => clause.get(argument)?.ranges ?? null)
  const isSpread = (test: Test | undefined): boolean => test !== undefined && !isPrefix(test.mask.lo)
  if (
    first === undefined ||
    (group.length === 1 && !isSpread(first.get(argument)?.test)) ||
    ranges.some((one) => one === null)
  )
    return group
  // The union, by de Morgan.
  const outside = ranges.reduce<Ranges>((rest, one) => intersect(rest, complement(one ?? [])), span(0, maximum))
  const test = listTest(argument, outside)
  return test === null ? group : [new Map([...first, [argument, { test, ranges: complement(outside) }]])]
}

function listTest(argument: number, outside: Ranges): Test | null {
  const inside = complement(outside)
  const mask = { hi: maximum, lo: maximum }
  const list = (ranges: Ranges, relation: 'in' | 'not in'): Test | null => {
    const size = ranges.reduce((sum, { from, to }) => sum + to - from + 1, 0)
    if (size === 0 || size > valuesMax) return null
    const numbers = ranges.flatMap(({ from, to }) => Array.from({ length: to - from + 1 }, (_, step) => from + step))
    return { argument, mask, relation, values: numbers.map((lo) => ({ hi: 0, lo })) }
  }
  return list(inside, 'in') ?? list(outside, 'not in')
}
