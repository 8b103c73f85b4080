import type { Bdd } from './bdd.js'

/** All diagrams: what each asks, and where it goes on. */
export interface Columns {
  readonly bits: number[]
  readonly sets: Bdd[]
  readonly clears: Bdd[]
}

/** Finds the diagram that asks `bit` and goes on with `set` or `clear`, or makes it at the end of the columns. */
export type Find = (bit: number, set: Bdd, clear: Bdd) => Bdd

/** A hash table with open addressing over three columns: one lookup for each diagram that is made, so it is hot. */
export function makeIndex({ bits, sets, clears }: Columns): Find {
  // 0 is an empty slot: the first two diagrams are the leaves of yes and no, which are never looked for.
  let slots = new Int32Array(1 << 13)
  const grow = (): void => {
    slots = new Int32Array(slots.length * 4)
    const mask = slots.length - 1
    for (let at = 2; at < bits.length; at += 1) {
      let slot = mix(bits[at] ?? 0, sets[at] ?? 0, clears[at] ?? 0) & mask
      while (slots[slot] !== 0) slot = (slot + 1) & mask
      slots[slot] = at
    }
  }
  return (bit, set, clear) => {
    const mask = slots.length - 1
    let slot = mix(bit, set, clear) & mask
    for (let at = slots[slot] ?? 0; at !== 0; at = slots[slot] ?? 0) {
      if (clears[at] === clear && sets[at] === set && bits[at] === bit) return at
      slot = (slot + 1) & mask
    }
    const made = bits.length
    bits[made] = bit
    sets[made] = set
    clears[made] = clear
    slots[slot] = made
    if (made * 2 > mask) grow()
    return made
  }
}

/** Results by three operands. A newer one may take the place of an older one: forgetting costs time only. */
export interface Cache {
  readonly get: (a: Bdd, b: Bdd, c: Bdd) => Bdd | null
  readonly put: (a: Bdd, b: Bdd, c: Bdd, result: Bdd) => void
}

/** Places of a cache: few at first, because most policies need few, and each page of memory costs time. */
const [fewest, most] = [1 << 10, 1 << 16]

/** An empty cache. The first operand is never 0, so 0 is an empty place. */
export function makeCache(): Cache {
  let places = new Int32Array(fewest * 4)
  let put = 0
  const placeOf = (a: Bdd, b: Bdd, c: Bdd): number => (mix(a, b, c) & (places.length / 4 - 1)) * 4
  return {
    get: (a, b, c) => {
      const place = placeOf(a, b, c)
      if (places[place] !== a || places[place + 1] !== b || places[place + 2] !== c) return null
      return places[place + 3] ?? null
    },
    put: (a, b, c, result) => {
      put += 1
      if (put > places.length && places.length < most * 4) {
        places = new Int32Array(places.length * 8)
        put = 0
      }
      const place = placeOf(a, b, c)
      places[place] = a
      places[place + 1] = b
      places[place + 2] = c
      places[place + 3] = result
    },
  }
}

/** Without a multiplication, which an interpreter is slow at; neighbours in all three come to lie apart. */
function mix(a: number, b: number, c: number): number {
  const first = a ^ (b << 7) ^ (c << 15) ^ (b << 19) ^ c
  return first ^ (first >> 11)
}
