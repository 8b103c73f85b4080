import { opcode, type Instruction } from './bpf.js'

/**
 * How many instructions a program has once the kernel has converted it to eBPF (net/core/filter.c, bpf_convert_filter).
 * This is what counts when filters stack: all of them together, and 4 more for each one before the last, may have
 * `maximumConverted` (kernel/seccomp.c, MAX_INSNS_PER_PATH); beyond, the kernel answers ENOMEM.
 */
export function convertedSize(program: readonly Instruction[]): number {
  return program.reduce((sum, instruction) => sum + convertedInstructions(instruction), prologue)
}

/** What filters count together, in the order in which they are loaded. */
export function stackedSize(programs: readonly (readonly Instruction[])[]): number {
  return (
    programs.reduce((sum, program) => sum + convertedSize(program) + penalty, 0) - (programs.length > 0 ? penalty : 0)
  )
}

export const maximumConverted = 32768

/** A and X are cleared, the context is kept in a register. */
const prologue = 3
const penalty = 4
const [jumpClass, returnClass, returnA, divideByX] = [0x05, 0x06, 0x16, 0x3c]

function convertedInstructions({ code, jt, jf, k }: Instruction): number {
  if (code === returnA) return 1
  if ((code & 7) === returnClass) return 2
  // Tests for a zero divisor, which end the program.
  if (code === divideByX) return 5
  if ((code & 7) !== jumpClass || code === opcode.jumpAlways) return 1
  // A constant with the highest bit set goes through a register, because immediates of eBPF are signed.
  const constant = (code & 8) === 0 && k > 0x7fffffff ? 1 : 0
  const near = jf === 0 || (jt === 0 && (code & 0xf0) !== 0x40)
  return constant + (near ? 1 : 2)
}
