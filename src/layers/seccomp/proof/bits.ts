import { field } from '../code/bpf.js'
import { always, never, type Bdd, type Bdds } from './bdd.js'

/**
 * The order of the bits: the accumulator, then what a filter mostly asks first. Each word has 32, the highest first,
 * and the upper half of an argument comes before the lower one, so that orders and equality need few diagrams.
 */
const width = 32
export const accumulator = 0
const archWord = width
const numberWord = 2 * width
const firstArgument = 3 * width
const instructionPointer = firstArgument + 12 * width

/** The first bit of the word at an offset of seccomp_data (little-endian, as all our arches are). */
export function wordAt(offset: number): number {
  if (offset === field.arch) return archWord
  if (offset === field.number) return numberWord
  if (offset < field.arguments) return instructionPointer + (offset === 8 ? width : 0)
  const halves = (offset - field.arguments) / 4
  return firstArgument + width * (halves % 2 === 0 ? halves + 1 : halves - 1)
}

/** The first bit after a word. */
export function endOf(word: number): number {
  return word + width
}

/** `yes` where a word is `k`, else `no`; neither asks bits before the word. */
export function ifEqual(bdds: Bdds, word: number, k: number, yes: Bdd, no: Bdd): Bdd {
  const from = (place: number, same: Bdd, other: Bdd): Bdd => {
    if (place === width || same === other) return same
    const bit = word + place
    const set = bdds.whereSet(other, bit)
    const clear = bdds.whereClear(other, bit)
    return isSet(k, place)
      ? bdds.ask(bit, from(place + 1, bdds.whereSet(same, bit), set), clear)
      : bdds.ask(bit, set, from(place + 1, bdds.whereClear(same, bit), clear))
  }
  return from(0, yes, no)
}

/** `yes` where a word is at least `k`, else `no`; neither asks bits before the word. */
export function ifAtLeast(bdds: Bdds, word: number, k: number, yes: Bdd, no: Bdd): Bdd {
  const from = (place: number, above: Bdd, below: Bdd): Bdd => {
    if (place === width || above === below) return above
    const bit = word + place
    return isSet(k, place)
      ? bdds.ask(
          bit,
          from(place + 1, bdds.whereSet(above, bit), bdds.whereSet(below, bit)),
          bdds.whereClear(below, bit),
        )
      : bdds.ask(
          bit,
          bdds.whereSet(above, bit),
          from(place + 1, bdds.whereClear(above, bit), bdds.whereClear(below, bit)),
        )
  }
  return from(0, yes, no)
}

/** `yes` where a word and `mask` have a bit in common, else `no`. */
export function ifAnySet(bdds: Bdds, word: number, mask: number, yes: Bdd, no: Bdd): Bdd {
  const test = places.toReversed().reduce<Bdd>((rest, place) => {
    return isSet(mask, place) ? bdds.ask(word + place, always, rest) : rest
  }, never)
  return bdds.either(test, yes, no)
}

/** The bits of a word as functions, the highest first. */
export function bitsOf(bdds: Bdds, word: number): readonly Bdd[] {
  return places.map((place) => bdds.ask(word + place, always, never))
}

/** The bits of a constant. */
export function constantBits(k: number): readonly Bdd[] {
  return places.map((place) => (isSet(k, place) ? always : never))
}

/** The bits of a sum, without the carry out of the highest. */
export function sum(bdds: Bdds, a: readonly Bdd[], b: readonly Bdd[], carryIn: Bdd): readonly Bdd[] {
  let carry = carryIn
  const added = places.toReversed().map((place) => {
    const [left, right] = [a[place] ?? never, b[place] ?? never]
    const rightClear = bdds.either(right, never, always)
    const differ = bdds.either(left, rightClear, right)
    const bit = bdds.either(carry, bdds.either(differ, never, always), differ)
    carry = bdds.either(differ, carry, left)
    return bit
  })
  return added.toReversed()
}

const places: readonly number[] = Array.from({ length: width }, (_, place) => place)

function isSet(k: number, place: number): boolean {
  return ((k >>> (width - 1 - place)) & 1) === 1
}
