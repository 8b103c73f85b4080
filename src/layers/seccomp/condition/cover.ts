/** Whether conditions exclude, contain or repeat one another: exact on words and masks. */
import { complement, intersect, type Ranges } from '../code/ranges.js'
import type { Atom, AtomConjunction } from './words.js'

/** The arguments that meet one of some conjunctions. */
export type Region = readonly AtomConjunction[]

/** The arguments that meet everything. */
export const everywhere: Region = [[]]

/** Whether some arguments meet all atoms. */
export function isSatisfiable(atoms: AtomConjunction): boolean {
  const offsets = [...new Set(atoms.map(({ offset }) => offset))]
  return offsets.every((offset) => hasValue(atoms.filter((atom) => atom.offset === offset)))
}

/** Arguments in both regions. */
export function both(left: Region, right: Region): Region {
  return left.flatMap((one) => right.map((other) => other.reduce(withAtom, one)).filter(isSatisfiable))
}

/** How much may still be looked at: counted down, so that no policy stalls the compiler. */
export interface Budget {
  steps: number
}

/** Enough for some hundred rules on one call. */
export function makeBudget(): Budget {
  return { steps: 100_000 }
}

/** Whether every point of `inner` lies in `outer`; false also where that would take too long to find out. */
export function isWithin(inner: Region, outer: Region, budget: Budget = makeBudget()): boolean {
  return inner.every((one) => isCovered(one, outer, budget) === 'covered')
}

type Cover = 'covered' | 'open' | 'unknown'

/** Cuts the first of `covers` out of the conjunction, atom by atom, and asks the others about what is left. */
function isCovered(atoms: AtomConjunction, covers: Region, budget: Budget): Cover {
  // Each cover is held against all atoms.
  budget.steps -= (covers.length + 1) * (atoms.length + 1)
  if (budget.steps < 0) return 'unknown'
  if (!isSatisfiable(atoms)) return 'covered'
  const [first, ...others] = covers.filter((cover) => isSatisfiable(cover.reduce(withAtom, atoms)))
  if (first === undefined) return 'open'
  let inside = atoms
  for (const atom of first) {
    const outside = isCovered(withAtom(inside, { ...atom, ranges: complement(atom.ranges) }), others, budget)
    if (outside !== 'covered') return outside
    inside = withAtom(inside, atom)
  }
  return 'covered'
}

function withAtom(atoms: AtomConjunction, added: Atom): AtomConjunction {
  const isSame = (atom: Atom): boolean => atom.offset === added.offset && atom.mask === added.mask
  const same = atoms.find(isSame)
  const ranges = same === undefined ? added.ranges : intersect(same.ranges, added.ranges)
  return [...atoms.filter((atom) => !isSame(atom)), { ...added, ranges }]
}

/** Whether one word meets all atoms: its bits are tried from the highest, with all prefixes that still can. */
function hasValue(atoms: readonly Atom[]): boolean {
  let prefixes: readonly Prefix[] = [atoms.map(() => 0)]
  for (let bit = 31; bit >= 0; bit -= 1) {
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
