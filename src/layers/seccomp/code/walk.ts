import { InternalError } from '../../../core/errors.js'
import { field, opcode, type Instruction } from './bpf.js'
import { maximum } from './ranges.js'

/** Where the calls of one range of numbers end up, whatever their arguments. */
export interface End {
  readonly from: number
  readonly to: number
  /** What is returned; null: the way goes on with a look at an argument. */
  readonly value: number | null
  /** Index of that look, or of the return. */
  readonly start: number
}

/**
 * Follows all numbers of an arch at once through a program, up to the first load of anything but number and arch.
 * The ends are in ascending order and hold every number once. Throws `InternalError` on instructions that our programs do not have.
 */
export function walkNumbers(program: readonly Instruction[], arch: number): readonly End[] {
  return walk(program, arch, { index: 0, from: 0, to: maximum, holds: 'nothing' })
}

interface Way {
  readonly index: number
  readonly from: number
  readonly to: number
  readonly holds: 'nothing' | 'number' | 'arch'
}

function walk(program: readonly Instruction[], arch: number, way: Way): readonly End[] {
  const instruction = program[way.index]
  if (instruction === undefined) throw new InternalError('a filter ended without a return')
  const { code, jt, jf, k } = instruction
  const { index, from, to } = way
  const next = (distance: number, part: Partial<Way>): readonly End[] =>
    walk(program, arch, { ...way, index: index + 1 + distance, ...part })
  switch (code) {
    case opcode.return:
      return [{ from, to, value: k, start: index }]
    case opcode.jumpAlways:
      return next(k, {})
    case opcode.load:
      if (k === field.number) return next(0, { holds: 'number' })
      if (k === field.arch) return next(0, { holds: 'arch' })
      return [{ from, to, value: null, start: index }]
    case opcode.jumpEqual:
      if (way.holds === 'arch') return next(arch === k ? jt : jf, {})
      if (way.holds === 'nothing') throw new InternalError(`instruction ${index} tests nothing`)
      return [
        ...(from < k ? next(jf, { to: Math.min(to, k - 1) }) : []),
        ...(from <= k && k <= to ? next(jt, { from: k, to: k }) : []),
        ...(to > k ? next(jf, { from: Math.max(from, k + 1) }) : []),
      ]
    case opcode.jumpGreaterEqual:
      if (way.holds === 'arch') return next(arch >= k ? jt : jf, {})
      if (way.holds === 'nothing') throw new InternalError(`instruction ${index} tests nothing`)
      return [
        ...(from < k ? next(jf, { to: Math.min(to, k - 1) }) : []),
        ...(to >= k ? next(jt, { from: Math.max(from, k) }) : []),
      ]
    default:
      throw new InternalError(`instruction ${index} (0x${code.toString(16)}) does not belong in a search for a number`)
  }
}
