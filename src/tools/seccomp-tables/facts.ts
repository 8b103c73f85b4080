/** All that the tables hold, from the headers and the files of what headers do not say. */
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import type { Arch } from '../../host/facts.js'
import type { ByHand } from './by-hand.js'
import { entriesOf } from './entries.js'
import { suite, type Headers, type Package } from './headers.js'
import { prototypesOf, type Parameter } from './prototypes.js'
import { slotsOf, type Slot } from './signatures.js'
import { byArch, readValues, type ByArch, type Values } from './values.js'

export interface Facts {
  readonly origin: Origin
  readonly calls: ByArch<readonly Call[]>
  readonly values: Values
}

export interface Origin {
  readonly kernel: string
  /** When Debian made the packages, as `2026-11-15`. */
  readonly date: string
  readonly suite: string
  readonly version: string
  readonly packages: readonly Package[]
}

export interface Call {
  readonly name: string
  readonly number: number
  readonly since: string
  readonly body: 'body' | 'no-body'
  readonly slots: readonly Slot[]
}

/** Throws when a call's first kernel, function or parameters are unknown, or a file says what the headers deny. */
export function readFacts(headers: Headers, byHand: ByHand): Facts {
  const values = readValues(headers, byHand.aliases)
  const prototypes = prototypesOf(headers)
  const calls = byArch((arch): readonly Call[] => {
    const entries = entriesOf(headers, arch, values.numbers)
    const listed = [...values.numbers[arch]].map(([name, number]): Call => {
      const entry = byHand.entryOf(name, arch) ?? entries.get(name)
      if (entry === undefined) throw new Error(`${arch}: no function is known for ${name}: see entries.tsv`)
      const since = byHand.sinceOf(name, arch)
      if (since === undefined) throw new Error(`no kernel is known that brought ${name}: see since.tsv`)
      if (entry === null) return { name, number, since, body: 'no-body', slots: [] }
      const parameters = parametersFor(entry, arch, prototypes.get(entry) ?? [], byHand)
      return { name, number, since, body: 'body', slots: slotsOf(name, arch, parameters, byHand) }
    })
    return listed.toSorted((a, b) => a.number - b.number || (a.name < b.name ? -1 : 1))
  })
  return { origin: originOf(headers), calls, values }
}

/** What is written by hand must have the types of a prototype, and counts where prototypes have no names or differ. */
function parametersFor(
  entry: string,
  arch: Arch,
  prototypes: readonly (readonly Parameter[])[],
  byHand: ByHand,
): readonly Parameter[] {
  const written = byHand.parametersOf(entry, arch)
  if (written !== undefined) {
    const isReal = prototypes.length === 0 || prototypes.some((one) => typesOf(one) === typesOf(written))
    if (!isReal && !entry.endsWith('sigreturn')) {
      throw new Error(`${entry}: the headers have ${prototypes.map(typesOf).join(' or ')}: see arguments.tsv`)
    }
    return written
  }
  const [first] = prototypes
  const isClear = first !== undefined && prototypes.every((one) => typesOf(one) === typesOf(first))
  if (!isClear || first.some(({ name }) => name === null)) {
    throw new Error(`${arch}: no clear prototype with names for ${entry}: see arguments.tsv`)
  }
  return first
}

function typesOf(parameters: readonly Parameter[]): string {
  return parameters
    .map(({ type }) => type.replaceAll(/\b(const|__user)\b|\s/g, '').replace(/^unsigned$/, 'unsignedint'))
    .join(', ')
}

function originOf({ version, packages, root }: Headers): Origin {
  const log = join(root, 'usr/share/doc/linux-libc-dev/changelog.Debian.gz')
  const [, when = ''] =
    /^ -- .*> {2}(.*)$/m.exec(execFileSync('gzip', ['-dc', log], { encoding: 'utf8', maxBuffer: 1 << 28 })) ?? []
  const [kernel = ''] = /^[\d.]+/.exec(version) ?? []
  return { kernel, date: new Date(when).toISOString().slice(0, 10), suite, version, packages }
}
