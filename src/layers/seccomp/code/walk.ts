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

/** Runs that a test of bits may make of one range; a mask of high bits, as numbers have, makes few. */
const mostRuns = 1 << 12

/** The parts where the word has bits of `mask`, or none. null: too many, or the accumulator holds neither. */
function splitBits(way: End, mask: number, some: number, none: number): readonly End[] | null {
  if (way.holds === 'nothing') return null
  const { from, to } = way[way.holds]
  const parts: Part[] = []
  // Blocks of 2^size values: those of one block differ in their lowest bits only.
  const visit = (base: number, size: number): void => {
    const last = base + 2 ** size - 1
    if (last < from || base > to || parts.length > mostRuns) return
    if ((base & mask) !== 0) add(base, last, some)
    else if ((last & mask) === 0) add(base, last, none)
    else {
      visit(base, size - 1)
      visit(base + 2 ** (size - 1), size - 1)
    }
  }
  const add = (low: number, high: number, index: number): void => {
    const before = parts.at(-1)
    if (before?.[2] === index) parts[parts.length - 1] = [before[0], high, index]
    else parts.push([low, high, index])
  }
  visit(0, 32)
  return parts.length > mostRuns ? null : split(way, parts)
}
