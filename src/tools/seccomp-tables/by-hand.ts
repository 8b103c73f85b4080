/** The reviewed files in src/layers/seccomp/data: what no header says. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Arch } from '../../host/facts.js'
import type { Aliases } from './constants.js'
import { parametersOf, type Parameter } from './prototypes.js'
import type { Overrides } from './signatures.js'

export interface ByHand extends Overrides {
  readonly aliases: Aliases
  /** Calls of which since.tsv knows the first kernel. */
  readonly datedCalls: readonly string[]
  readonly sinceOf: (call: string, arch: Arch) => string | undefined
  /** The kernel's function behind a call; undefined: the headers know. */
  readonly entryOf: (call: string, arch: Arch) => string | undefined
  readonly parametersOf: (entry: string, arch: Arch) => readonly Parameter[] | undefined
}

export function readByHand(folder: string): ByHand {
  const read = (name: string): readonly Row[] => rowsOf(readFileSync(join(folder, name), 'utf8'), name)
  const since = read('since.tsv')
  const entries = read('entries.tsv')
  const written = read('arguments.tsv')
  return {
    lowWord: new Set(read('low-word.tsv').map(([call = '', argument = '']) => `${call} ${argument}`)),
    maybePointer: new Set(read('maybe-pointer.tsv').map(([call = '', argument = '']) => `${call} ${argument}`)),
    aliases: new Map(read('aliases.tsv').map(([name = '', expression = '']) => [name, expression])),
    datedCalls: since.map(([call = '']) => call),
    sinceOf: (call, arch) => valueFor(since, call, arch),
    entryOf: (call, arch) => valueFor(entries, call, arch),
    parametersOf: (entry, arch) => {
      const text = valueFor(written, entry, arch)
      return text === undefined ? undefined : parametersOf(text)
    },
  }
}

type Row = readonly string[]

/** A comment, then lines of as many fields as it has. */
function rowsOf(text: string, name: string): readonly Row[] {
  const [head = '', ...lines] = text.trimEnd().split('\n')
  const rows = lines.map((line) => line.split('\t'))
  const count = head.split('\t').length
  const wrong = rows.find((row) => row.length !== count || row.includes(''))
  if (wrong !== undefined) throw new Error(`${name}: not ${count} fields: ${wrong.join(' ')}`)
  return rows
}

/** The third field of the row for a name and an arch; one that names the arch counts before one for all (`*`). */
function valueFor(rows: readonly Row[], wanted: string, arch: Arch): string | undefined {
  const named = rows.filter(([name]) => name === wanted)
  const own =
    named.find(([, arches = '']) => arches.split(',').includes(arch)) ?? named.find(([, arches]) => arches === '*')
  return own?.[2]
}
