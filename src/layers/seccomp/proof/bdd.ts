import { ComplexityError, InternalError } from '../../../core/errors.js'
import { makeCache, makeIndex } from './bdd-memory.js'

/**
 * Reduced ordered binary decision diagrams (Bryant 1986) over the bits that a filter sees, with answers as leaves.
 *
 * A diagram asks bits in one fixed order, and equal diagrams are one diagram. So two functions are equal exactly if
 * their diagrams are the same number: a comparison of all values, none of which has to be chosen.
 */
export type Bdd = number

/** The two leaves of a function that says yes or no. */
export const never: Bdd = 0
export const always: Bdd = 1

/** What a leaf asks: it comes after all bits. */
export const noBit = 0x7fff

export interface Bdds {
  /** The function that is this value everywhere. */
  readonly leaf: (value: number) => Bdd
  /** Asks one bit, which comes before all bits that `set` and `clear` ask. */
  readonly ask: (bit: number, set: Bdd, clear: Bdd) => Bdd
  /** `yes` where `test` holds, `no` elsewhere. */
  readonly either: (test: Bdd, yes: Bdd, no: Bdd) => Bdd
  /** The function with bit i replaced by `by[i]`, which says yes or no; `end` says what becomes of all beyond. */
  readonly replace: (of: Bdd, by: readonly Bdd[], end: (rest: Bdd) => Bdd) => Bdd
  /** What a function comes to when the bits before one are known. */
  readonly restsAfter: (of: Bdd, bit: number) => ReadonlySet<Bdd>
  /** What `make` makes, once for each name. */
  readonly once: (name: string, make: () => Bdd) => Bdd
  /** The first bit that is asked, or `noBit`. */
  readonly bitOf: (of: Bdd) => number
  /** The function where a bit is set, if it asks that bit first; else the function itself. */
  readonly whereSet: (of: Bdd, bit: number) => Bdd
  readonly whereClear: (of: Bdd, bit: number) => Bdd
  /** The value of a leaf; null for everything else. */
  readonly valueOf: (of: Bdd) => number | null
  /** How many diagrams there are. */
  readonly size: () => number
}

/** Diagrams of one proof, at most: 40 MB. The largest sample policy makes some 20,000. */
const mostDiagrams = 1 << 20
/** Steps of `either` and `replace`, at most: some seconds. */
const mostSteps = 1 << 24

/** Makes diagrams, each only once. They throw `ComplexityError` where there would be too many. */
export function makeBdds(): Bdds {
  const bits: number[] = [noBit, noBit]
  const sets: Bdd[] = [never, always]
  const clears: Bdd[] = [never, always]
  const find = makeIndex({ bits, sets, clears })
  const results = makeCache()
  const leaves = new Map<number, Bdd>()
  const values = new Map<Bdd, number>()
  const named = new Map<string, Bdd>()
  let steps = 0

  const bitOf = (of: Bdd): number => bits[of] ?? noBit
  const whereSet = (of: Bdd, bit: number): Bdd => (bits[of] === bit ? (sets[of] ?? never) : of)
  const whereClear = (of: Bdd, bit: number): Bdd => (bits[of] === bit ? (clears[of] ?? never) : of)
  const spend = (): void => {
    steps += 1
    if (steps > mostSteps || bits.length > mostDiagrams)
      throw new ComplexityError('too complex to prove: they combine in too many ways')
  }
  const leaf = (value: number): Bdd => {
    const known = leaves.get(value)
    if (known !== undefined) return known
    const made = bits.push(noBit) - 1
    sets.push(never)
    clears.push(never)
    leaves.set(value, made)
    values.set(made, value)
    return made
  }
  const ask = (bit: number, set: Bdd, clear: Bdd): Bdd => {
    if (set === clear) return set
    if (bit >= (bits[set] ?? noBit) || bit >= (bits[clear] ?? noBit))
      throw new InternalError('bits are asked out of order')
    return find(bit, set, clear)
  }
  const either = (test: Bdd, yes: Bdd, no: Bdd): Bdd => {
    if (test === always || yes === no) return yes
    if (test === never) return no
    if (yes === always && no === never) return test
    const known = results.get(test, yes, no)
    if (known !== null) return known
    spend()
    const ofTest = bits[test] ?? noBit
    const ofYes = bits[yes] ?? noBit
    const ofNo = bits[no] ?? noBit
    const later = ofYes < ofNo ? ofYes : ofNo
    const bit = ofTest < later ? ofTest : later
    const set = either(
      ofTest === bit ? (sets[test] ?? never) : test,
      ofYes === bit ? (sets[yes] ?? never) : yes,
      ofNo === bit ? (sets[no] ?? never) : no,
    )
    const clear = either(
      ofTest === bit ? (clears[test] ?? never) : test,
      ofYes === bit ? (clears[yes] ?? never) : yes,
      ofNo === bit ? (clears[no] ?? never) : no,
    )
    const made = set === clear ? set : find(bit, set, clear)
    results.put(test, yes, no, made)
    return made
  }
  const replace = (of: Bdd, by: readonly Bdd[], end: (rest: Bdd) => Bdd): Bdd => {
    if (bitOf(of) >= by.length) return end(of)
    const known = new Map<Bdd, Bdd>()
    const within = (part: Bdd): Bdd => {
      const test = by[bitOf(part)]
      if (test === undefined) return end(part)
      const found = known.get(part)
      if (found !== undefined) return found
      spend()
      const set = within(sets[part] ?? never)
      const clear = within(clears[part] ?? never)
      // A bit for a bit, as a load does, in the order of the bits: nothing to work out.
      const plain = sets[test] === always && clears[test] === never && bitOf(test) < Math.min(bitOf(set), bitOf(clear))
      const made = plain ? ask(bitOf(test), set, clear) : either(test, set, clear)
      known.set(part, made)
      return made
    }
    return within(of)
  }
  const restsAfter = (of: Bdd, bit: number): ReadonlySet<Bdd> => {
    const rests = new Set<Bdd>()
    const seen = new Set<Bdd>()
    const visit = (part: Bdd): void => {
      if (bitOf(part) >= bit) rests.add(part)
      if (bitOf(part) >= bit || seen.has(part)) return
      seen.add(part)
      visit(sets[part] ?? never)
      visit(clears[part] ?? never)
    }
    visit(of)
    return rests
  }
  return {
    leaf,
    ask,
    either,
    replace,
    restsAfter,
    once: (name, make) => {
      const made = named.get(name) ?? make()
      named.set(name, made)
      return made
    },
    bitOf,
    whereSet,
    whereClear,
    valueOf: (of) => values.get(of) ?? null,
    size: () => bits.length,
  }
}
