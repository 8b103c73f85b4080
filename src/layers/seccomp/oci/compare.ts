import type { Arch } from '../../../host/facts.js'
import { isWide } from '../arch.js'
import { field } from '../code/bpf.js'
import type { Bdd, Bdds } from '../proof/bdd.js'
import { noBit } from '../proof/bdd.js'
import { always, never } from '../proof/bdd.js'
import { wordAt } from '../proof/bits.js'
import { functionOfTest } from '../proof/function-of-decision.js'
import type { Syscall } from '../tables.js'
import type { ProfileAnswer } from './answers.js'

/** Two answers to the same call with the same arguments. */
export interface Pair {
  readonly left: number
  readonly right: number
}

/** The answer of a profile as a function of the arguments. */
export function functionOfAnswer(bdds: Bdds, { clauses, otherwise }: ProfileAnswer): Bdd {
  return clauses.reduceRight((rest, { tests, value }) => {
    const holds = tests.reduceRight((inner, test) => bdds.either(functionOfTest(bdds, test), inner, never), always)
    return bdds.either(holds, bdds.leaf(value), rest)
  }, bdds.leaf(otherwise))
}

/**
 * Every pair of answers that two functions give to the same arguments: all values are compared. `clean` takes the
 * upper halves of arguments that the kernel reads as 32 bits to be zero, as programs leave them.
 */
export function pairsOf(
  bdds: Bdds,
  left: Bdd,
  right: Bdd,
  call: Syscall,
  arch: Arch,
  garbage: 'clean' | 'any',
): readonly Pair[] {
  const zero = garbage === 'any' ? new Set<number>() : zeroBits(call, arch)
  const pairs = new Map<string, Pair>()
  const seen = new Set<string>()
  const walk = (a: Bdd, b: Bdd): void => {
    const key = `${a} ${b}`
    if (seen.has(key)) return
    seen.add(key)
    const bit = Math.min(bdds.bitOf(a), bdds.bitOf(b))
    if (bit === noBit) {
      const pair = { left: bdds.valueOf(a) ?? 0, right: bdds.valueOf(b) ?? 0 }
      pairs.set(`${pair.left} ${pair.right}`, pair)
      return
    }
    walk(bdds.whereClear(a, bit), bdds.whereClear(b, bit))
    if (!zero.has(bit)) walk(bdds.whereSet(a, bit), bdds.whereSet(b, bit))
  }
  walk(left, right)
  return [...pairs.values()]
}

/** Bits that are zero in the arguments of ordinary programs: what the kernel drops, and what 32-bit programs lack. */
function zeroBits(call: Syscall, arch: Arch): ReadonlySet<number> {
  const bits = new Set<number>()
  for (let position = 0; position < 6; position += 1) {
    const kind = call.arguments[position]?.class
    const narrow = !isWide(arch) || kind === 'w32' || kind === 's32' || kind === 'u16'
    if (!narrow) continue
    const word = wordAt(field.arguments + 8 * position + 4)
    for (let bit = 0; bit < 32; bit += 1) bits.add(word + bit)
  }
  return bits
}
