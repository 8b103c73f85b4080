import { returnValue, type Action } from '../action.js'
import type { Test, Word64 } from '../condition/test.js'
import type { Clause, Decision } from '../meaning.js'
import { always, never, type Bdd, type Bdds } from './bdd.js'
import { wordAt } from './bits.js'
import { field } from './bpf.js'

/**
 * The answer to one call as a function of its arguments. It is made from `decided` (meaning.ts) and `holds`
 * (condition/test.ts) alone, and from nothing that the generator uses.
 */
export function functionOfDecision(bdds: Bdds, { clauses, otherwise }: Decision): Bdd {
  return clauses.reduceRight(
    (rest, { when, action }) => bdds.either(whenHolds(bdds, when), functionOfAction(bdds, action), rest),
    functionOfAction(bdds, otherwise),
  )
}

/** An answer that depends on nothing. */
export function functionOfAction(bdds: Bdds, action: Action): Bdd {
  return bdds.leaf(returnValue(action))
}

function whenHolds(bdds: Bdds, when: Clause['when']): Bdd {
  if (when === null) return always
  return when.reduce((others, { tests }) => {
    const all = tests.reduce((rest, test) => bdds.either(functionOfTest(bdds, test), rest, never), always)
    return bdds.either(all, always, others)
  }, never)
}

/** Where one test holds, for all values at once. */
export function functionOfTest(bdds: Bdds, { argument, mask, relation, values }: Test): Bdd {
  const some = (cases: Cases): Bdd =>
    values.reduce((others, value) => bdds.either(compare(bdds, argument, mask, value, cases), always, others), never)
  const every = (cases: Cases): Bdd =>
    values.reduce((others, value) => bdds.either(compare(bdds, argument, mask, value, cases), others, never), always)
  switch (relation) {
    case 'in':
      return some({ less: never, equal: always, greater: never })
    case 'not in':
      return every({ less: always, equal: never, greater: always })
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

interface Cases {
  readonly less: Bdd
  readonly equal: Bdd
  readonly greater: Bdd
}

/** Compares `argument & mask` with a value, from the lowest bit to the highest, which counts before all others. */
function compare(bdds: Bdds, argument: number, mask: Word64, value: Word64, cases: Cases): Bdd {
  const offset = field.arguments + 8 * argument
  const lower = compareWord(bdds, wordAt(offset), mask.lo, value.lo, cases)
  return compareWord(bdds, wordAt(offset + 4), mask.hi, value.hi, { ...cases, equal: lower })
}

function compareWord(bdds: Bdds, word: number, mask: number, value: number, { less, equal, greater }: Cases): Bdd {
  let sofar = equal
  for (let shift = 0; shift < 32; shift += 1) {
    const wanted = ((value >>> shift) & 1) === 1
    const clear = wanted ? less : sofar
    const asked = ((mask >>> shift) & 1) === 1
    sofar = asked ? bdds.ask(word + 31 - shift, wanted ? sofar : greater, clear) : clear
  }
  return sofar
}
