/** The checked-in tables beside the facts of other headers: numbers and constants never change, only new ones come. */
import { constantNames, constantOf, syscallTable } from '../../layers/seccomp/tables.js'
import { arches } from './compiler.js'
import type { Facts } from './facts.js'

export interface Comparison {
  /** What the tables say and the headers deny. */
  readonly denied: readonly string[]
  /** What the tables do not know. */
  readonly added: readonly string[]
}

export function compareWithTables(facts: Facts): Comparison {
  const calls = arches.map((arch) => {
    const table = syscallTable(arch)
    const there = new Map(facts.calls[arch].map(({ name, number }) => [name, number]))
    const denied = [...table.byName.values()].filter(({ name, number }) => there.get(name) !== number)
    return {
      denied: denied.map(({ name, number }) => `${arch}: ${name} is ${there.get(name) ?? 'not there'}, not ${number}`),
      added: [...there.keys()].filter((name) => !table.byName.has(name)).map((name) => `${arch}: ${name}`),
    }
  })
  const constants = new Map(
    facts.constants.map(({ name, values }) => [name, values.map((value) => value ?? '-').join()]),
  )
  const denied = constantNames().filter((name) => constants.get(name) !== valuesOf(name))
  const known = new Set(constantNames())
  return {
    denied: [
      ...calls.flatMap((one) => one.denied),
      ...denied.map((name) => `${name} is ${constants.get(name) ?? 'not there'}, not ${valuesOf(name)}`),
    ],
    added: [...calls.flatMap((one) => one.added), ...[...constants.keys()].filter((name) => !known.has(name))],
  }
}

function valuesOf(name: string): string {
  const found = arches.map((arch) => constantOf(name, arch))
  return found.map((one) => (one.kind === 'value' ? one.value : '-')).join()
}
