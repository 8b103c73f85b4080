/** Whether conditions exclude, contain or repeat one another: exact on words and masks. */
import { complement, intersect, maximum, type Ranges } from '../code/ranges.js'
import type { Atom, AtomConjunction } from './words.js'

/** The arguments that meet one of some conjunctions. */
export type Region = readonly AtomConjunction[]

/** The arguments that meet everything. */
export const everywhere: Region = [[]]

/**
 * How much may still be looked at, counted down in ranges that an atom is compared with. When it is spent, questions are
 * no longer answered: regions count as not empty, and not as covered.
 */
export interface Budget {
  steps: number
}

/** For all questions about one policy: a second or so. Some hundred rules on one call need a tenth of it. */
export function makeBudget(): Budget {
  return { steps: 20_000_000 }
}

/** For a question that is asked by itself, perhaps of every rule: some milliseconds. */
function makeSmallBudget(): Budget {
  return { steps: 200_000 }
}

/** Whether nothing more is found out with a budget. */
export function isSpent({ steps }: Budget): boolean {
  return steps < 0
}

/** Whether some arguments meet all atoms; true also where a budget does not suffice to find out. */
export function isSatisfiable(atoms: AtomConjunction, budget: Budget = unlimited): boolean {
  const offsets = [...new Set(atoms.map(({ offset }) => offset))]
  return offsets.every((offset) => hasValue(ofWord(atoms, offset), budget))
}

/** One word is looked at in bounded time: what must be answered exactly needs no other bound. */
const unlimited: Budget = { steps: Number.POSITIVE_INFINITY }

function ofWord(atoms: AtomConjunction, offset: number): readonly Atom[] {
  return atoms.filter((atom) => atom.offset === offset)
}

/** Arguments in both regions. */
export function both(left: Region, right: Region, budget: Budget = unlimited): Region {
  return left.flatMap((one) => {
    return right.map((other) => meet(one, other, budget)).filter((met) => isSatisfiable(met, budget))
  })
}

/** Whether every point of `inner` lies in `outer`; false also where that would take too long to find out. */
export function isWithin(inner: Region, outer: Region, budget: Budget = makeSmallBudget()): boolean {
  return inner.every((one) => isCovered(one, outer, budget) === 'covered')
}

type Cover = 'covered' | 'open' | 'unknown'

/** Cuts the first of `covers` out of the conjunction, atom by atom, and asks the others about what is left. */
function isCovered(atoms: AtomConjunction, covers: Region, budget: Budget): Cover {
  budget.steps -= 1 + covers.length
  if (isSpent(budget)) return 'unknown'
  if (!isSatisfiable(atoms, budget)) return 'covered'
  const [first, ...others] = covers.filter((cover) => {
    return isSpent(budget) || isSatisfiable(meet(atoms, cover, budget), budget)
  })
  if (first === undefined) return 'open'
  let inside = atoms
  for (const atom of first) {
    budget.steps -= atom.ranges.length
    const outside = isCovered(withAtom(inside, { ...atom, ranges: complement(atom.ranges) }), others, budget)
    if (outside !== 'covered') return outside
    inside = withAtom(inside, atom)
  }
  return 'covered'
}

/** Both conjunctions at once. */
function meet(one: AtomConjunction, other: AtomConjunction, budget: Budget): AtomConjunction {
  budget.steps -= one.length * other.length + rangesIn(one) + rangesIn(other)
  return other.reduce(withAtom, one)
}

function rangesIn(atoms: AtomConjunction): number {
  return atoms.reduce((sum, { ranges }) => sum + ranges.length, 0)
}

function withAtom(atoms: AtomConjunction, added: Atom): AtomConjunction {
  const isSame = (atom: Atom): boolean => atom.offset === added.offset && atom.mask === added.mask
  const same = atoms.find(isSame)
  const ranges = same === undefined ? added.ranges : intersect(same.ranges, added.ranges)
  return [...atoms.filter((atom) => !isSame(atom)), { ...added, ranges }]
}

/** Whether one word meets all atoms: its bits are tried from the highest, with all prefixes that still can. */
function hasValue(atoms: readonly Atom[], budget: Budget): boolean {
  const [one, other] = atoms
  if (one === undefined || isSpent(budget)) return true
  if (one.ranges.length === 0) return false
  if (other === undefined && one.mask === maximum) return true
  const price = atoms.length + rangesIn(atoms)
  let prefixes: readonly Prefix[] = [atoms.map(() => 0)]
  for (let bit = 31; bit >= 0; bit -= 1) {
    budget.steps -= 2 * prefixes.length * price
    if (isSpent(budget)) return true
    const next = new Map<string, Prefix>()
    for (const prefix of prefixes) {
      for (const value of [0, (1 << bit) >>> 0]) {
        const longer = extend(prefix, value, bit, atoms)
        if (longer !== null) next.set(longer.join(), longer)
      }
    }
    // Too many to follow: what is not known to be empty counts as not empty.
    if (next.size > prefixesMax) return true
    prefixes = [...next.values()]
  }
  return prefixes.length > 0
}

const prefixesMax = 64

/** For each atom the masked bits so far; null once all that can follow meets it. */
type Prefix = readonly (number | null)[]

/** Null: whatever follows, some atom is not met. */
function extend(prefix: Prefix, value: number, bit: number, atoms: readonly Atom[]): Prefix | null {
  const longer: (number | null)[] = []
  for (const [index, { mask, ranges }] of atoms.entries()) {
    const before = prefix[index] ?? null
    const now = before === null ? null : (before | (value & mask)) >>> 0
    const fits = now === null ? 'whatever follows' : fit(now, bit, mask, ranges)
    if (fits === 'never') return null
    longer.push(fits === 'whatever follows' ? null : now)
  }
  return longer
}

function fit(prefix: number, bit: number, mask: number, ranges: Ranges): 'never' | 'perhaps' | 'whatever follows' {
  const last = (prefix | (((1 << bit) - 1) & mask)) >>> 0
  const live = ranges.filter(({ from, to }) => from <= last && prefix <= to)
  if (live.length === 0) return 'never'
  return live.some(({ from, to }) => from <= prefix && last <= to) ? 'whatever follows' : 'perhaps'
}
