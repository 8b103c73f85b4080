import { opcode, type Instruction } from '../../src/layers/seccomp/code/bpf.js'

const conditional: readonly number[] = [opcode.jumpEqual, opcode.jumpGreater, opcode.jumpGreaterEqual, opcode.jumpSet]

/** Bits of constants that are flipped. */
export type Bits = 'all bits' | 'some bits'

/** Every program that differs from one in a small mistake at one instruction. */
export function mutantsOf(
  program: readonly Instruction[],
  index: number,
  bits: Bits,
): readonly (readonly Instruction[])[] {
  const instruction = program[index]
  if (instruction === undefined) return []
  const changed = wrongInstructions(instruction, bits).map((wrong) => program.with(index, wrong))
  return [...changed, program.toSpliced(index, 1)]
}

function wrongInstructions(instruction: Instruction, bits: Bits): readonly Instruction[] {
  const { code, jt, jf, k } = instruction
  if (conditional.includes(code)) {
    const jumps = [
      { jt: jf, jf: jt },
      { jt: jt + 1, jf },
      { jt: jt - 1, jf },
      { jt, jf: jf + 1 },
      { jt, jf: jf - 1 },
    ].filter(
      (one) => (one.jt !== jt || one.jf !== jf) && Math.min(one.jt, one.jf) >= 0 && Math.max(one.jt, one.jf) < 256,
    )
    return [
      ...jumps.map((one) => ({ ...instruction, ...one })),
      ...conditional.filter((other) => other !== code).map((other) => ({ ...instruction, code: other })),
      ...constants(k, bits).map((other) => ({ ...instruction, k: other })),
    ]
  }
  switch (code) {
    case opcode.load:
      return Array.from({ length: 16 }, (_, word) => 4 * word)
        .filter((offset) => offset !== k)
        .map((offset) => ({ ...instruction, k: offset }))
    case opcode.jumpAlways:
      return [k - 1, k + 1].filter((other) => other >= 0).map((other) => ({ ...instruction, k: other }))
    default:
      return constants(k, bits).map((other) => ({ ...instruction, k: other }))
  }
}

/** One more, one less, and bits flipped. */
function constants(k: number, bits: Bits): readonly number[] {
  const places = bits === 'all bits' ? Array.from({ length: 32 }, (_, bit) => bit) : [0, 1, 4, 15, 16, 31]
  const flipped = places.map((bit) => (k ^ (1 << bit)) >>> 0)
  return [...new Set([(k + 1) >>> 0, (k - 1) >>> 0, ...flipped])]
}
