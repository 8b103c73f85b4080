import { maximum } from './ranges.js'

/**
 * A filter before it is code: a decision diagram, immutable, in which equal parts are one part.
 *
 * A `load` puts a masked word of seccomp_data into the accumulator, a `mask` clears bits of what it holds; the jumps
 * after it test that. `held` says what it is, so that two jumps are one node only if they test the same thing. Loads
 * and returns ask nothing of the accumulator and are shared freely.
 */
export type Node =
  | { readonly kind: 'return'; readonly id: number; readonly value: number }
  | { readonly kind: 'load'; readonly id: number; readonly held: Held; readonly next: Node }
  | { readonly kind: 'mask'; readonly id: number; readonly held: Held; readonly next: Node }
  | {
      readonly kind: 'jump'
      readonly id: number
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
  /** The two as text, to look things up by. */
  readonly key: string
}

/** Nodes of one filter: each is made only once. */
export interface Nodes {
  readonly return: (value: number) => Node
  /** `next`, with the accumulator made ready for it. `before` is what it holds up to there, null if that is unknown. */
  readonly load: (before: Held | null, held: Held, next: Node) => Node
  readonly jump: (held: Held, test: JumpTest, k: number, yes: Node, no: Node) => Node
}

/** A word of seccomp_data under a mask. */
export function hold(offset: number, mask: number): Held {
  return { offset, mask, key: `${offset}&${mask}` }
}

/** A whole word of seccomp_data. */
export function holdWord(offset: number): Held {
  return hold(offset, maximum)
}

/** Makes the nodes of one filter; ids count from 0, and each node has a higher id than those it leads to. */
export function makeNodes(): Nodes {
  const known = new Map<string, Node>()
  const returns = new Map<number, Node>()
  const unique = (key: string, make: (id: number) => Node): Node => {
    const found = known.get(key)
    if (found !== undefined) return found
    const node = make(known.size + returns.size)
    known.set(key, node)
    return node
  }
  const jump: Nodes['jump'] = (held, test, k, yes, no) => {
    if (yes === no) return yes
    // Two tests for bits in a row that lead to the same are one.
    if (test === 'set' && no.kind === 'jump' && no.test === test && no.yes === yes && no.held.key === held.key) {
      return jump(held, test, (k | no.k) >>> 0, yes, no.no)
    }
    const key = `${test} ${k} ${held.key} ${yes.id} ${no.id}`
    return unique(key, (id) => ({ kind: 'jump', id, held, test, k, yes, no }))
  }
  return {
    return: (value) => {
      const found = returns.get(value)
      if (found !== undefined) return found
      const node: Node = { kind: 'return', id: known.size + returns.size, value }
      returns.set(value, node)
      return node
    },
    load: (before, held, next) => {
      if (before?.key === held.key || next.kind === 'return' || next.kind === 'load') return next
      if (before !== null && before.offset === held.offset && (before.mask & held.mask) >>> 0 === held.mask) {
        return unique(`mask ${held.key} ${next.id}`, (id) => ({ kind: 'mask', id, held, next }))
      }
      return unique(`load ${held.key} ${next.id}`, (id) => ({ kind: 'load', id, held, next }))
    },
    jump,
  }
}
