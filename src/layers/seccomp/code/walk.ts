import { ComplexityError, InternalError } from '../../../core/errors.js'
import { field, opcode, type Instruction } from './bpf.js'
import { maximum, type Range } from './ranges.js'

/** All calls whose arch and number lie in two ranges, and where they are when the program looks at anything else. */
export interface End {
  readonly arch: Range
  readonly number: Range
  /** Index of the return, or of the first instruction that does not just compare the two. */
  readonly index: number
  /** What the accumulator holds there. */
  readonly holds: Held
}

export type Held = 'nothing' | 'arch' | 'number'

/** Ends of one walk, at most; the largest policies have some 1,000. */
const mostEnds = 1 << 16

/**
 * Follows all arches and all numbers at once through a program, up to the first look at anything else. The ends hold
 * every pair of arch and number exactly once. Throws `ComplexityError` where there are too many of them.
 */
export function walk(program: readonly Instruction[]): readonly End[] {
  const all: Range = { from: 0, to: maximum }
  const ends: End[] = []
  const todo: End[] = [{ arch: all, number: all, index: 0, holds: 'nothing' }]
  for (let way = todo.pop(); way !== undefined; way = todo.pop()) {
    const instruction = program[way.index]
    if (instruction === undefined) throw new InternalError('a filter ended without a return')
    const next = successors(way, instruction)
    if (next === null) ends.push(way)
    else todo.push(...next)
    if (ends.length + todo.length > mostEnds)
      throw new ComplexityError('too complex to prove: the search for the number branches too often')
  }
  return ends
}

/** Where a way goes on; null: here it ends. */
function successors(way: End, { code, jt, jf, k }: Instruction): readonly End[] | null {
  const after = (distance: number): number => way.index + 1 + distance
  switch (code) {
    case opcode.jumpAlways:
      return [{ ...way, index: after(k) }]
    case opcode.load:
      if (k === field.number) return [{ ...way, index: after(0), holds: 'number' }]
      if (k === field.arch) return [{ ...way, index: after(0), holds: 'arch' }]
      return null
    case opcode.jumpEqual:
      return split(way, [
        [0, k - 1, after(jf)],
        [k, k, after(jt)],
        [k + 1, maximum, after(jf)],
      ])
    case opcode.jumpGreater:
      return split(way, [
        [0, k, after(jf)],
        [k + 1, maximum, after(jt)],
      ])
    case opcode.jumpGreaterEqual:
      return split(way, [
        [0, k - 1, after(jf)],
        [k, maximum, after(jt)],
      ])
    case opcode.jumpSet:
      return splitBits(way, k, after(jt), after(jf))
    default:
      return null
  }
}

type Part = readonly [from: number, to: number, index: number]

/** The parts of a way that go on at other places; null if the accumulator holds neither arch nor number. */
function split(way: End, parts: readonly Part[]): readonly End[] | null {
  const { holds } = way
  if (holds === 'nothing') return null
  return parts.flatMap(([low, high, index]): readonly End[] => {
    const from = Math.max(way[holds].from, low)
    const to = Math.min(way[holds].to, high)
    return from > to ? [] : [{ ...way, [holds]: { from, to }, index }]
  })
}

/** Numbers that a test of bits is tried with one by one, at most; the tables end far below. */
const mostTried = 4096

/** Numbers above ~k have a bit of k set; which of the others have is tried. null: too many, or no number is held. */
function splitBits(way: End, k: number, set: number, clear: number): readonly End[] | null {
  if (way.holds === 'nothing') return null
  const { from, to } = way[way.holds]
  const last = Math.min(to, ~k >>> 0)
  if (last - from >= mostTried) return null
  const parts: Part[] = []
  for (let number = from; number <= last;) {
    const [start, index] = [number, (number & k) === 0 ? clear : set]
    while (number <= last && ((number & k) === 0 ? clear : set) === index) number += 1
    parts.push([start, number - 1, index])
  }
  return split(way, [...parts, [Math.max(from, last + 1), to, set]])
}
