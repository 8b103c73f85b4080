/**
 * The open family by its needs, written out a second time: what an open needs must all be promised. Nothing here is
 * taken from the promises or from the language of conditions.
 */
import t from 'tap'
import type { PromiseName } from '../../src/layers/seccomp/promises.js'
import { compileFilter, evaluateSyscall } from '../../src/layers/seccomp/seccomp.js'
import { syscallTable, type Syscall } from '../../src/layers/seccomp/tables.js'
import { buildCaller, entries, skipOf } from './calls.js'
import { isMark, markedProgram } from './marks.js'
import { meaningWith } from './requests.js'

const caller = buildCaller()
t.teardown(() => caller[Symbol.dispose]())

// asm-generic/fcntl.h; the same on all our arches, unlike O_DIRECTORY and its neighbours.
const [accessMode, create, truncate, path, temporary] = [3, 0o100, 0o1000, 0o10000000, 0o20000000]
const others = [0, 0o2000000, 0o4000, 0o200000, 0o40000, 0o100000, 0o400]

const all: readonly PromiseName[] = ['rpath', 'wpath', 'cpath']
const subsets = Array.from({ length: 8 }, (_, bits) => all.filter((_name, index) => (bits & (1 << index)) !== 0))

/** Every combination of the flags that say what an open is for, each with a flag that does not. */
const flagSets = Array.from({ length: 64 }, (_, bits) => {
  const [has, mode] = [bits >> 2, bits & accessMode]
  const flags = [create, truncate, path, temporary].filter((_flag, index) => (has & (1 << index)) !== 0)
  return flags.reduce((sum, flag) => sum + flag, mode) + (others[bits % others.length] ?? 0)
})

function needs(flags: number): readonly PromiseName[] {
  const mode = flags & accessMode
  return [
    ...(mode !== 1 || (flags & path) !== 0 ? ['rpath' as const] : []),
    ...(mode !== 0 || (flags & truncate) !== 0 ? ['wpath' as const] : []),
    ...((flags & (create | temporary)) !== 0 ? ['cpath' as const] : []),
  ]
}

/** The loader's opens, for reading alone, are granted to every program and join with nothing. */
function mayOpen(needed: readonly PromiseName[], promised: readonly PromiseName[]): boolean {
  return [promised, ['rpath']].some((granted) => needed.every((need) => granted.includes(need)))
}

interface Attempt {
  readonly call: string
  readonly args: readonly number[]
  readonly needed: readonly PromiseName[]
}

const attempts: readonly Attempt[] = [
  ...flagSets.flatMap((flags) => [
    { call: 'open', args: [1, flags], needed: needs(flags) },
    { call: 'openat', args: [0xffffffff, 1, flags], needed: needs(flags) },
  ]),
  { call: 'creat', args: [1], needed: ['wpath', 'cpath'] },
  { call: 'openat2', args: [0xffffffff, 1, 1], needed: all },
]

/** The attempts that a table has. */
function attemptsOn(calls: ReadonlyMap<string, Syscall>): readonly (Attempt & { readonly number: number })[] {
  return attempts.flatMap((attempt) => {
    const number = calls.get(attempt.call)?.number
    return number === undefined ? [] : [{ ...attempt, number }]
  })
}

function attemptText({ call, args }: Attempt): string {
  return `${call}(${args.map((value) => `0${value.toString(8)}`).join(', ')})`
}

for (const entry of entries) {
  t.test(`${entry.name}: an open passes exactly if all that it needs is promised`, { skip: skipOf(entry) }, (t) => {
    const made = attemptsOn(syscallTable(entry.arch).byName)
    for (const promised of subsets) {
      const program = markedProgram(meaningWith(promised, 'x86_64'))
      const lines = caller.make(
        program,
        'alone',
        entry,
        made.map(({ number, args }) => [number, ...args].join(' ')),
      )
      const wrong = made.filter(({ needed }, index) => isMark(lines[index] ?? '') === mayOpen(needed, promised))
      t.same(wrong.map(attemptText), [], `promises: [${promised.join(', ')}]`)
    }
    t.end()
  })
}

for (const arch of ['x86_64', 'i386', 'aarch64', 'arm', 'riscv64'] as const) {
  t.test(`${arch}, simulated: an open passes exactly if all that it needs is promised`, (t) => {
    for (const promised of subsets) {
      const { program } = compileFilter({ arch, promises: promised, denied: 'EPERM' })
      const wrong = attemptsOn(syscallTable(arch).byName).filter(({ number, args, needed }) => {
        const answer = evaluateSyscall(program, { arch, nr: number, args: args.map(BigInt) })
        return (answer === 'allow') !== mayOpen(needed, promised)
      })
      t.same(wrong.map(attemptText), [], `promises: [${promised.join(', ')}]`)
    }
    t.end()
  })
}
