/** The checked-in tables beside other headers: a number never gets another meaning, only new ones come. */
import { constantNames, constantOf, syscallTable } from '../../layers/seccomp/tables.js'
import { arches } from './compiler.js'
import type { Values } from './values.js'

export interface Comparison {
  /** What both know and have otherwise. */
  readonly different: readonly string[]
  /** What the headers know and the tables do not. */
  readonly added: readonly string[]
  /** What the tables know and the headers do not. */
  readonly gone: readonly string[]
}

export function compareWithTables(values: Values): Comparison {
  const calls = arches.map((arch) =>
    compare(
      new Map([...syscallTable(arch).byName.values()].map(({ name, number }) => [`${arch} ${name}`, String(number)])),
      new Map([...values.numbers[arch]].map(([name, number]) => [`${arch} ${name}`, String(number)])),
    ),
  )
  const constants = compare(
    new Map(constantNames().map((name) => [name, valuesOf(name)])),
    new Map(values.constants.map(({ name, values: list }) => [name, list.map((value) => value ?? '-').join()])),
  )
  const all = [...calls, constants]
  return {
    different: all.flatMap((one) => one.different),
    added: all.flatMap((one) => one.added),
    gone: all.flatMap((one) => one.gone),
  }
}

function compare(ours: ReadonlyMap<string, string>, theirs: ReadonlyMap<string, string>): Comparison {
  const both = [...ours].filter(([name]) => theirs.has(name))
  return {
    different: both.flatMap(([name, value]) =>
      theirs.get(name) === value ? [] : [`${name} is ${theirs.get(name)}, not ${value}`],
    ),
    added: [...theirs.keys()].filter((name) => !ours.has(name)),
    gone: [...ours.keys()].filter((name) => !theirs.has(name)),
  }
}

function valuesOf(name: string): string {
  const found = arches.map((arch) => constantOf(name, arch))
  return found.map((one) => (one.kind === 'value' ? one.value : '-')).join()
}
