import { InternalError } from '../../../core/errors.js'
import { opcode, type Instruction } from '../code/bpf.js'
import { maximum } from '../code/ranges.js'
import { always, never, type Bdd, type Bdds } from './bdd.js'
import {
  accumulator,
  bitsOf,
  constantBits,
  endOf,
  ifAnySet,
  ifAtLeast,
  ifEqual,
  sum,
  whole,
  wordAt,
  type Masked,
} from './bits.js'
import { heldWords } from './held-words.js'

/**
 * What a program returns from some places on, as functions of the accumulator and of seccomp_data. They are made from
 * the last instruction to the first: each has the function of what is left of the program. So no path is followed
 * twice, however many meet. Where it is known which word the accumulator holds, its bits are those of that word. The
 * program has passed check.ts. Throws `InternalError` on instructions that the proof does not know: whatever uses X or
 * the scratch memory, multiplies or divides.
 */
export function functionsOfProgram(
  bdds: Bdds,
  program: readonly Instruction[],
  starts: ReadonlySet<number>,
): ReadonlyMap<number, Bdd> {
  const held = heldWords(program, starts)
  const functions = new Map<number, Bdd>()
  for (let index = program.length - 1; index >= 0; index -= 1) {
    const instruction = program[index]
    const here = held.get(index)
    if (instruction === undefined || here === undefined) continue
    const after = (distance: number): Bdd => {
      const found = functions.get(index + 1 + distance)
      if (found === undefined) throw new InternalError('a filter ended without a return')
      return found
    }
    functions.set(index, functionOf(bdds, instruction, index, here, after))
  }
  return functions
}

function functionOf(
  bdds: Bdds,
  instruction: Instruction,
  index: number,
  held: Masked | null,
  after: (distance: number) => Bdd,
): Bdd {
  const { code, jt, jf, k } = instruction
  const tested = held ?? whole(accumulator)
  switch (code) {
    case opcode.return:
      return bdds.leaf(k)
    case opcode.load:
      return loaded(bdds, after(0), wordAt(k))
    case opcode.jumpAlways:
      return after(k)
    case opcode.jumpEqual:
      return ifEqual(bdds, tested, k, after(jt), after(jf))
    case opcode.jumpGreaterEqual:
      return ifAtLeast(bdds, tested, k, after(jt), after(jf))
    case opcode.jumpGreater:
      return k === maximum ? after(jf) : ifAtLeast(bdds, tested, k + 1, after(jt), after(jf))
    case opcode.jumpSet:
      return ifAnySet(bdds, tested, k, after(jt), after(jf))
    case opcode.and:
      if (isFree(bdds, after(0))) return after(0)
      return bdds.replace(after(0), calculated(bdds, instruction, index), (rest) => rest)
    default:
      return bdds.replace(after(0), calculated(bdds, instruction, index), (rest) => rest)
  }
}

/** A function whose accumulator holds a word. */
function loaded(bdds: Bdds, of: Bdd, word: number): Bdd {
  if (isFree(bdds, of)) return of
  const bits = bitsOf(bdds, word)
  const rests = [...bdds.restsAfter(of, endOf(accumulator))]
  const [first = of, ...others] = rests
  // Where the program asks a later word first, word by word is faster than bit by bit.
  const inOrder = rests.every((rest) => bdds.bitOf(rest) >= endOf(word))
  if (inOrder || others.length > fewRests) return bdds.replace(of, bits, (rest) => rest)
  return others.reduce((sofar, other) => {
    const where = bdds.replace(of, bits, (rest) => (rest === other ? always : never))
    return bdds.either(where, other, sofar)
  }, first)
}

const fewRests = 8

/** Whether a function does not depend on the accumulator. */
function isFree(bdds: Bdds, of: Bdd): boolean {
  return bdds.bitOf(of) >= endOf(accumulator)
}

/** The bits of the accumulator after an instruction that calculates with a constant. */
function calculated(bdds: Bdds, { code, k }: Instruction, index: number): readonly Bdd[] {
  const held = bitsOf(bdds, accumulator)
  const constant = constantBits(k)
  const not = (bit: Bdd): Bdd => bdds.either(bit, never, always)
  const both = (combine: (bit: Bdd, other: Bdd) => Bdd): readonly Bdd[] =>
    held.map((bit, place) => combine(bit, constant[place] ?? never))
  switch (code) {
    case opcode.and:
      return both((bit, other) => bdds.either(other, bit, never))
    case arithmetic.or:
      return both((bit, other) => bdds.either(other, always, bit))
    case arithmetic.exclusiveOr:
      return both((bit, other) => bdds.either(other, not(bit), bit))
    case arithmetic.add:
      return sum(bdds, held, constant, never)
    case arithmetic.subtract:
      // a - k = a + ~k + 1
      return sum(bdds, held, constant.map(not), always)
    case arithmetic.shiftLeft:
      return held.map((_, place) => held[place + k] ?? never)
    case arithmetic.shiftRight:
      return held.map((_, place) => held[place - k] ?? never)
    default:
      throw new InternalError(`the proof does not know instruction ${index} (0x${code.toString(16)})`)
  }
}

/** ALU instructions with a constant (linux/bpf_common.h). */
const arithmetic = {
  add: 0x04,
  subtract: 0x14,
  or: 0x44,
  shiftLeft: 0x64,
  shiftRight: 0x74,
  exclusiveOr: 0xa4,
} as const
