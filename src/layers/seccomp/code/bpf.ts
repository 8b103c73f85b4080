import { InternalError } from '../../../core/errors.js'

/** One classic BPF instruction, `struct sock_filter` of linux/filter.h. */
export interface Instruction {
  readonly code: number
  readonly jt: number
  readonly jf: number
  readonly k: number
}

/** The opcodes that we emit (linux/bpf_common.h). */
export const opcode = {
  load: 0x20, // LD | W | ABS
  and: 0x54, // ALU | AND | K
  jumpAlways: 0x05, // JMP | JA
  jumpEqual: 0x15, // JMP | JEQ | K
  jumpGreater: 0x25, // JMP | JGT | K
  jumpGreaterEqual: 0x35, // JMP | JGE | K
  jumpSet: 0x45, // JMP | JSET | K
  return: 0x06, // RET | K
} as const

/** Offsets in struct seccomp_data; argument i has its low word at 16 + 8i, on our little-endian arches. */
export const field = { number: 0, arch: 4, arguments: 16 } as const
export const dataSize = 64

/** BPF_MAXINSNS: the kernel takes no longer filter. */
export const maximumInstructions = 4096

/** The bytes of a program: 8 an instruction, little-endian. */
export function encodeProgram(program: readonly Instruction[]): Uint8Array {
  const bytes = new Uint8Array(program.length * 8)
  const view = new DataView(bytes.buffer)
  program.forEach(({ code, jt, jf, k }, index) => {
    view.setUint16(index * 8, code, true)
    view.setUint8(index * 8 + 2, jt)
    view.setUint8(index * 8 + 3, jf)
    view.setUint32(index * 8 + 4, k, true)
  })
  return bytes
}

/** The program in some bytes; throws `InternalError` if they are not whole instructions. */
export function decodeProgram(bytes: Uint8Array): readonly Instruction[] {
  if (bytes.length % 8 !== 0) throw new InternalError(`a filter of ${bytes.length} bytes is no array of sock_filter`)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return Array.from({ length: bytes.length / 8 }, (_, index) => ({
    code: view.getUint16(index * 8, true),
    jt: view.getUint8(index * 8 + 2),
    jf: view.getUint8(index * 8 + 3),
    k: view.getUint32(index * 8 + 4, true),
  }))
}
