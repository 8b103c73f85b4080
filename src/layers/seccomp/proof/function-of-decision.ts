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
    clauses.reduceRight((rest, { when, action }) => ifHolds(bdds, when, functionOfAction(bdds, action), rest), last),
  )
}

/** An answer that depends on nothing. */
export function functionOfAction(bdds: Bdds, action: Action): Bdd {
  return bdds.leaf(returnValue(action))
}

function ifHolds(bdds: Bdds, when: Clause['when'], yes: Bdd, no: Bdd): Bdd {
  if (when === null) return yes
  const isLast = bdds.valueOf(yes) !== null && bdds.valueOf(no) !== null
  if (!isLast) return bdds.either(whenHolds(bdds, when), yes, no)
  return when.reduceRight((others, { tests }) => {
    return tests.reduceRight((rest, test) => ifTestHolds(bdds, test, rest, others), yes)
  }, no)
}

/** By itself: through a large rest one walk for each clause makes fewer diagrams than one for each test. */
function whenHolds(bdds: Bdds, when: NonNullable<Clause['when']>): Bdd {
  return when.reduce((others, { tests }) => {
    const all = tests.reduce((rest, test) => bdds.either(testHolds(bdds, test), rest, never), always)
    return bdds.either(all, always, others)
  }, never)
}

function ifTestHolds(bdds: Bdds, test: Test, yes: Bdd, no: Bdd): Bdd {
  const { argument, mask, relation, values } = test
  const isPlain = relation === 'in' || relation === 'not in'
  if (isPlain && Math.min(bdds.bitOf(yes), bdds.bitOf(no)) >= firstBit(argument) + 64) {
    return relation === 'in'
      ? ifOneOf(bdds, argument, mask, values, yes, no)
      : ifOneOf(bdds, argument, mask, values, no, yes)
  }
  return bdds.either(testHolds(bdds, test), yes, no)
}

function testHolds(bdds: Bdds, test: Test): Bdd {
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

/** `yes` where `argument & mask` is one of some values, else `no`; neither asks bits of the argument or before. */
function ifOneOf(bdds: Bdds, argument: number, mask: Word64, values: readonly Word64[], yes: Bdd, no: Bdd): Bdd {
  const first = firstBit(argument)
  // What the mask removes is clear, so a value with such a bit is never met.
  const possible = values.filter(({ hi, lo }) => (hi & ~mask.hi) === 0 && (lo & ~mask.lo) === 0)
  const [only] = possible
  if (possible.length === 1 && only !== undefined)
    return compare(bdds, argument, mask, only, { less: no, equal: yes, greater: no })
  const sorted = possible.toSorted((a, b) => a.hi - b.hi || a.lo - b.lo)
  // Values `low` to `high` begin with the bits asked so far.
  const from = (place: number, low: number, high: number): Bdd => {
    if (low > high) return no
    if (place === 64) return yes
    if (!bitAt(mask, place)) return from(place + 1, low, high)
    const middle = firstWithBit(sorted, place, low, high)
    return bdds.ask(first + place, from(place + 1, middle, high), from(place + 1, low, middle - 1))
  }
  // Under a mask without an upper half no value has one.
  return from(mask.hi === 0 ? 32 : 0, 0, sorted.length - 1)
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
  // A half without a mask reads as 0.
  const places = mask.hi === 0 ? 32 : 64
  let sofar = equal
  for (let place = 63; place >= 64 - places; place -= 1) {
    const wanted = bitAt(value, place)
    const clear = wanted ? less : sofar
    sofar = bitAt(mask, place) ? bdds.ask(first + place, wanted ? sofar : greater, clear) : clear
  }
  return places === 32 && value.hi !== 0 ? less : sofar
}

/** The bits of an argument lie in one row, the upper half first (bits.ts). */
function firstBit(argument: number): number {
  return wordAt(field.arguments + 8 * argument + 4)
}

function bitAt({ hi, lo }: Word64, place: number): boolean {
  // JavaScript takes the distance of a shift modulo 32.
  return (((place < 32 ? hi : lo) >>> (31 - place)) & 1) === 1
}
