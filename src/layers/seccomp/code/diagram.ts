import { maximum, type Ranges } from './ranges.js'

/**
 * A filter before it is code: a decision diagram, immutable, in which equal parts are one part.
 *
 * A `load` puts a masked word of seccomp_data into the accumulator; the jumps after it test what it holds. `held` says
 * what that is, so that two jumps are one node only if they test the same thing. Loads and returns ask nothing of the
 * accumulator and are shared freely.
 */
export type Node =
  | { readonly kind: 'return'; readonly value: number }
  | { readonly kind: 'load'; readonly held: Held; readonly next: Node }
  | {
      readonly kind: 'jump'
      readonly held: Held
      readonly test: JumpTest
      readonly k: number
      readonly yes: Node
      readonly no: Node
    }

export type JumpTest = 'equal' | 'greater-equal' | 'set'

/** What the accumulator holds. */
export interface Held {
  readonly offset: number
  readonly mask: number
}

/** Nodes of one filter. */
export interface Nodes {
  readonly return: (value: number) => Node
  /** `next`, with the accumulator loaded for it. */
  readonly load: (held: Held, next: Node) => Node
  readonly jump: (held: Held, test: JumpTest, k: number, yes: Node, no: Node) => Node
}

/** One run of numbers that lead to the same node. */
export interface Run {
  readonly from: number
  readonly node: Node
}

/** Makes nodes, each only once. */
export function makeNodes(): Nodes {
  const ids = new Map<Node, number>()
  const known = new Map<string, Node>()
  const idOf = (node: Node): number => ids.get(node) ?? -1
  const unique = (key: string, make: () => Node): Node => {
    const found = known.get(key)
    if (found !== undefined) return found
    const node = make()
    known.set(key, node)
    ids.set(node, ids.size)
    return node
  }
  return {
    return: (value) => unique(`return ${value}`, () => ({ kind: 'return', value })),
    load: (held, next) => {
      if (next.kind === 'return' || next.kind === 'load') return next
      return unique(`load ${heldKey(held)} ${idOf(next)}`, () => ({ kind: 'load', held, next }))
    },
    jump: (held, test, k, yes, no) => {
      if (yes === no) return yes
      const key = `jump ${heldKey(held)} ${test} ${k} ${idOf(yes)} ${idOf(no)}`
      return unique(key, () => ({ kind: 'jump', held, test, k, yes, no }))
    },
  }
}

export function heldKey({ offset, mask }: Held): string {
  return `${offset}&${mask}`
}

/** Adjacent runs that lead to the same node become one. */
export function mergeRuns(runs: readonly Run[]): readonly Run[] {
  return runs.filter((run, index) => index === 0 || runs[index - 1]?.node !== run.node)
}

/** Longest chain of equality tests: each saves one jump against a binary search, and costs one step of depth. */
const longestChain = 3

/**
 * The search for the run that holds the accumulator: binary, by `>=`, and by `==` where a few single numbers stand in
 * one run. Keeps the accumulator, so that the kernel can find calls that are always allowed (seccomp.c, the bitmap).
 */
export function search(nodes: Nodes, held: Held, runs: readonly Run[]): Node {
  const first = runs[0]
  if (first === undefined || runs.length === 1) return first?.node ?? nodes.return(0x80000000)
  const chain = singles(runs)
  if (chain !== null) {
    return chain.found.reduceRight((rest, run) => nodes.jump(held, 'equal', run.from, run.node, rest), chain.base)
  }
  const middle = Math.ceil(runs.length / 2)
  const upper = runs.slice(middle)
  const from = upper[0]?.from ?? maximum
  return nodes.jump(held, 'greater-equal', from, search(nodes, held, upper), search(nodes, held, runs.slice(0, middle)))
}

/** A node that all runs lead to but a few single numbers; null: there is none. */
function singles(runs: readonly Run[]): { readonly base: Node; readonly found: readonly Run[] } | null {
  if (runs.length < 3 || runs.length > 2 * longestChain + 1) return null
  const base = runs[0]?.node
  if (base === undefined) return null
  const found = runs.filter(({ node }) => node !== base)
  const single = found.every((run) => runs[runs.indexOf(run) + 1]?.from === run.from + 1)
  return single && found.length <= longestChain ? { base, found } : null
}

/** The numbers at which some sets begin or end: between two of them, every set is constant. */
export function cutPoints(sets: readonly Ranges[], limit: number): readonly number[] {
  const cuts = new Set([0])
  for (const ranges of sets) {
    for (const { from, to } of ranges) {
      if (from <= limit) cuts.add(from)
      if (to < limit) cuts.add(to + 1)
    }
  }
  return [...cuts].toSorted((a, b) => a - b)
}
