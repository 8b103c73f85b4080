import type { Node } from './diagram.js'

/** Numbers of a group that lead elsewhere than the rest of it. */
export interface Exception {
  readonly from: number
  readonly to: number
  readonly node: Node
  readonly weight: number
}

/** One test that picks out exceptions. */
export interface Picked {
  readonly from: number
  /** The bits that are all clear in these numbers only (JSET); null: one number (JEQ). */
  readonly clear: number | null
  readonly node: Node
  readonly weight: number
}

/**
 * The tests for the exceptions among the numbers from `low` to `high`, heavy ones first. Some share a test: the numbers
 * whose bits are all in s, which JSET ~s finds, if all of them in the group are exceptions that lead to the same node.
 */
export function pickTests(exceptions: readonly Exception[], low: number, high: number): readonly Picked[] {
  if (exceptions.length === 0) return []
  let left = exceptions
  const picked: Picked[] = []
  for (let best = largestCube(left, low, high); best !== null; best = largestCube(left, low, high)) {
    const { bits, members } = best
    const [one] = members
    if (one === undefined) break
    left = left.filter((exception) => !members.includes(exception))
    const weight = members.reduce((sum, member) => sum + member.weight, 0)
    picked.push({ from: one.from, clear: (~bits & allBitsOf(high)) >>> 0, node: one.node, weight })
  }
  for (const { from, node, weight } of left) picked.push({ from, clear: null, node, weight })
  return picked.length < 2 ? picked : picked.toSorted((a, b) => b.weight - a.weight)
}

/**
 * Whether one test picks the numbers `from` to `to` out of a group that starts at `low`. One number can always be tested
 * for. Others can if they are a block of 2^n that begins at a multiple of 2^n, and no number before them has all its
 * bits in theirs; none behind them has.
 */
export function isPickable(from: number, to: number, low: number): boolean {
  if (from === to) return true
  const size = to - from + 1
  if ((size & (size - 1)) !== 0 || from % size !== 0) return false
  return from === 0 || ((from - 1) & to) >>> 0 < low
}

interface Cube {
  readonly bits: number
  readonly members: readonly Exception[]
}

function largestCube(exceptions: readonly Exception[], low: number, high: number): Cube | null {
  let best: Cube | null = null
  for (let first = 0; first < exceptions.length; first += 1) {
    const one = exceptions[first]
    for (let second = first; second < exceptions.length; second += 1) {
      const other = exceptions[second]
      if (one === undefined || other === undefined || one.node !== other.node || one.from === other.to) continue
      const bits = (one.from | one.to | other.from | other.to) >>> 0
      const members = membersOf(bits, exceptions, one.node, low, high)
      if (members.length > (best?.members.length ?? 0)) best = { bits, members }
    }
  }
  return best
}

/**
 * The exceptions that hold exactly the numbers from `low` to `high` whose bits are all in `bits`; empty: none do.
 * Each is one number or a block of 2^n that begins at a multiple of 2^n (isPickable), so its last number has all its bits.
 */
function membersOf(
  bits: number,
  exceptions: readonly Exception[],
  node: Node,
  low: number,
  high: number,
): readonly Exception[] {
  const members: Exception[] = []
  let index = 0
  for (let number = firstSubset(bits, low); number !== null && number <= high;) {
    while ((exceptions[index]?.to ?? high) < number) index += 1
    const exception = exceptions[index]
    if (exception?.from !== number || exception.node !== node || (exception.to & ~bits) !== 0) return []
    members.push(exception)
    number = nextSubset(bits, exception.to)
  }
  return members
}

/** Bits that no number up to `high` has need not be tested; without the highest bit a constant is one of eBPF. */
function allBitsOf(high: number): number {
  return high > 0x7fffffff ? 0xffffffff : 2 ** (32 - Math.clz32(high)) - 1
}

/** The least number of at least `low` whose bits are all in `bits`; null: none. */
function firstSubset(bits: number, low: number): number | null {
  return low === 0 ? 0 : nextSubset(bits, low - 1)
}

/** The least number above `number` whose bits are all in `bits`; null: none. */
function nextSubset(bits: number, number: number): number | null {
  // Counting up with all other bits set lets the carry run through the gaps. Below a bit that is in the way, all is full.
  const astray = (number & ~bits) >>> 0
  const full = astray === 0 ? 0 : 2 ** (32 - Math.clz32(astray)) - 1
  const next = (((number | full | ~bits) + 1) & bits) >>> 0
  return next > number ? next : null
}
