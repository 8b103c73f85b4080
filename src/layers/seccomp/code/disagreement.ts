import { InternalError } from '../../../core/errors.js'
import { returnValue } from '../action.js'
import type { Word64 } from '../condition/test.js'
import { answer, type Meaning } from '../meaning.js'
import { always, never, noBit, type Bdd, type Bdds } from './bdd.js'
import { ifAtLeast, wordAt } from './bits.js'
import { field, type Instruction } from './bpf.js'
import { maximum, type Range } from './ranges.js'
import type { Part } from './reference.js'
import { dataWords, simulate, type SeccompData } from './simulate.js'

/** Data of a part for which a function is not what is wanted; null: there is none. */
export function differenceIn(bdds: Bdds, { arch, number, wanted }: Part, found: Bdd): SeccompData | null {
  const inside = bdds.either(isIn(bdds, field.arch, arch), isIn(bdds, field.number, number), never)
  const cut = bdds.either(inside, found, wanted)
  return cut === wanted ? null : differentData(bdds, cut, wanted)
}

function isIn(bdds: Bdds, offset: number, { from, to }: Range): Bdd {
  const word = wordAt(offset)
  const upTo = to === maximum ? always : ifAtLeast(bdds, word, to + 1, never, always)
  return ifAtLeast(bdds, word, from, upTo, never)
}

/** Data for which two different functions differ; bits that decide nothing are clear. */
function differentData(bdds: Bdds, one: Bdd, other: Bdd): SeccompData {
  const set = new Set<number>()
  let left = one
  let right = other
  for (let bit = first(); bit !== noBit; bit = first()) {
    const differ = bdds.whereSet(left, bit) !== bdds.whereSet(right, bit)
    if (differ) set.add(bit)
    left = differ ? bdds.whereSet(left, bit) : bdds.whereClear(left, bit)
    right = differ ? bdds.whereSet(right, bit) : bdds.whereClear(right, bit)
  }
  return {
    arch: wordOf(set, field.arch),
    number: wordOf(set, field.number),
    args: Array.from({ length: 6 }, (_, index): Word64 => {
      const offset = field.arguments + 8 * index
      return { hi: wordOf(set, offset + 4), lo: wordOf(set, offset) }
    }),
  }
  function first(): number {
    return Math.min(bdds.bitOf(left), bdds.bitOf(right))
  }
}

function wordOf(set: ReadonlySet<number>, offset: number): number {
  const start = wordAt(offset)
  return Array.from({ length: 32 }, (_, place) => set.has(start + place)).reduce(
    (word, bit) => word * 2 + (bit ? 1 : 0),
    0,
  )
}

/** The error for data on which program and meaning differ; their plain definitions have to differ there too. */
export function disagreement(program: readonly Instruction[], meaning: Meaning, data: SeccompData): InternalError {
  const { value } = simulate(program, dataWords(data))
  const expected = returnValue(answer(meaning, data.arch, data.number, data.args))
  if (value === expected) return new InternalError(`the proof errs: filter and policy agree on ${describe(data)}`)
  const answers = `0x${value.toString(16)} for 0x${expected.toString(16)}`
  return new InternalError(`filter and policy disagree on ${describe(data)}: ${answers}`)
}

/** The error for calls that the kernel would filter each time, though they are always allowed. */
export function lateAllow({ arch, number }: Part, index: number): InternalError {
  const call = `call ${number.from} of arch 0x${arch.from.toString(16)}`
  return new InternalError(`instruction ${index} looks at more than the number of ${call}, which is always allowed`)
}

function describe({ arch, number, args }: SeccompData): string {
  const values = args.map(({ hi, lo }) => `${hi.toString(16)}:${lo.toString(16)}`)
  return `arch 0x${arch.toString(16)}, call ${number}, arguments ${values.join(' ')}`
}
