import type { Arch } from '../../src/host/facts.js'
import type { Action } from '../../src/layers/seccomp/action.js'
import { decided, meaningOf, type Decision, type Meaning } from '../../src/layers/seccomp/meaning.js'
import { implicitNames, promiseNames, type PromiseName } from '../../src/layers/seccomp/promises.js'
import type { FilterRequest } from '../../src/layers/seccomp/request.js'
import { samplesOf, type Sample } from './samples.js'

export interface Granting {
  readonly promises: readonly PromiseName[]
  /** Whose clauses it is about: those of its promises; of the implicit ones if it makes none. */
  readonly by: ReadonlySet<string>
}

const together: readonly (readonly PromiseName[])[] = [
  ['rpath', 'wpath'],
  ['rpath', 'cpath'],
  ['wpath', 'cpath'],
  ['rpath', 'wpath', 'cpath'],
  ['exec', 'memfd'],
  ['sysvipc', 'prot_exec'],
]

/** No promise, each promise alone, and those that grant more together than each alone. */
export const granting: readonly Granting[] = [
  { promises: [], by: new Set(implicitNames) },
  ...[...promiseNames.map((name) => [name]), ...together].map((promises) => ({ promises, by: new Set(promises) })),
]

/** All promises but one. */
export function without(taken: PromiseName): readonly PromiseName[] {
  return promiseNames.filter((name) => name !== taken)
}

/** What some promises mean, for a kernel of this arch. */
export function meaningWith(
  promises: readonly PromiseName[],
  arch: Arch,
  denied: FilterRequest['denied'] = 'EPERM',
): Meaning {
  return meaningOf({ arch, promises, denied })
}

export interface Refused extends Sample {
  readonly answer: Action
}

/** Calls of one table, of every call and for each condition. */
export interface Calls {
  /** Within what `by` grants. */
  readonly inside: readonly Sample[]
  /** Just outside of everything granted. */
  readonly outside: readonly Refused[]
}

/** Calls on both sides of everything that a meaning says about one table. */
export function callsOf(meaning: Meaning, arch: Arch, by: ReadonlySet<string>): Calls {
  const mine = (clause: string): boolean => clause.split(' + ').some((name) => by.has(name))
  const all = decisionsOf(meaning, arch).map((decision) => samplesOf(decision, arch, mine))
  return {
    inside: all.flatMap(({ inside }) => inside),
    outside: refusedBy(
      meaning,
      arch,
      all.flatMap(({ outside }) => outside),
    ),
  }
}

/** Those of some calls that a meaning refuses, with its answers. */
export function refusedBy(meaning: Meaning, arch: Arch, samples: readonly Sample[]): readonly Refused[] {
  const decisions = new Map(decisionsOf(meaning, arch).map((decision) => [decision.call.name, decision]))
  return samples.flatMap((sample) => {
    const decision = decisions.get(sample.call.name)
    if (decision === undefined) throw new Error(`no decision on ${sample.call.name}`)
    const answer = decided(decision, sample.args)
    return answer === 'allow' ? [] : [{ ...sample, answer }]
  })
}

function decisionsOf(meaning: Meaning, arch: Arch): readonly Decision[] {
  const table = meaning.tables.find((one) => one.arch === arch)
  if (table === undefined) throw new Error(`no table of ${arch}`)
  return [...table.decisions.values()]
}
