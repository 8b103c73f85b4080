import { x32Bit } from '../../src/layers/seccomp/arch.js'
import { field } from '../../src/layers/seccomp/code/bpf.js'
import type { SeccompData } from '../../src/layers/seccomp/code/simulate.js'
import type { ArgumentValues, Test, Word64 } from '../../src/layers/seccomp/condition/test.js'
import type { Decision, Meaning } from '../../src/layers/seccomp/meaning.js'

const maximum = 0xffffffff
const zero: Word64 = { hi: 0, lo: 0 }
export const zeros: ArgumentValues = Array.from({ length: 6 }, () => zero)

/** Combinations of arguments for one call, at most. */
const mostCombinations = 1024

/**
 * Data at which anything in a meaning changes, chosen without the proof: every number of every table and its
 * neighbours, other arches, and for each call all combinations of the values at which a test of it changes its mind,
 * with and without garbage in the upper halves.
 */
export function vectorsOf(meaning: Meaning): readonly SeccompData[] {
  const audits = meaning.tables.map(({ audit }) => audit)
  const foreign = [0, maximum, ...audits.flatMap((audit) => [audit - 1, audit + 1, audit ^ 0x80000000])]
  const numbers = [0, 1, 59, x32Bit, maximum]
  return [
    ...meaning.tables.flatMap(({ audit, decisions }) => {
      const known = [...decisions.keys()]
      const near = known.flatMap((number) => [number - 1, number + 1, number | x32Bit])
      const bare = new Set([...near, x32Bit - 1, x32Bit, 0x7fffffff, 0x80000000, maximum])
      return [
        ...[...bare].filter((number) => number >= 0).map((number) => ({ arch: audit, number, args: zeros })),
        ...[...decisions].flatMap(([number, decision]) =>
          argumentsOf(decision).map((args) => ({ arch: audit, number, args })),
        ),
      ]
    }),
    ...foreign
      .map((arch) => arch >>> 0)
      .filter((arch) => !audits.includes(arch))
      .flatMap((arch) => numbers.map((number) => ({ arch, number, args: zeros }))),
  ]
}

/** Combinations of values for one call; random ones among them where there would be too many. */
export function argumentsOf({ clauses }: Decision): readonly ArgumentValues[] {
  const tests = clauses.flatMap(({ when }) => when ?? []).flatMap((one) => one.tests)
  const positions = [...new Set(tests.map(({ argument }) => argument))]
  const choices = positions.map((position) => valuesFor(tests.filter(({ argument }) => argument === position)))
  const all = choices.reduce((product, values) => product * values.length, 1)
  const step = Math.ceil(all / mostCombinations)
  const combinations = Array.from({ length: Math.ceil(all / step) }, (_, index) => {
    let rest = index * step + (index % step)
    return positions.reduce((args, position, at) => {
      const values = choices[at] ?? []
      const value = values[rest % values.length] ?? zero
      rest = Math.floor(rest / values.length)
      return args.with(position, value)
    }, zeros)
  })
  return combinations.flatMap((args) => [args, args.map(({ hi, lo }) => ({ hi: (hi ^ 0xdeadbeef) >>> 0, lo }))])
}

/** Values of one argument at which a test on it changes: borders, and the bits of masks. */
function valuesFor(tests: readonly Test[]): readonly Word64[] {
  const found = new Map<string, Word64>()
  const add = (hi: number, lo: number): void => {
    found.set(`${hi >>> 0}:${lo >>> 0}`, { hi: hi >>> 0, lo: lo >>> 0 })
  }
  add(0, 0)
  add(maximum, maximum)
  for (const { mask, values } of tests) {
    for (const { hi, lo } of values) {
      for (const change of [-1, 0, 1]) add(hi, lo + change)
      add(hi + 1, lo)
      add(hi - 1, lo)
      if (mask.lo === maximum) continue
      add(hi | ~mask.hi, lo | ~mask.lo)
      for (const bit of bitsOf(mask.lo)) add(hi, lo ^ bit)
    }
  }
  return [...found.values()]
}

function bitsOf(word: number): readonly number[] {
  return Array.from({ length: 32 }, (_, index) => (1 << index) >>> 0).filter((bit) => (word & bit) !== 0)
}

/** Offsets of all words of seccomp_data. */
export const offsets: readonly number[] = Array.from({ length: field.arguments / 4 + 12 }, (_, index) => 4 * index)
