import type { Relation } from './grammar.js'

/** A 64-bit value as a filter sees it: two words, each 0 to 2^32 - 1. */
export interface Word64 {
  readonly hi: number
  readonly lo: number
}

/**
 * One test on one argument: `(argument & mask) relation values`. An argument of which the kernel uses 32 bits has a
 * mask without upper half, so that garbage there decides nothing.
 */
export interface Test {
  /** Position, 0 to 5. */
  readonly argument: number
  readonly mask: Word64
  readonly relation: Relation
  /** One for an order; any number for `in` and `not in`. */
  readonly values: readonly Word64[]
}

/** Tests that must all hold; none: always true. */
export type Conjunction = readonly Test[]

/** What the arguments of a call are: six 64-bit values. */
export type ArgumentValues = readonly Word64[]

/** Splits a value; negative ones as two's complement. */
export function toWord64(value: bigint): Word64 {
  return { hi: Number(BigInt.asUintN(32, value >> 32n)), lo: Number(BigInt.asUintN(32, value)) }
}

/** The reference meaning of a condition: what the generated code is proven against. */
export function holds(tests: Conjunction, args: ArgumentValues): boolean {
  return tests.every((test) => testHolds(test, args))
}

function testHolds({ argument, mask, relation, values }: Test, args: ArgumentValues): boolean {
  const value = args[argument]
  if (value === undefined) return false
  const masked: Word64 = { hi: (value.hi & mask.hi) >>> 0, lo: (value.lo & mask.lo) >>> 0 }
  switch (relation) {
    case 'in':
      return values.some((other) => compare(masked, other) === 0)
    case 'not in':
      return values.every((other) => compare(masked, other) !== 0)
    case '<':
      return values.every((other) => compare(masked, other) < 0)
    case '<=':
      return values.every((other) => compare(masked, other) <= 0)
    case '>':
      return values.every((other) => compare(masked, other) > 0)
    case '>=':
      return values.every((other) => compare(masked, other) >= 0)
  }
}

function compare(a: Word64, b: Word64): number {
  return a.hi === b.hi ? a.lo - b.lo : a.hi - b.hi
}
