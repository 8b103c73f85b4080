import { opcode, type Instruction } from '../code/bpf.js'
import { whole, wordAt, type Masked } from './bits.js'

/**
 * What the accumulator holds before each instruction that some of `starts` lead to: a word under a mask, where every way
 * to it agrees on one; else null, as at the starts themselves. All jumps go forward, so one pass finds it.
 */
export function heldWords(
  program: readonly Instruction[],
  starts: ReadonlySet<number>,
): ReadonlyMap<number, Masked | null> {
  const held = new Map<number, Masked | null>(Array.from(starts, (start) => [start, null]))
  const lead = (to: number, here: Masked | null): void => {
    const known = held.get(to)
    if (known === undefined) held.set(to, here)
    else if (known?.word !== here?.word || known?.mask !== here?.mask) held.set(to, null)
  }
  program.forEach((instruction, index) => {
    const here = held.get(index)
    const { code, jt, jf, k } = instruction
    if (here === undefined || code === opcode.return) return
    const conditional = (code & 7) === 5 && code !== opcode.jumpAlways
    if (conditional) lead(index + 1 + jt, here)
    lead(index + 1 + (conditional ? jf : code === opcode.jumpAlways ? k : 0), heldAfter(here, instruction))
  })
  return held
}

function heldAfter(held: Masked | null, { code, k }: Instruction): Masked | null {
  // Jumps leave the accumulator as it is.
  if ((code & 7) === 5) return held
  if (code === opcode.load) return whole(wordAt(k))
  return code === opcode.and && held !== null ? { word: held.word, mask: (held.mask & k) >>> 0 } : null
}
