import type { Arch } from '../../host/facts.js'
import { InternalError } from '../../core/errors.js'
import { lazily } from '../../core/lazily.js'
import { calls as aarch64 } from './tables/aarch64.gen.js'
import { calls as arm } from './tables/arm.gen.js'
import { constants, errnos } from './tables/constants.gen.js'
import { calls as i386 } from './tables/i386.gen.js'
import { origin } from './tables/origin.gen.js'
import { calls as riscv64 } from './tables/riscv64.gen.js'
import { calls as x86_64 } from './tables/x86_64.gen.js'

/**
 * What a filter can say about an argument.
 * - `w32 s32`: the kernel uses the low word only and drops the rest; `u16`: its low half
 * - `u64 s64`: both words count
 * - `pointer`: nothing but NULL can be asked; `maybe-pointer32 maybe-pointer64`: a value or a pointer, by the command
 * - `split`: half of a 64-bit value, or padding
 */
export type ArgumentClass =
  | 'w32'
  | 's32'
  | 'u16'
  | 'u64'
  | 's64'
  | 'pointer'
  | 'maybe-pointer32'
  | 'maybe-pointer64'
  | 'split'

export interface Argument {
  readonly name: string
  readonly class: ArgumentClass
}

export interface Syscall {
  readonly name: string
  readonly number: number
  /** Kernel version that brought it: to any arch, unless since.tsv knows that it came to this one later. */
  readonly since: string
  /** `no-body`: the number is taken, the kernel answers ENOSYS. */
  readonly body: 'body' | 'no-body'
  readonly arguments: readonly Argument[]
}

export interface SyscallTable {
  readonly arch: Arch
  /** In the order of their numbers. */
  readonly calls: readonly Syscall[]
  readonly byName: ReadonlyMap<string, Syscall>
  readonly byNumber: ReadonlyMap<number, Syscall>
}

/** The kernel whose headers the tables were made from. */
export const tablesKernel: string = origin.kernel

/** The packages that the tables were made from, and when Debian made those. */
export const tablesOrigin: {
  readonly kernel: string
  readonly date: string
  readonly suite: string
  readonly version: string
} = origin

/** Texts that most starts do not need are made by functions, which V8 then does not even compile. */
const sources: { readonly [A in Arch]: () => string } = { x86_64, i386, aarch64, arm, riscv64 }
const columns: readonly Arch[] = ['x86_64', 'i386', 'aarch64', 'arm', 'riscv64']

const classes: ReadonlyMap<string, ArgumentClass> = new Map([
  ['w', 'w32'],
  ['s', 's32'],
  ['h', 'u16'],
  ['W', 'u64'],
  ['S', 's64'],
  ['p', 'pointer'],
  ['m', 'maybe-pointer32'],
  ['M', 'maybe-pointer64'],
  ['x', 'split'],
])

/** The system calls of one arch. */
export function syscallTable(arch: Arch): SyscallTable {
  const table = tables.get(arch) ?? readTable(arch)
  tables.set(arch, table)
  return table
}

/** Those that were asked for: each is read once. */
const tables = new Map<Arch, SyscallTable>()

function readTable(arch: Arch): SyscallTable {
  const calls = lines(sources[arch]()).map((line) => new Line(line))
  // Of two names of one number, a decision on the first would be lost.
  const isTwice = calls.some(({ number }, index) => number <= (calls[index - 1]?.number ?? -1))
  if (isTwice) throw new InternalError(`the numbers of ${arch} do not ascend`)
  const byNumber = lazily(() => new Map(calls.map((call) => [call.number, call])))
  return {
    arch,
    calls,
    byName: new Map(calls.map((call) => [call.name, call])),
    get byNumber() {
      return byNumber()
    },
  }
}

function lines(text: string): readonly string[] {
  return text.split('\n').filter((line) => line !== '')
}

/** What a line says of a call. Of most calls nobody asks about the arguments. */
class Line implements Syscall {
  readonly name: string
  readonly number: number
  /** `since`, then the arguments. */
  readonly #rest: string
  #arguments: readonly Argument[] | null = null

  constructor(line: string) {
    const first = line.indexOf(' ')
    const second = line.indexOf(' ', first + 1)
    this.name = line.slice(0, first)
    this.number = Number(line.slice(first + 1, second))
    this.#rest = line.slice(second + 1)
  }

  get since(): string {
    return this.#rest.split(' ', 1)[0] ?? ''
  }

  get body(): Syscall['body'] {
    return this.#words().includes('!') ? 'no-body' : 'body'
  }

  get arguments(): readonly Argument[] {
    return (this.#arguments ??= this.#words()
      .filter((word) => word !== '!')
      .map(readArgument))
  }

  #words(): readonly string[] {
    return this.#rest.split(' ').slice(1)
  }
}

function readArgument(text: string): Argument {
  const [name = '', letter = ''] = text.split(':')
  const found = classes.get(letter)
  if (found === undefined) throw new InternalError(`no argument class '${letter}'`)
  return { name, class: found }
}

/** The value of a constant: as the kernel's headers have it, negative where they have it negative. */
export type ConstantValue =
  | { readonly kind: 'value'; readonly value: bigint }
  /** Known, but not on this arch. */
  | { readonly kind: 'other-arch'; readonly arches: readonly Arch[] }
  | { readonly kind: 'unknown' }

/** Looks a constant up by name on one arch. */
export function constantOf(name: string, arch: Arch): ConstantValue {
  const values = valuesOf(name)
  if (values === null) return { kind: 'unknown' }
  const value = values.length === 1 ? values[0] : values[columns.indexOf(arch)]
  if (value === undefined || value === '-') {
    return { kind: 'other-arch', arches: columns.filter((_, index) => values[index] !== '-') }
  }
  return { kind: 'value', value: BigInt(value) }
}

/** The values of a constant: one, or one for each arch. Null: there is no such constant. */
function valuesOf(name: string): readonly string[] | null {
  const text = constants()
  const start = text.indexOf(`\n${name} `)
  if (start === -1) return null
  const line = text.slice(start + 1, text.indexOf('\n', start + 1))
  return line.slice(name.length + 1).split(',')
}

/** Names of all constants, for suggestions. */
export function constantNames(): readonly string[] {
  return lines(constants()).map((line) => line.slice(0, line.indexOf(' ')))
}

/** The number of an error name, the same on all our arches; null: no such error. */
export function errnoOf(name: string): number | null {
  return errnoNumbers().get(name) ?? null
}

/** Names of all errors. */
export function errnoNames(): readonly string[] {
  return [...errnoNumbers().keys()]
}

/** The name of an error number; null: none. The kernel's own of several (EAGAIN, EWOULDBLOCK). */
export function errnoName(number: number): string | null {
  return [...errnoNumbers()].find(([, other]) => other === number)?.[0] ?? null
}

const errnoNumbers = lazily((): ReadonlyMap<string, number> => {
  return new Map(
    lines(errnos()).map((line) => [line.slice(0, line.indexOf(' ')), Number(line.slice(line.indexOf(' ')))]),
  )
})
