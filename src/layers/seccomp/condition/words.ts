import { ComplexityError } from '../../../core/errors.js'
import { complement, intersect, isEverything, maximum, rangesOf, span, type Ranges } from '../code/ranges.js'
import type { Conjunction, Test, Word64 } from './test.js'

/** What a filter can ask in one load: whether a masked 32-bit word of `seccomp_data` lies in a set. */
export interface Atom {
  /** Byte offset in struct seccomp_data. */
  readonly offset: number
  readonly mask: number
  readonly ranges: Ranges
}

/** Atoms that must all hold, at most one for each word and mask. */
export type AtomConjunction = readonly Atom[]

/**
 * The same condition in words: alternatives, one of which must hold. None: the condition can never be true; one that
 * is empty: always true. A 64-bit test becomes several alternatives (`x < y`: smaller upper half, or equal and smaller
 * lower half).
 */
export function toWords(tests: Conjunction): readonly AtomConjunction[] {
  return tests.reduce<readonly AtomConjunction[]>(
    (alternatives, test) => {
      const words = testWords(test)
      const more = alternatives.flatMap((left) => words.flatMap((right) => join(left, right)))
      if (more.length > alternativesMax) throw new ComplexityError(tooMany)
      return more
    },
    [[]],
  )
}

/** Each 64-bit test under a mask of its own doubles them. */
const alternativesMax = 1024
const tooMany = `the condition comes to more than ${alternativesMax} alternatives on 32-bit words`

/** Both conjunctions at once; empty if they contradict each other. */
function join(left: AtomConjunction, right: AtomConjunction): readonly AtomConjunction[] {
  let joined: AtomConjunction = left
  for (const atom of right) {
    const same = joined.find((other) => other.offset === atom.offset && other.mask === atom.mask)
    const ranges = same === undefined ? atom.ranges : intersect(same.ranges, atom.ranges)
    if (ranges.length === 0) return []
    joined = [...joined.filter((other) => other !== same), { ...atom, ranges }]
  }
  return [joined]
}

function testWords(test: Test): readonly AtomConjunction[] {
  const lower = 16 + 8 * test.argument
  const word = (hi: Ranges, lo: Ranges): AtomConjunction =>
    [
      { offset: lower + 4, mask: test.mask.hi, ranges: hi },
      { offset: lower, mask: test.mask.lo, ranges: lo },
    ].filter(({ mask, ranges }) => mask !== 0 && !isEverything(ranges))
  const pairs = pairsOf(test).filter(([hi, lo]) => {
    // A word without a mask reads as 0.
    const hiPossible = test.mask.hi !== 0 || hi.some(({ from }) => from === 0)
    const loPossible = test.mask.lo !== 0 || lo.some(({ from }) => from === 0)
    return hi.length > 0 && lo.length > 0 && hiPossible && loPossible
  })
  return pairs.map(([hi, lo]) => word(hi, lo))
}

type Pair = readonly [hi: Ranges, lo: Ranges]
const all: Ranges = span(0, maximum)

function pairsOf({ relation, values }: Test): readonly Pair[] {
  switch (relation) {
    case 'in':
      return groups(values).map(([hi, los]) => [span(hi, hi), rangesOf(los)])
    case 'not in': {
      const grouped = groups(values)
      const others: Pair = [complement(rangesOf(grouped.map(([hi]) => hi))), all]
      return [others, ...grouped.map(([hi, los]): Pair => [span(hi, hi), complement(rangesOf(los))])]
    }
    case '<':
      return values.flatMap(({ hi, lo }): readonly Pair[] => [
        [span(0, hi - 1), all],
        [span(hi, hi), span(0, lo - 1)],
      ])
    case '<=':
      return values.flatMap(({ hi, lo }): readonly Pair[] => [
        [span(0, hi - 1), all],
        [span(hi, hi), span(0, lo)],
      ])
    case '>':
      return values.flatMap(({ hi, lo }): readonly Pair[] => [
        [span(hi + 1, maximum), all],
        [span(hi, hi), span(lo + 1, maximum)],
      ])
    case '>=':
      return values.flatMap(({ hi, lo }): readonly Pair[] => [
        [span(hi + 1, maximum), all],
        [span(hi, hi), span(lo, maximum)],
      ])
  }
}

/** Lower halves by upper half: `in` on 64 bits compares the upper half once for all values that share it. */
function groups(values: readonly Word64[]): readonly (readonly [hi: number, los: readonly number[]])[] {
  const grouped = new Map<number, number[]>()
  for (const { hi, lo } of values) {
    const los = grouped.get(hi)
    if (los === undefined) grouped.set(hi, [lo])
    else los.push(lo)
  }
  return [...grouped]
}
