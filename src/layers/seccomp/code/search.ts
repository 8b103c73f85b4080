import type { Held, Node, Nodes } from './diagram.js'
import { buildGroup, groupRuns, type Group } from './groups.js'

/** One run of numbers, up to the next run's `from`, that lead to the same node. */
export interface Run {
  readonly from: number
  readonly node: Node
  /** How often the filter is asked for a number of the run, in any unit. */
  readonly weight: number
}

/**
 * The search for the run that holds the accumulator: by `>=` for a group of runs (groups.ts), in a tree of the least
 * weighted depth, then by a few single tests within the group.
 *
 * Keeps the accumulator, so that the kernel can find calls that are always allowed (seccomp.c, the bitmap).
 */
export function search(nodes: Nodes, held: Held, runs: readonly Run[]): Node {
  const merged = mergeRuns(runs)
  const [one, other] = merged
  if (one === undefined) throw new RangeError('a search through nothing')
  if (other === undefined) return one.node
  if (merged.length === 2) return nodes.jump(held, 'greater-equal', other.from, other.node, one.node)
  return tree(nodes, held, groupRuns(held, merged))
}

/** Adjacent runs that lead to the same node become one. */
export function mergeRuns(runs: readonly Run[]): readonly Run[] {
  const merged: Run[] = []
  for (const run of runs) {
    const last = merged.at(-1)
    if (last?.node !== run.node) merged.push(run)
    else merged[merged.length - 1] = { from: last.from, node: last.node, weight: last.weight + run.weight }
  }
  return merged
}

/** The table of the best splits grows with the square of the groups; more of them are first cut where weights balance. */
const longestTable = 64

function tree(nodes: Nodes, held: Held, groups: readonly Group[]): Node {
  if (groups.length <= longestTable) return bestTree(nodes, held, groups)
  const half = groups.reduce((sum, { weight }) => sum + weight, 0) / 2
  let below = 0
  const balanced = groups.findIndex(({ weight }) => (below += weight) > half)
  const at = Math.min(Math.max(balanced, longestTable / 4), groups.length - longestTable / 4)
  const [lower, upper] = [groups.slice(0, at), groups.slice(at)]
  const yes = tree(nodes, held, upper)
  return nodes.jump(held, 'greater-equal', upper[0]?.from ?? 0, yes, tree(nodes, held, lower))
}

function bestTree(nodes: Nodes, held: Held, groups: readonly Group[]): Node {
  const splits = bestSplits(groups.map(({ weight }) => weight))
  const build = (first: number, last: number): Node => {
    const one = groups[first]
    const split = splits[first * groups.length + last] ?? 0
    if (one === undefined) throw new RangeError('a search through nothing')
    if (first === last) return buildGroup(nodes, held, one)
    const yes = build(split, last)
    return nodes.jump(held, 'greater-equal', groups[split]?.from ?? 0, yes, build(first, split - 1))
  }
  return build(0, groups.length - 1)
}

/**
 * Where to split each interval of groups, at `first * count + last`, so that the sum of each weight times its depth is
 * least. The best split of an interval lies between those of the intervals without its last and without its first group
 * (Knuth, Optimum binary search trees, 1971), which spares trying all.
 */
function bestSplits(weights: readonly number[]): Uint16Array {
  const count = weights.length
  const cost = new Float64Array(count * count)
  const splits = new Uint16Array(count * count)
  const before = [0]
  for (let index = 0; index < count; index += 1) {
    before.push((before[index] ?? 0) + (weights[index] ?? 0))
    splits[index * count + index] = index
  }
  for (let length = 1; length < count; length += 1) {
    for (let first = 0; first + length < count; first += 1) {
      const last = first + length
      const place = first * count + last
      let best = Number.POSITIVE_INFINITY
      const to = splits[place + count] ?? 0
      for (let split = Math.max(splits[place - 1] ?? 0, first + 1); split <= to; split += 1) {
        const found = (cost[first * count + split - 1] ?? 0) + (cost[split * count + last] ?? 0)
        if (found >= best) continue
        best = found
        splits[place] = split
      }
      cost[place] = best + (before[last + 1] ?? 0) - (before[first] ?? 0)
    }
  }
  return splits
}
