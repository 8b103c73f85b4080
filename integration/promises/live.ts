import type { Arch } from '../../src/host/facts.js'
import { syscallTable } from '../../src/layers/seccomp/tables.js'
import type { Caller, Entry } from './calls.js'
import { isMark, printed } from './marks.js'
import type { Refused } from './requests.js'
import { sampleLine, sampleText, type Sample } from './samples.js'

/** Allowed, but not made, each with its reason. */
export const notMade: ReadonlyMap<string, string> = new Map([
  ['sync', 'writes back every file system of the machine, however long that takes'],
])

/** The kernel runs these without asking any filter (seccomp_uprobe_exception), so no filter refuses them. */
export const notAsked: readonly string[] = ['uprobe', 'uretprobe']

/** Makes allowed calls, each in a process of its own, and returns those that got the marked filter's answer. */
export function refusedOf(
  caller: Caller,
  filter: Uint8Array,
  entry: Entry,
  allowed: readonly Sample[],
): readonly string[] {
  const made = allowed.filter(({ call }) => !notMade.has(call.name))
  const lines = caller.make(filter, 'alone', entry, made.map(sampleLine))
  return made.flatMap((sample, index) => {
    const line = lines[index]
    return line === undefined || isMark(line) ? [`${sampleText(sample)} ${line}`] : []
  })
}

/** Makes allowed calls with and without the filter, and returns those that the kernel answers otherwise with it. */
export function changedOf(
  caller: Caller,
  filter: Uint8Array,
  control: Uint8Array,
  entry: Entry,
  allowed: readonly Sample[],
): readonly string[] {
  const made = allowed.filter(({ call }) => !notMade.has(call.name))
  const [under, free] = [filter, control].map((program) => {
    return caller
      .make(program, 'alone', entry, made.map(sampleLine))
      .map((line) => line.replace(/^returned .*/, 'returned'))
  })
  return made.flatMap((sample, index) => {
    return under?.[index] === free?.[index] ? [] : [`${sampleText(sample)} ${under?.[index]}, not ${free?.[index]}`]
  })
}

/** Makes refused calls and returns those that did not get the filter's answer. */
export function passedOf(
  caller: Caller,
  filter: { readonly program: Uint8Array; readonly answers: 'marked' | 'plain'; readonly user?: 'nobody' | 'caller' },
  entry: Entry,
  refused: readonly Refused[],
): readonly string[] {
  const made = refused.filter(({ call }) => !notAsked.includes(call.name))
  // A call that kills leaves nobody to make the next one.
  const how = made.some(({ answer }) => answer === 'kill_process') ? 'alone' : 'together'
  const lines = caller.make(filter.program, how, entry, made.map(sampleLine), filter.user)
  return made.flatMap((sample, index) => {
    const expected = printed(sample.answer, filter.answers)
    return lines[index] === expected ? [] : [`${sampleText(sample)} ${lines[index]}, not ${expected}`]
  })
}

/** Numbers that no call of a table has, as far as a filter must look: gaps, what lies beyond, other tables, -1. */
export function unknownNumbers(entry: { readonly arch: Arch }): readonly number[] {
  const known = syscallTable(entry.arch).byNumber
  const beyond = [1000, 0xffff, 0x3fff_fffe, 0x3fff_ffff]
  return [...Array.from({ length: 700 }, (_, number) => number).filter((number) => !known.has(number)), ...beyond]
}

/** Every number of x86_64 with the x32 bit, x32's own numbers, and what else has that bit. */
export function x32Numbers(): readonly number[] {
  const bit = 0x4000_0000
  return [
    ...Array.from({ length: 700 }, (_, number) => bit + number),
    0x7fff_ffff,
    0x8000_0000,
    0xffff_fffe,
    0xffff_ffff,
  ]
}
