import { opcode, type Instruction } from '../code/bpf.js'

const alu = ['add', 'sub', 'mul', 'div', 'or', 'and', 'lsh', 'rsh', 'neg', 'mod', 'xor']
const jumps = ['ja', 'jeq', 'jgt', 'jge', 'jset']

/** One instruction in the notation of the kernel's assembler (Documentation/networking/filter.rst). */
export function mnemonicOf({ code, jt, jf, k }: Instruction, index: number): string {
  const hex = `#0x${k.toString(16)}`
  const fixed = fixedWords.get(code)
  if (fixed !== undefined) return fixed
  const operation = (code & 0xf0) >> 4
  switch (code) {
    case opcode.load:
      return `ld [${k}]`
    case opcode.return:
      return `ret ${hex}`
    case opcode.jumpAlways:
      return `ja ${label(index + 1 + k)}`
    case 0x00:
      return `ld ${hex}`
    case 0x01:
      return `ldx ${hex}`
    case 0x60:
      return `ld M[${k}]`
    case 0x61:
      return `ldx M[${k}]`
    case 0x02:
      return `st M[${k}]`
    case 0x03:
      return `stx M[${k}]`
  }
  const operand = (code & 8) === 0 ? hex : 'x'
  const word = (code & 7) === 5 ? jumps[operation] : alu[operation]
  if (word === undefined || code > 0xff) return `.word 0x${code.toString(16)} ${jt} ${jf} ${hex}`
  if ((code & 7) === 5) return `${word} ${operand}, ${label(index + 1 + jt)}, ${label(index + 1 + jf)}`
  return (code & 7) === 4 ? `${word} ${operand}` : `.word 0x${code.toString(16)} ${jt} ${jf} ${hex}`
}

const fixedWords: ReadonlyMap<number, string> = new Map([
  [0x16, 'ret a'],
  [0x07, 'tax'],
  [0x87, 'txa'],
  [0x84, 'neg'],
  [0x80, 'ld #len'],
  [0x81, 'ldx #len'],
])

/** The name of the place that an instruction stands at. */
export function label(index: number): string {
  return `L${index}`
}
