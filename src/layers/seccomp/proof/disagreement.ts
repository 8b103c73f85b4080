import { InternalError } from '../../../core/errors.js'
import { returnValue } from '../action.js'
import { dataSize, field, type Instruction } from '../code/bpf.js'
import { maximum, type Range } from '../code/ranges.js'
import { simulate, type SeccompData } from '../code/simulate.js'
import type { Word64 } from '../condition/test.js'
import { answer, type Meaning } from '../meaning.js'
import { always, never, noBit, type Bdd, type Bdds } from './bdd.js'
import { ifAtLeast, whole, wordAt } from './bits.js'
import type { Part } from './reference.js'

/** The words of seccomp_data (simulate.ts). */
type Words = readonly number[]

/** Words of a part for which a function is not what is wanted; null: there are none. */
export function differenceIn(bdds: Bdds, { arch, number, wanted }: Part, found: Bdd): Words | null {
  const inside = bdds.either(isIn(bdds, field.arch, arch), isIn(bdds, field.number, number), never)
  const cut = bdds.either(inside, found, wanted)
  return cut === wanted ? null : differentWords(bdds, cut, wanted)
}

function isIn(bdds: Bdds, offset: number, { from, to }: Range): Bdd {
  const word = whole(wordAt(offset))
  const upTo = to === maximum ? always : ifAtLeast(bdds, word, to + 1, never, always)
  return ifAtLeast(bdds, word, from, upTo, never)
}

/** Words for which two different functions differ; bits that decide nothing are clear. */
function differentWords(bdds: Bdds, one: Bdd, other: Bdd): Words {
  const set = new Set<number>()
  let left = one
  let right = other
  for (let bit = first(); bit !== noBit; bit = first()) {
    const differ = bdds.whereSet(left, bit) !== bdds.whereSet(right, bit)
    if (differ) set.add(bit)
    left = differ ? bdds.whereSet(left, bit) : bdds.whereClear(left, bit)
    right = differ ? bdds.whereSet(right, bit) : bdds.whereClear(right, bit)
  }
  return Array.from({ length: dataSize / 4 }, (_, index) => {
    const bits = Array.from({ length: 32 }, (_bit, place) => set.has(wordAt(4 * index) + place))
    return bits.reduce((word, bit) => word * 2 + (bit ? 1 : 0), 0)
  })
  function first(): number {
    return Math.min(bdds.bitOf(left), bdds.bitOf(right))
  }
}

/** The error for words on which program and meaning differ; their plain definitions have to differ there too. */
export function disagreement(program: readonly Instruction[], meaning: Meaning, words: Words): InternalError {
  const { arch, number, args } = dataOf(words)
  const { value } = simulate(program, words)
  const expected = returnValue(answer(meaning, arch, number, args))
  if (value === expected) return new InternalError(`the proof errs: filter and policy agree on ${describe(words)}`)
  const answers = `0x${value.toString(16)} for 0x${expected.toString(16)}`
  return new InternalError(`filter and policy disagree on ${describe(words)}: ${answers}`)
}

/** The error for calls that the kernel would filter each time, though they are always allowed. */
export function lateAllow({ arch, number }: Part, index: number): InternalError {
  const call = `call ${number.from} of arch 0x${arch.from.toString(16)}`
  return new InternalError(`instruction ${index} looks at more than the number of ${call}, which is always allowed`)
}

function dataOf(words: Words): SeccompData {
  const word = (offset: number): number => words[offset / 4] ?? 0
  const args = Array.from({ length: 6 }, (_, index): Word64 => {
    const offset = field.arguments + 8 * index
    return { hi: word(offset + 4), lo: word(offset) }
  })
  return { arch: word(field.arch), number: word(field.number), args }
}

function describe(words: Words): string {
  const { arch, number, args } = dataOf(words)
  const values = args.map(({ hi, lo }) => `${hi.toString(16)}:${lo.toString(16)}`)
  const pointer = words.slice(2, 4).some((word) => word !== 0) ? ', some instruction pointer' : ''
  return `arch 0x${arch.toString(16)}, call ${number}, arguments ${values.join(' ')}${pointer}`
}
