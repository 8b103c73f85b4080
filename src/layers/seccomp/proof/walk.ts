import { ComplexityError, InternalError } from '../../../core/errors.js'
import { field, opcode, type Instruction } from '../code/bpf.js'
import { maximum, type Range } from '../code/ranges.js'

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
    if (follow(way, instruction, todo) === 'ends') ends.push(way)
    if (ends.length + todo.length > mostEnds) {
      throw new ComplexityError('the filter is too complex to prove: its search for the number branches too often')
    }
  }
  if (sizeOf(ends) !== 1n << 64n) throw new InternalError('the walk through the filter lost some calls')
  return ends
}

/** How many pairs of arch and number there are in all ends together. */
function sizeOf(ends: readonly End[]): bigint {
  // Few arches have many ends each: their numbers are counted without big integers.
  const numbers = new Map<number, number>()
  for (const { arch, number } of ends) {
    const arches = arch.to - arch.from + 1
    numbers.set(arches, (numbers.get(arches) ?? 0) + number.to - number.from + 1)
  }
  return [...numbers].reduce((sum, [arches, count]) => sum + BigInt(arches) * BigInt(count), 0n)
}

/** Adds the places where a way goes on, unless it ends here. */
function follow(way: End, { code, jt, jf, k }: Instruction, todo: End[]): 'goes on' | 'ends' {
  const { arch, number, holds } = way
  const next = way.index + 1
  switch (code) {
    case opcode.jumpAlways:
      todo.push({ arch, number, index: next + k, holds })
      return 'goes on'
    case opcode.load:
      if (k !== field.number && k !== field.arch) return 'ends'
      todo.push({ arch, number, index: next, holds: k === field.number ? 'number' : 'arch' })
      return 'goes on'
    case opcode.jumpEqual:
      if (holds === 'nothing') return 'ends'
      part(way, 0, k - 1, next + jf, todo)
      part(way, k, k, next + jt, todo)
      part(way, k + 1, maximum, next + jf, todo)
      return 'goes on'
    case opcode.jumpGreater:
      if (holds === 'nothing') return 'ends'
      part(way, 0, k, next + jf, todo)
      part(way, k + 1, maximum, next + jt, todo)
      return 'goes on'
    case opcode.jumpGreaterEqual:
      if (holds === 'nothing') return 'ends'
      part(way, 0, k - 1, next + jf, todo)
      part(way, k, maximum, next + jt, todo)
      return 'goes on'
    case opcode.jumpSet:
      return followBits(way, k, next + jt, next + jf, todo)
    default:
      return 'ends'
  }
}

/** The part of a way whose held word lies between two values goes on at an index. */
function part(way: End, low: number, high: number, index: number, todo: End[]): void {
  const { holds } = way
  const held = holds === 'arch' ? way.arch : way.number
  const from = Math.max(held.from, low)
  const to = Math.min(held.to, high)
  if (from > to) return
  const range = { from, to }
  todo.push(
    holds === 'arch'
      ? { arch: range, number: way.number, index, holds }
      : { arch: way.arch, number: range, index, holds },
  )
}

/** Runs that a test of bits may make of one range; a mask of high bits, as numbers have, makes few. */
const mostRuns = 1 << 12

/** Goes on at `some` where the held word has bits of `mask`, at `none` where it has none. */
function followBits(way: End, mask: number, some: number, none: number, todo: End[]): 'goes on' | 'ends' {
  if (way.holds === 'nothing') return 'ends'
  const { from, to } = way[way.holds]
  const runs: { readonly from: number; readonly index: number }[] = []
  // Blocks of a power of two values: those of one block differ in their lowest bits only.
  const visit = (base: number, size: number): void => {
    const last = base + size - 1
    if (last < from || base > to || runs.length > mostRuns) return
    const has = (base & mask) !== 0
    if (!has && (last & mask) !== 0) {
      const half = size / 2
      visit(base, half)
      visit(base + half, half)
      return
    }
    const index = has ? some : none
    if (runs.at(-1)?.index !== index) runs.push({ from: base, index })
  }
  visit(0, maximum + 1)
  if (runs.length > mostRuns) return 'ends'
  runs.forEach((run, at) => {
    part(way, run.from, (runs[at + 1]?.from ?? maximum + 1) - 1, run.index, todo)
  })
  return 'goes on'
}
