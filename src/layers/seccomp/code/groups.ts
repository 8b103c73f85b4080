import type { Held, Node, Nodes } from './diagram.js'
import { isPickable, pickTests, type Picked } from './exceptions.js'
import type { Run } from './search.js'

/**
 * Neighbouring runs that lead to one node, `rest`, but for exceptions that one test each picks out: where a single
 * number stands in a range, one JEQ does the work of two `>=`.
 */
export interface Group {
  readonly from: number
  readonly to: number
  readonly runs: readonly Run[]
  readonly rest: Node
  readonly weight: number
}

/**
 * How many steps of the mean search one instruction fewer is worth. Instructions come first: each is copied, checked and
 * compiled at every start, while a step is some tenths of a nanosecond a call.
 */
const instructionPrice = 2

/** In a search of up to so many runs, groups are priced with the tests that exceptions share; in others that takes long. */
const smallSearch = 10

/** Most exceptions of a group: beyond, another group is always cheaper. */
const mostExceptions = 8

/**
 * Divides runs into groups so that the whole search is cheapest, found by dynamic programming from the first run on.
 * A group costs its tests and one `>=` that leads to it, and steps: on the way to it, as many as its share of the
 * weights says (the entropy, which good trees come close to), then those within.
 */
export function groupRuns(held: Held, runs: readonly Run[]): readonly Group[] {
  const total = Math.max(
    runs.reduce((sum, { weight }) => sum + weight, 0),
    1e-9,
  )
  const best: Best = { total, costs: [0, ...runs.map(() => Number.POSITIVE_INFINITY)], firsts: [], bases: [] }
  const ends = runs.map((_, index) => endOf(held, runs, index))
  for (let first = 0; first < runs.length; first += 1) {
    for (let base = 0; base < 2; base += 1) priceGroups(runs, ends, first, base, best)
  }
  const groups: Group[] = []
  for (let last = runs.length - 1; last >= 0;) {
    const first = best.firsts[last] ?? last
    groups.push(groupOf(held, runs, first, last, best.bases[last] ?? 0))
    last = first - 1
  }
  return groups.toReversed()
}

/** The cheapest way to divide the runs up to each one. */
interface Best {
  readonly total: number
  /** By the number of runs. */
  readonly costs: number[]
  /** By the last run: where its group begins, and how many runs behind that one stands that leads to the `rest`. */
  readonly firsts: number[]
  readonly bases: number[]
}

function groupOf(held: Held, runs: readonly Run[], first: number, last: number, base: number): Group {
  const own = runs.slice(first, last + 1)
  const [from, rest] = [own[0]?.from, own[base]?.node]
  if (from === undefined || rest === undefined) throw new RangeError('a group without runs')
  return { from, to: endOf(held, runs, last), runs: own, rest, weight: own.reduce((sum, run) => sum + run.weight, 0) }
}

/** Tries each group that can begin at `first`. This is the hottest part of a compilation. */
function priceGroups(runs: readonly Run[], ends: readonly number[], first: number, base: number, best: Best): void {
  const { total, costs, firsts, bases } = best
  const before = costs[first] ?? 0
  const price = total * instructionPrice
  const low = runs[first]?.from ?? 0
  const rest = runs[first + base]?.node
  // The weights of the exceptions, heavy ones first, as they are tested for.
  const weights: number[] = []
  let weight = 0
  let ofRest = 0
  let passed = 0
  for (let last = first; last < runs.length; last += 1) {
    const run = runs[last]
    const end = ends[last]
    if (run === undefined || rest === undefined || end === undefined) return
    weight += run.weight
    if (run.node === rest) ofRest += run.weight
    else {
      if (weights.length === mostExceptions || !isPickable(run.from, end, low)) return
      passed += insert(weights, run.weight)
    }
    if (last < first + base) continue
    const shared = weights.length > 1 && runs.length <= smallSearch
    const tests = shared ? testsOf(runs.slice(first, last + 1), rest, end).length : weights.length
    const inside = (price + ofRest) * tests + passed
    const cost = before + price + inside + weight * Math.log2(total / Math.max(weight, 1e-9))
    if (cost >= (costs[last + 1] ?? 0)) continue
    costs[last + 1] = cost
    firsts[last] = first
    bases[last] = base
  }
}

/** Puts a weight in its place; what that adds to the sum of each weight times its place, counted from 1. */
function insert(weights: number[], weight: number): number {
  let added = weight
  let place = weights.length
  for (; place > 0; place -= 1) {
    const before = weights[place - 1] ?? 0
    if (before >= weight) break
    weights[place] = before
    added += before
  }
  weights[place] = weight
  return added + weight * place
}

/** The tests of a group. */
export function buildGroup(nodes: Nodes, held: Held, { runs, rest, to }: Group): Node {
  if (runs.length === 1) return rest
  return testsOf(runs, rest, to).reduceRight((no, test) => {
    if (test.clear === null) return nodes.jump(held, 'equal', test.from, test.node, no)
    return nodes.jump(held, 'set', test.clear, no, test.node)
  }, rest)
}

/** The tests that pick the exceptions out of runs of which the last one ends with `to`. */
function testsOf(runs: readonly Run[], rest: Node, to: number): readonly Picked[] {
  const exceptions = runs.flatMap((run, index) => {
    return run.node === rest ? [] : [{ ...run, to: (runs[index + 1]?.from ?? to + 1) - 1 }]
  })
  return pickTests(exceptions, runs[0]?.from ?? 0, to)
}

function endOf(held: Held, runs: readonly Run[], index: number): number {
  return (runs[index + 1]?.from ?? held.mask + 1) - 1
}
