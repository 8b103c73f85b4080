import { returnValue, type Action } from '../action.js'
import { field } from '../code/bpf.js'
import type { Test, Word64 } from '../condition/test.js'
import type { Clause, Decision } from '../meaning.js'
import { always, never, type Bdd, type Bdds } from './bdd.js'
import { wordAt } from './bits.js'

/**
 * The answer to one call as a function of its arguments. It is made from `decided` (meaning.ts) and `holds`
 * (condition/test.ts) alone, and from nothing that the generator uses.
 */
export function functionOfDecision(bdds: Bdds, { clauses, otherwise }: Decision): Bdd {
  const last = functionOfAction(bdds, otherwise)
  if (clauses.length === 0) return last
  // Many calls have the same answers: fcntl and fcntl64, the calls of two arches.
  const name = JSON.stringify([clauses.map(({ when, action }) => [when?.map(({ tests }) => tests), action]), otherwise])
  return bdds.once(name, () =>
    clauses.reduceRight(
      (rest, { when, action }) => bdds.either(whenHolds(bdds, when), functionOfAction(bdds, action), rest),
      last,
    ),
  )
}

/** An answer that depends on nothing. */
export function functionOfAction(bdds: Bdds, action: Action): Bdd {
  return bdds.leaf(returnValue(action))
}

function whenHolds(bdds: Bdds, when: Clause['when']): Bdd {
  if (when === null) return always
  return when.reduce((others, { tests }) => {
    const all = tests.reduce((rest, test) => bdds.either(whenTestHolds(bdds, test), rest, never), always)
    return bdds.either(all, always, others)
  }, never)
}

function whenTestHolds(bdds: Bdds, test: Test): Bdd {
  return bdds.once(JSON.stringify(test), () => functionOfTest(bdds, test))
}

/** Where one test holds, for all values at once. */
export function functionOfTest(bdds: Bdds, { argument, mask, relation, values }: Test): Bdd {
  const every = (cases: Cases): Bdd =>
    values.reduce((others, value) => bdds.either(compare(bdds, argument, mask, value, cases), others, never), always)
  switch (relation) {
    case 'in':
      return ifOneOf(bdds, argument, mask, values, always, never)
    case 'not in':
      return ifOneOf(bdds, argument, mask, values, never, always)
    case '<':
      return every({ less: always, equal: never, greater: never })
    case '<=':
      return every({ less: always, equal: always, greater: never })
    case '>':
      return every({ less: never, equal: never, greater: always })
    case '>=':
      return every({ less: never, equal: always, greater: always })
  }
}

/** `yes` where `argument & mask` is one of some values, else `no`; both are leaves. */
function ifOneOf(bdds: Bdds, argument: number, mask: Word64, values: readonly Word64[], yes: Bdd, no: Bdd): Bdd {
  const first = firstBit(argument)
  // What the mask removes is clear, so a value with such a bit is never met.
  const possible = values.filter(({ hi, lo }) => (hi & ~mask.hi) === 0 && (lo & ~mask.lo) === 0)
  const sorted = possible.toSorted((a, b) => a.hi - b.hi || a.lo - b.lo)
  // Values `low` to `high` begin with the bits asked so far.
  const from = (place: number, low: number, high: number): Bdd => {
    if (low > high) return no
    if (place === 64) return yes
    if (!bitAt(mask, place)) return from(place + 1, low, high)
    const middle = firstWithBit(sorted, place, low, high)
    return bdds.ask(first + place, from(place + 1, middle, high), from(place + 1, low, middle - 1))
  }
  return from(0, 0, sorted.length - 1)
}

/** The first of some sorted values, equal up to a bit, that has the bit; one after the last if none has. */
function firstWithBit(sorted: readonly Word64[], place: number, first: number, last: number): number {
  let low = first
  let high = last + 1
  while (low < high) {
    const middle = (low + high) >>> 1
    const value = sorted[middle]
    if (value !== undefined && bitAt(value, place)) high = middle
    else low = middle + 1
  }
  return low
}

interface Cases {
  readonly less: Bdd
  readonly equal: Bdd
  readonly greater: Bdd
}

/** Compares `argument & mask` with a value, from the lowest bit to the highest, which counts before all others. */
function compare(bdds: Bdds, argument: number, mask: Word64, value: Word64, { less, equal, greater }: Cases): Bdd {
  const first = firstBit(argument)
  let sofar = equal
  for (let place = 63; place >= 0; place -= 1) {
    const wanted = bitAt(value, place)
    const clear = wanted ? less : sofar
    sofar = bitAt(mask, place) ? bdds.ask(first + place, wanted ? sofar : greater, clear) : clear
  }
  return sofar
}

/** The bits of an argument lie in one row, the upper half first (bits.ts). */
function firstBit(argument: number): number {
  return wordAt(field.arguments + 8 * argument + 4)
}

function bitAt({ hi, lo }: Word64, place: number): boolean {
  // JavaScript takes the distance of a shift modulo 32.
  return (((place < 32 ? hi : lo) >>> (31 - place)) & 1) === 1
}
