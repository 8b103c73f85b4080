import type { Bdd } from './bdd.js'

/** Finds the diagram that asks `bit` and goes on with `set` or `clear`, or makes it at the end of the columns. */
export interface Index {
  readonly find: (bit: number, set: Bdd, clear: Bdd) => Bdd
}

/** A hash table with open addressing over three columns: one lookup for each diagram that is made, so it is hot. */
export function makeIndex(bits: number[], sets: Bdd[], clears: Bdd[]): Index {
  // 0 is an empty slot: the first two diagrams are the leaves of yes and no, which are never looked for.
  let slots = new Int32Array(1 << 15)
  const grow = (): void => {
    slots = new Int32Array(slots.length * 2)
    const mask = slots.length - 1
    for (let at = 2; at < bits.length; at += 1) {
      let slot = mix(bits[at] ?? 0, sets[at] ?? 0, clears[at] ?? 0) & mask
      while (slots[slot] !== 0) slot = (slot + 1) & mask
      slots[slot] = at
    }
  }
  return {
    find: (bit, set, clear) => {
      const mask = slots.length - 1
      let slot = mix(bit, set, clear) & mask
      for (let at = slots[slot] ?? 0; at !== 0; at = slots[slot] ?? 0) {
        if (bits[at] === bit && sets[at] === set && clears[at] === clear) return at
        slot = (slot + 1) & mask
      }
      const made = bits.push(bit) - 1
      sets.push(set)
      clears.push(clear)
      slots[slot] = made
      if (bits.length * 2 > slots.length) grow()
      return made
    },
  }
}

/** Results by three operands. A newer one may take the place of an older one: forgetting costs time only. */
export interface Cache {
  readonly get: (a: Bdd, b: Bdd, c: Bdd) => Bdd | null
  readonly put: (a: Bdd, b: Bdd, c: Bdd, result: Bdd) => void
}

const cacheSize = 1 << 15

/** An empty cache. The first operand is never 0, so 0 is an empty place. */
export function makeCache(): Cache {
  const places = new Int32Array(cacheSize * 4)
  return {
    get: (a, b, c) => {
      const place = (mix(a, b, c) & (cacheSize - 1)) * 4
      if (places[place] !== a || places[place + 1] !== b || places[place + 2] !== c) return null
      return places[place + 3] ?? null
    },
    put: (a, b, c, result) => {
      const place = (mix(a, b, c) & (cacheSize - 1)) * 4
      places[place] = a
      places[place + 1] = b
      places[place + 2] = c
      places[place + 3] = result
    },
  }
}

function mix(a: number, b: number, c: number): number {
  const first = Math.imul(Math.imul(a, 0x9e3779b1) ^ b, 0x85ebca6b)
  const second = Math.imul(first ^ (first >>> 15) ^ c, 0xc2b2ae35)
  return second ^ (second >>> 15)
}
