import { returnValue } from '../../src/layers/seccomp/action.js'
import type { Instruction } from '../../src/layers/seccomp/code/bpf.js'
import { dataWords, simulate } from '../../src/layers/seccomp/code/simulate.js'
import { toWord64, type Word64 } from '../../src/layers/seccomp/condition/test.js'
import { answer, type Decision, type Meaning, type TableMeaning } from '../../src/layers/seccomp/meaning.js'

/** What a program runs through, over all numbers of a table. */
export interface Executed {
  readonly most: number
  /** Mean over the calls that the kernel's cache does not answer; of a call with conditions, over its tried arguments. */
  readonly mean: number
  /** Calls that are answered otherwise than by the meaning. */
  readonly wrong: readonly string[]
}

/** Runs a program for every call of a table, with every value that a condition names and its neighbours. */
export function execute(program: readonly Instruction[], meaning: Meaning, table: TableMeaning): Executed {
  const means: number[] = []
  const wrong: string[] = []
  let most = 0
  for (const [number, decision] of table.decisions) {
    const tries = vectorsOf(decision).map((args) => {
      const { value, steps } = simulate(program, dataWords({ arch: table.audit, number, args }))
      if (value !== returnValue(answer(meaning, table.audit, number, args))) wrong.push(decision.call.name)
      return steps
    })
    most = Math.max(most, ...tries)
    if (!isCached(decision)) means.push(mean(tries))
  }
  return { most, mean: mean(means), wrong: [...new Set(wrong)] }
}

function vectorsOf({ clauses }: Decision): readonly (readonly Word64[])[] {
  const tests = clauses.flatMap(({ when }) => when ?? []).flatMap((one) => one.tests)
  const none = Array.from({ length: 6 }, () => toWord64(0n))
  return tests.reduce<readonly (readonly Word64[])[]>(
    (vectors, { argument, mask, values }) => [
      ...vectors,
      ...[...values, mask].flatMap(({ lo }) => {
        const near = [lo - 1, lo, lo + 1].filter((word) => word >= 0 && word <= 0xffffffff)
        return near.map((word) => none.with(argument, { hi: 0, lo: word }))
      }),
    ],
    [none],
  )
}

/** Calls that are always allowed are answered by the kernel's cache (seccomp.c, seccomp_cache_check_allow). */
function isCached({ clauses, otherwise }: Decision): boolean {
  const [first] = clauses
  return first === undefined ? otherwise === 'allow' : first.when === null && first.action === 'allow'
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(values.length, 1)
}
