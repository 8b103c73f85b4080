import type { Arch } from '../../host/facts.js'
import { InternalError } from '../../core/errors.js'
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

const sources: { readonly [A in Arch]: string } = { x86_64, i386, aarch64, arm, riscv64 }
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

/** The system calls of one arch. Read from text at each call (0.3 ms): a table is needed once or twice a run. */
export function syscallTable(arch: Arch): SyscallTable {
  const calls = lines(sources[arch]).map(readSyscall)
  const byNumber = new Map(calls.map((call) => [call.number, call]))
  // Of two names of one number, a decision on the first would be lost.
  if (byNumber.size !== calls.length) throw new InternalError(`two calls of ${arch} have one number`)
  return { arch, byName: new Map(calls.map((call) => [call.name, call])), byNumber }
}

function lines(text: string): readonly string[] {
  return text.split('\n').filter((line) => line !== '')
}

function readSyscall(line: string): Syscall {
  const [name = '', number = '', since = '', ...rest] = line.split(' ')
  const body = rest[0] === '!' ? 'no-body' : 'body'
  const args = body === 'body' ? rest : rest.slice(1)
  return { name, number: Number(number), since, body, arguments: args.map(readArgument) }
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

const constantValues: ReadonlyMap<string, readonly string[]> = new Map(
  lines(constants).map((line) => {
    const space = line.indexOf(' ')
    return [line.slice(0, space), line.slice(space + 1).split(',')]
  }),
)

/** Looks a constant up by name on one arch. */
export function constantOf(name: string, arch: Arch): ConstantValue {
  const values = constantValues.get(name)
  if (values === undefined) return { kind: 'unknown' }
  const value = values.length === 1 ? values[0] : values[columns.indexOf(arch)]
  if (value === undefined || value === '-') {
    return { kind: 'other-arch', arches: columns.filter((_, index) => values[index] !== '-') }
  }
  return { kind: 'value', value: BigInt(value) }
}

/** Names of all constants, for suggestions. */
export function constantNames(): readonly string[] {
  return [...constantValues.keys()]
}

const errnoNumbers: ReadonlyMap<string, number> = new Map(
  lines(errnos).map((name) => [name, Number(constantValues.get(name)?.[0])]),
)

/** The number of an error name, the same on all our arches; null: no such error. */
export function errnoOf(name: string): number | null {
  return errnoNumbers.get(name) ?? null
}

/** Names of all errors. */
export function errnoNames(): readonly string[] {
  return [...errnoNumbers.keys()]
}

/** The name of an error number; null: none. The kernel's own of several (EAGAIN, EWOULDBLOCK). */
export function errnoName(number: number): string | null {
  return [...errnoNumbers].find(([, other]) => other === number)?.[0] ?? null
}
