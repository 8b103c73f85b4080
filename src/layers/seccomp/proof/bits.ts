import { field } from '../code/bpf.js'
import { maximum } from '../code/ranges.js'
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

/** A word of which a mask lets some bits through; the others read as clear. */
export interface Masked {
  readonly word: number
  readonly mask: number
}

/** All bits of a word. */
export function whole(word: number): Masked {
  return { word, mask: maximum }
}

/** `yes` where a word is `k`, else `no`. */
export function ifEqual(bdds: Bdds, masked: Masked, k: number, yes: Bdd, no: Bdd): Bdd {
  const { word, mask } = masked
  if ((k & ~mask) !== 0) return no
  if (!comeAfter(bdds, masked, yes, no)) return bdds.either(ifEqual(bdds, masked, k, always, never), yes, no)
  const from = (place: number, same: Bdd, other: Bdd): Bdd => {
    if (place === width || same === other) return same
    if (!isSet(mask, place)) return from(place + 1, same, other)
    const bit = word + place
    const set = bdds.whereSet(other, bit)
    const clear = bdds.whereClear(other, bit)
    return isSet(k, place)
      ? bdds.ask(bit, from(place + 1, bdds.whereSet(same, bit), set), clear)
      : bdds.ask(bit, set, from(place + 1, bdds.whereClear(same, bit), clear))
  }
  return from(0, yes, no)
}

/** `yes` where a word is at least `k`, else `no`. */
export function ifAtLeast(bdds: Bdds, masked: Masked, k: number, yes: Bdd, no: Bdd): Bdd {
  const { word, mask } = masked
  if (!comeAfter(bdds, masked, yes, no)) return bdds.either(ifAtLeast(bdds, masked, k, always, never), yes, no)
  const from = (place: number, above: Bdd, below: Bdd): Bdd => {
    if (place === width || above === below) return above
    if (!isSet(mask, place)) return isSet(k, place) ? below : from(place + 1, above, below)
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

/** `yes` where a word and `bits` have a bit in common, else `no`. */
export function ifAnySet(bdds: Bdds, { word, mask }: Masked, bits: number, yes: Bdd, no: Bdd): Bdd {
  if (Math.min(bdds.bitOf(yes), bdds.bitOf(no)) < endOf(word)) {
    return bdds.either(ifAnySet(bdds, { word, mask }, bits, always, never), yes, no)
  }
  return places.reduceRight((rest, place) => (isSet(bits & mask, place) ? bdds.ask(word + place, yes, rest) : rest), no)
}

/** Whether no bit before a word is asked, and, where a mask hides some of its bits, none of those. */
function comeAfter(bdds: Bdds, { word, mask }: Masked, yes: Bdd, no: Bdd): boolean {
  return Math.min(bdds.bitOf(yes), bdds.bitOf(no)) >= (mask === maximum ? word : endOf(word))
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
