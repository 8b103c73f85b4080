import { dataSize, maximumInstructions, type Instruction } from './bpf.js'

/** Parts of an opcode (linux/bpf_common.h). */
const memorySlots = 16
const plainCodes: ReadonlySet<number> = new Set([
  // LD W LEN, LDX W LEN, LD IMM, LDX IMM, TAX, TXA, NEG
  0x80, 0x81, 0x00, 0x01, 0x07, 0x87, 0x84,
  // ALU ADD SUB MUL OR AND XOR with K, and with X (DIV LSH RSH included)
  0x04, 0x14, 0x24, 0x44, 0x54, 0xa4, 0x0c, 0x1c, 0x2c, 0x3c, 0x4c, 0x5c, 0xac, 0x6c, 0x7c,
])
const conditionalJumps: ReadonlySet<number> = new Set([0x15, 0x1d, 0x25, 0x2d, 0x35, 0x3d, 0x45, 0x4d])
const [loadWord, loadMemory, loadXMemory, store, storeX] = [0x20, 0x60, 0x61, 0x02, 0x03]
const [divide, shiftLeft, shiftRight, jumpAlways, returnK, returnA] = [0x34, 0x64, 0x74, 0x05, 0x06, 0x16]

/**
 * The kernel's own check of a seccomp filter (bpf_check_classic and seccomp_check_filter): why it would refuse the
 * program with EINVAL, or null.
 */
export function refusalOf(program: readonly Instruction[]): string | null {
  if (program.length === 0) return 'no instructions'
  if (program.length > maximumInstructions) return `more than ${maximumInstructions} instructions`
  for (let index = 0; index < program.length; index += 1) {
    const instruction = program[index]
    const refusal = instruction === undefined ? null : instructionRefusal(instruction, index, program.length)
    if (refusal !== null) return `instruction ${index}: ${refusal}`
  }
  const last = program.at(-1)
  if (last?.code !== returnK && last?.code !== returnA) return 'the last instruction is no return'
  return memoryRefusal(program)
}

function instructionRefusal({ code, jt, jf, k }: Instruction, index: number, length: number): string | null {
  // struct sock_filter has a byte for each: more would be cut off where the program becomes bytes.
  if (jt > 0xff || jf > 0xff) return 'a jump farther than 255'
  if (plainCodes.has(code) || code === returnK || code === returnA) return null
  if (conditionalJumps.has(code)) {
    return index + 1 + Math.max(jt, jf) < length ? null : 'jump past the end'
  }
  switch (code) {
    case loadWord:
      return k < dataSize && k % 4 === 0 ? null : 'load outside seccomp_data'
    case loadMemory:
    case loadXMemory:
    case store:
    case storeX:
      return k < memorySlots ? null : 'no such memory slot'
    case divide:
      return k === 0 ? 'division by zero' : null
    case shiftLeft:
    case shiftRight:
      return k < 32 ? null : 'shift by more than 31'
    case jumpAlways:
      return k < length - index - 1 ? null : 'jump past the end'
    default:
      return `opcode 0x${code.toString(16)} is not for filters`
  }
}

/** check_load_and_stores: a slot is read only where every path before it has written it. */
function memoryRefusal(program: readonly Instruction[]): string | null {
  if (!program.some(({ code }) => code === loadMemory || code === loadXMemory)) return null
  const written = program.map(() => 0xffff)
  let valid = 0
  const reach = (index: number): void => {
    written[index] = (written[index] ?? 0) & valid
  }
  for (const [index, { code, jt, jf, k }] of program.entries()) {
    valid &= written[index] ?? 0
    if (code === store || code === storeX) valid |= 1 << k
    if ((code === loadMemory || code === loadXMemory) && (valid & (1 << k)) === 0) {
      return `instruction ${index}: memory slot ${k} is read before it is written`
    }
    if (code === jumpAlways) {
      reach(index + 1 + k)
      valid = 0xffff
    }
    if (conditionalJumps.has(code)) {
      reach(index + 1 + jt)
      reach(index + 1 + jf)
      valid = 0xffff
    }
  }
  return null
}
