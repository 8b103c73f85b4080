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
  const price = total * instructionPrice
  const costs = [0, ...runs.map(() => Number.POSITIVE_INFINITY)]
  const starts: Start[] = []
  for (let first = 0; first < runs.length; first += 1) {
    const before = costs[first] ?? 0
    for (let base = 0; base < 2; base += 1) {
      priceGroups(held, runs, first, base, price, (last, weight, inside) => {
        const cost = before + price + inside + weight * Math.log2(total / Math.max(weight, 1e-9))
        if (cost >= (costs[last + 1] ?? 0)) return
        costs[last + 1] = cost
        starts[last] = { first, base }
      })
    }
  }
  const groups: Group[] = []
  for (let last = runs.length - 1; last >= 0;) {
    const { first, base } = starts[last] ?? { first: last, base: 0 }
    groups.push(groupOf(held, runs, first, last, base))
    last = first - 1
  }
  return groups.toReversed()
}

interface Start {
  readonly first: number
  /** How many runs behind the first one stands that leads to the `rest`. */
  readonly base: number
}

function groupOf(held: Held, runs: readonly Run[], first: number, last: number, base: number): Group {
  const own = runs.slice(first, last + 1)
  const [from, rest] = [own[0]?.from, own[base]?.node]
  if (from === undefined || rest === undefined) throw new RangeError('a group without runs')
  return { from, to: endOf(held, runs, last), runs: own, rest, weight: own.reduce((sum, run) => sum + run.weight, 0) }
}

/** `found` is told the last run of each group that can begin at `first`, its weight, and what the tests within cost. */
function priceGroups(
  held: Held,
  runs: readonly Run[],
  first: number,
  base: number,
  price: number,
  found: (last: number, weight: number, inside: number) => void,
): void {
  const low = runs[first]?.from ?? 0
  const rest = runs[first + base]?.node
  // The weights of the exceptions, heavy ones first, as they are tested for.
  const weights: number[] = []
  let weight = 0
  let ofRest = 0
  let passed = 0
  for (let last = first; last < runs.length; last += 1) {
    const run = runs[last]
    if (run === undefined || rest === undefined) return
    const end = endOf(held, runs, last)
    weight += run.weight
    if (run.node === rest) ofRest += run.weight
    else {
      if (weights.length === mostExceptions || !isPickable(run.from, end, low)) return
      passed += insert(weights, run.weight)
    }
    if (last < first + base) continue
    const shared = weights.length > 1 && runs.length <= smallSearch
    const tests = shared ? testsOf(runs.slice(first, last + 1), rest, end).length : weights.length
    found(last, weight, (price + ofRest) * tests + passed)
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
