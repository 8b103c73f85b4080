/** Numbers, constants and errors on every arch: what the headers for programs say, and no header for the kernel. */
import type { Arch } from '../../host/facts.js'
import { arches, compilerFor } from './compiler.js'
import { constantsOf, errnosOf, type Aliases } from './constants.js'
import type { Headers } from './headers.js'
import { numbersOf } from './numbers.js'

export type ByArch<T> = { readonly [A in Arch]: T }

export interface Values {
  readonly numbers: ByArch<ReadonlyMap<string, number>>
  /** Names in order; a value for each arch in the order of `arches`, null: not there. */
  readonly constants: readonly Constant[]
  readonly errnos: readonly string[]
}

export interface Constant {
  readonly name: string
  readonly values: readonly (bigint | null)[]
}

export function readValues(headers: Headers, aliases: Aliases): Values {
  const compilers = byArch((arch) => compilerFor(arch, headers))
  const maps = arches.map((arch) => constantsOf(arch, compilers[arch], headers, aliases))
  const names = [...new Set(maps.flatMap((map) => [...map.keys()]))].toSorted()
  const otherErrnos = [...aliases.keys()].filter((name) => /^E[A-Z]+$/.test(name))
  return {
    numbers: byArch((arch) => numbersOf(compilers[arch])),
    constants: names.map((name) => ({ name, values: maps.map((map) => map.get(name) ?? null) })),
    errnos: [...new Set([...errnosOf(compilers.x86_64), ...otherErrnos])],
  }
}

export function byArch<T>(make: (arch: Arch) => T): ByArch<T> {
  return {
    x86_64: make('x86_64'),
    i386: make('i386'),
    aarch64: make('aarch64'),
    arm: make('arm'),
    riscv64: make('riscv64'),
  }
}
