import { InternalError } from '../../../core/errors.js'
import type { Word64 } from '../condition/test.js'
import { dataSize, type Instruction } from './bpf.js'

/** What a filter is asked: the number is unsigned, -1 is 0xffffffff. */
export interface SeccompData {
  /** AUDIT_ARCH_*. */
  readonly arch: number
  readonly number: number
  readonly args: readonly Word64[]
}

export interface Outcome {
  readonly value: number
  /** Instructions that ran. */
  readonly steps: number
}

/** struct seccomp_data as words; the instruction pointer is 0. */
export function dataWords({ arch, number, args }: SeccompData): readonly number[] {
  const words = [number >>> 0, arch >>> 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]
  args.forEach(({ hi, lo }, index) => {
    words[4 + 2 * index] = lo
    words[5 + 2 * index] = hi
  })
  return words
}

/**
 * Runs a program as the kernel does. Throws `InternalError` on one that the kernel would not have accepted.
 */
export function simulate(program: readonly Instruction[], words: readonly number[]): Outcome {
  const memory: number[] = []
  let [a, x, steps] = [0, 0, 0]
  for (let index = 0; index < program.length; index += 1) {
    const instruction = program[index]
    if (instruction === undefined) break
    const { code, jt, jf, k } = instruction
    steps += 1
    switch (code) {
      case 0x20:
        a = words[k / 4] ?? 0
        break
      case 0x06:
        return { value: k, steps }
      case 0x16:
        return { value: a, steps }
      case 0x05:
        index += k
        break
      case 0x15:
      case 0x1d:
      case 0x25:
      case 0x2d:
      case 0x35:
      case 0x3d:
      case 0x45:
      case 0x4d:
        index += jumps(code & 0xf0, a, (code & 8) === 0 ? k : x) ? jt : jf
        break
      case 0x00:
        a = k
        break
      case 0x01:
        x = k
        break
      case 0x80:
        a = dataSize
        break
      case 0x81:
        x = dataSize
        break
      case 0x60:
        a = memory[k] ?? 0
        break
      case 0x61:
        x = memory[k] ?? 0
        break
      case 0x02:
        memory[k] = a
        break
      case 0x03:
        memory[k] = x
        break
      case 0x07:
        x = a
        break
      case 0x87:
        a = x
        break
      case 0x3c:
        // Division by a zero X ends the program with 0 (filter.c, bpf_convert_filter).
        if (x === 0) return { value: 0, steps }
        a = Math.floor(a / x)
        break
      default:
        a = calculate(code, a, (code & 8) === 0 ? k : x)
    }
  }
  throw new InternalError('a filter ended without a return')
}

function jumps(operation: number, a: number, operand: number): boolean {
  switch (operation) {
    case 0x10:
      return a === operand
    case 0x20:
      return a > operand
    case 0x30:
      return a >= operand
    case 0x40:
      return (a & operand) !== 0
    default:
      throw new InternalError(`unknown jump 0x${operation.toString(16)}`)
  }
}

function calculate(code: number, a: number, operand: number): number {
  if ((code & 7) !== 4) throw new InternalError(`unknown instruction 0x${code.toString(16)}`)
  switch (code & 0xf0) {
    case 0x00:
      return (a + operand) >>> 0
    case 0x10:
      return (a - operand) >>> 0
    case 0x20:
      return Math.imul(a, operand) >>> 0
    case 0x30:
      return Math.floor(a / operand)
    case 0x40:
      return (a | operand) >>> 0
    case 0x50:
      return (a & operand) >>> 0
    case 0x60:
      return (a << (operand & 31)) >>> 0
    case 0x70:
      return a >>> (operand & 31)
    case 0x80:
      return -a >>> 0
    case 0xa0:
      return (a ^ operand) >>> 0
    default:
      throw new InternalError(`unknown instruction 0x${code.toString(16)}`)
  }
}
