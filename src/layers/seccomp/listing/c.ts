import { auditArch } from '../arch.js'
import { field, opcode, type Instruction } from '../code/bpf.js'
import { answerOf } from './answers.js'
import { arches } from './flow.js'
import { linesOf, type Line } from './lines.js'
import { headLines, type Listed } from './listed.js'
import { mnemonicOf } from './mnemonic.js'
import type { Arch } from '../../../host/facts.js'

/** A C definition of the filter, as a program can include it, in the macros of linux/filter.h. */
export function listingC(listed: Listed): string {
  const lines = linesOf(listed.program, listed.meaning)
  return [
    ...comment(headLines(listed)),
    ...comment([
      'Load it with no_new_privs set (prctl(2)):',
      '  struct sock_fprog program = { sizeof filter / sizeof filter[0], (struct sock_filter *)filter };',
      '  syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program);',
    ]),
    '#include <linux/audit.h>',
    '#include <linux/filter.h>',
    '#include <linux/seccomp.h>',
    '#include <stddef.h>',
    '',
    'static const struct sock_filter filter[] __attribute__((__unused__)) = {',
    ...lines.flatMap(lineC),
    '};',
    '',
  ].join('\n')
}

/** What a text of ours holds must not end the comment, nor join lines. */
function comment(lines: readonly string[]): readonly string[] {
  return lines.map((line) => `/* ${safe(line)} */`)
}

function safe(text: string): string {
  return text.replaceAll('*/', '* /').replaceAll('/*', '/ *').replaceAll('\\', '/')
}

function lineC({ index, instruction, comment: note, heading }: Line): readonly string[] {
  const { code, jt, jf, k } = instruction
  const macro =
    (code & 7) === 5 && code !== opcode.jumpAlways
      ? `BPF_JUMP(${codeC(code)}, ${operandC(instruction)}, ${jt}, ${jf}),`
      : jt === 0 && jf === 0
        ? `BPF_STMT(${codeC(code)}, ${operandC(instruction)}),`
        : `{ 0x${code.toString(16)}, ${jt}, ${jf}, 0x${k.toString(16)} },`
  const words = note === '' ? mnemonicOf(instruction, index) : note
  return [...heading.map((line) => `  /* ${safe(line)} */`), `  ${macro} /* ${index}: ${safe(words)} */`]
}

function codeC(code: number): string {
  switch (code) {
    case opcode.load:
      return 'BPF_LD | BPF_W | BPF_ABS'
    case opcode.and:
      return 'BPF_ALU | BPF_AND | BPF_K'
    case opcode.jumpAlways:
      return 'BPF_JMP | BPF_JA'
    case opcode.jumpEqual:
      return 'BPF_JMP | BPF_JEQ | BPF_K'
    case opcode.jumpGreater:
      return 'BPF_JMP | BPF_JGT | BPF_K'
    case opcode.jumpGreaterEqual:
      return 'BPF_JMP | BPF_JGE | BPF_K'
    case opcode.jumpSet:
      return 'BPF_JMP | BPF_JSET | BPF_K'
    case opcode.return:
      return 'BPF_RET | BPF_K'
    default:
      return `0x${code.toString(16)}`
  }
}

function operandC({ code, k }: Instruction): string {
  if (code === opcode.return) return answerOf(k).constant
  if (code === opcode.load) return fieldC(k)
  if (code === opcode.jumpAlways) return String(k)
  const arch = code === opcode.jumpEqual ? arches.find((one) => auditArch[one] === k) : undefined
  return arch === undefined ? `0x${k.toString(16)}` : auditNames[arch]
}

const auditNames: { readonly [A in Arch]: string } = {
  x86_64: 'AUDIT_ARCH_X86_64',
  i386: 'AUDIT_ARCH_I386',
  aarch64: 'AUDIT_ARCH_AARCH64',
  arm: 'AUDIT_ARCH_ARM',
  riscv64: 'AUDIT_ARCH_RISCV64',
}

function fieldC(offset: number): string {
  if (offset === field.number) return 'offsetof(struct seccomp_data, nr)'
  if (offset === field.arch) return 'offsetof(struct seccomp_data, arch)'
  if (offset < field.arguments) return String(offset)
  const place = `offsetof(struct seccomp_data, args[${Math.floor((offset - field.arguments) / 8)}])`
  return offset % 8 === 0 ? place : `${place} + 4`
}
