import type { Arch } from '../../../host/facts.js'
import { field } from '../code/bpf.js'
import { maximum, type Ranges } from '../code/ranges.js'
import type { Meaning } from '../meaning.js'
import { syscallTable, type Syscall, type SyscallTable } from '../tables.js'
import { constantsFor, namedValues, nameValue, type Named } from './constants.js'
import { arches, type Calls } from './flow.js'

/** Words for what a program tests, where the calls that can be there are known. */
export interface Names {
  /** What a load reads: `family`, `upper half of offset`. */
  readonly field: (offset: number, calls: Calls) => string
  readonly mask: (offset: number, mask: number, calls: Calls) => string
  /** What the accumulator holds: `type & 0xf`. */
  readonly held: (offset: number, mask: number, calls: Calls) => string
  /** A value that it is compared with: `AF_UNIX (1)`. */
  readonly value: (offset: number, value: number, calls: Calls, as: 'number' | 'flags') => string
  /** A number: `getuid (102)`. */
  readonly call: (number: number, calls: Calls) => string
  /** The calls there whose number has one of some bits: `setreuid (70), setregid (71)`. */
  readonly withBits: (bits: number, calls: Calls) => string
  /** The numbers that can be there: `read (0) to ptrace (101)`. */
  readonly range: (calls: Calls) => string
}

/** More calls than this at one place share no argument worth naming. */
const callsMax = 40

const namesMax = 8

export function makeNames(meaning: Meaning | null): Names {
  const tables = new Map(arches.map((arch) => [arch, syscallTable(arch)]))
  const known = new Map<string, readonly Named[]>()
  const constants = (call: Syscall, argument: string, arch: Arch): readonly Named[] => {
    const key = `${arch} ${call.number} ${argument}`
    const found = known.get(key) ?? [...writtenIn(meaning, call, arch), ...constantsFor(call.name, argument, arch)]
    known.set(key, found)
    return found
  }
  const argumentName = (offset: number, calls: Calls): string => {
    const position = Math.floor((offset - field.arguments) / 8)
    const names = new Set(callsAt(calls, tables).map(({ call }) => call.arguments[position]?.name ?? ''))
    const [only = ''] = names
    return names.size === 1 && only !== '' ? only : `argument ${position}`
  }
  const value: Names['value'] = (offset, k, calls, as) => {
    const position = Math.floor((offset - field.arguments) / 8)
    const upper = offset % 8 !== 0
    const named = callsAt(calls, tables).flatMap(({ arch, call }) => {
      const argument = call.arguments[position]?.name
      return argument === undefined ? [] : constants(call, argument, arch)
    })
    // The generator asks single bits of numbers that stand for no flags, too.
    const asFlags = as === 'number' || /flag|prot|mode|mask|^arg$/.test(argumentName(offset, calls))
    const words = (asFlags ? named : []).map(({ name, hi, lo }) => ({ name, value: upper ? hi : lo }))
    const name = upper ? null : nameValue(k, words, as)
    return name === null ? numberText(k) : `${name} (${numberText(k)})`
  }
  const fieldName = (offset: number, calls: Calls): string => {
    if (offset === field.number) return 'number of the call'
    if (offset === field.arch) return 'architecture'
    if (offset < field.arguments) return `instruction pointer, ${offset === 8 ? 'lower' : 'upper'} half`
    const name = argumentName(offset, calls)
    return offset % 8 === 0 ? name : `upper half of ${name}`
  }
  return {
    field: fieldName,
    mask: (offset, mask, calls) => (offset < field.arguments ? '' : `of it: ${value(offset, mask, calls, 'flags')}`),
    held: (offset, mask, calls) => {
      const name = fieldName(offset, calls)
      return mask === maximum ? name : `${name} & ${numberText(mask)}`
    },
    value,
    call: (number, calls) => callName(number, calls, tables),
    withBits: (bits, calls) => {
      const found = callsAt(calls, tables).filter(({ call }) => (call.number & bits) !== 0)
      const names = [...new Set(found.map(({ call }) => call.name))]
      return names.length > namesMax ? `${names.slice(0, namesMax).join(', ')} and others` : names.join(', ')
    },
    range: (calls) => rangeText(calls, tables),
  }
}

/** The words of the conditions on a call that are constants. */
function writtenIn(meaning: Meaning | null, call: Syscall, arch: Arch): readonly Named[] {
  const decision = meaning?.tables.find((one) => one.arch === arch)?.decisions.get(call.number)
  const texts = (decision?.clauses ?? []).flatMap(({ when }) => when ?? []).map(({ text }) => text)
  return namedValues(texts.join(' ').match(/[A-Za-z_][A-Za-z0-9_]*/g) ?? [], arch)
}

interface ArchCall {
  readonly arch: Arch
  readonly call: Syscall
}

/** The calls of the tables in a set of numbers; none if there are too many to speak of. */
function callsAt(calls: Calls, tables: ReadonlyMap<Arch, SyscallTable>): readonly ArchCall[] {
  const found: ArchCall[] = []
  for (const arch of arches) {
    for (const { from, to } of calls.get(arch) ?? []) {
      if (to - from > callsMax) return []
      for (let number = from; number <= to; number += 1) {
        const call = tables.get(arch)?.byNumber.get(number)
        if (call !== undefined) found.push({ arch, call })
      }
      if (found.length > callsMax) return []
    }
  }
  return found
}

function callName(number: number, calls: Calls, tables: ReadonlyMap<Arch, SyscallTable>): string {
  const names = new Set(arches.filter((arch) => calls.has(arch)).map((arch) => nameIn(arch, number, tables)))
  const [only] = names
  return names.size === 1 && only !== undefined && only !== '' ? `${only} (${number})` : String(number)
}

function nameIn(arch: Arch, number: number, tables: ReadonlyMap<Arch, SyscallTable>): string {
  return tables.get(arch)?.byNumber.get(number)?.name ?? ''
}

function rangeText(calls: Calls, tables: ReadonlyMap<Arch, SyscallTable>): string {
  const reached = arches.filter((arch) => calls.has(arch))
  const [arch] = reached
  if (arch === undefined) return 'another architecture'
  const prefix = reached.length === 1 ? arch : reached.join(' or ')
  const all: Ranges = [...calls.values()].flat()
  const from = Math.min(...all.map((range) => range.from))
  const to = Math.max(...all.map((range) => range.to))
  const one = new Map(reached.length === 1 ? [[arch, all] as const] : [])
  const last = to >= 0x3fffffff ? 'the last' : callName(to, one, tables)
  return from === to
    ? `${prefix} ${callName(from, one, tables)}`
    : `${prefix} ${callName(from, one, tables)} to ${last}`
}

function numberText(k: number): string {
  return k < 1024 ? String(k) : `0x${k.toString(16)}`
}
