import { field, opcode, type Instruction } from '../code/bpf.js'

/** SECCOMP_RET_ALLOW without data. */
const allow = 0x7fff0000

/**
 * Whether the kernel keeps "allowed" for a number and runs no filter for it at all (since 5.11): seccomp_is_const_allow
 * of kernel/seccomp.c, which gives up at the first instruction that is not a test of the number or the arch.
 */
export function isConstantAllow(program: readonly Instruction[], audit: number, number: number): boolean {
  let held = 0
  for (let index = 0; index < program.length; index += 1) {
    const instruction = program[index]
    if (instruction === undefined) return false
    const { code, jt, jf, k } = instruction
    switch (code) {
      case opcode.load:
        if (k !== field.number && k !== field.arch) return false
        held = k === field.number ? number : audit
        break
      case opcode.return:
        return k === allow
      case opcode.jumpAlways:
        index += k
        break
      case opcode.jumpEqual:
        index += held === k ? jt : jf
        break
      case opcode.jumpGreaterEqual:
        index += held >= k ? jt : jf
        break
      case opcode.jumpGreater:
        index += held > k ? jt : jf
        break
      case opcode.jumpSet:
        index += (held & k) !== 0 ? jt : jf
        break
      case opcode.and:
        held = (held & k) >>> 0
        break
      default:
        return false
    }
  }
  return false
}
