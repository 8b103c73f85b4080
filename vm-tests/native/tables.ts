/**
 * Every call of every table that the guest's kernel has, with the argument rules of every promise, made natively:
 * within each condition, just outside of it, and without the promise. The samples are those of the integration tests.
 */
import { markedProgram, printed } from '../../integration/promises/marks.js'
import { notAsked, notMade, unknownNumbers, x32Numbers } from '../../integration/promises/live.js'
import { callsOf, granting, meaningWith, type Granting, type Refused } from '../../integration/promises/requests.js'
import { sampleLine, type Sample } from '../../integration/promises/samples.js'
import type { Arch } from '../../src/host/facts.js'
import { encodeProgram } from '../../src/layers/seccomp/code/bpf.js'
import type { Meaning } from '../../src/layers/seccomp/meaning.js'
import { promiseNames } from '../../src/layers/seccomp/promises.js'
import { compileFilter } from '../../src/layers/seccomp/seccomp.js'
import { errnoOf } from '../../src/layers/seccomp/tables.js'
import type { Guest } from '../matrix.js'
import type { Job } from './jobs.js'

/** A way into the kernel: by which program and instruction, and whose table the numbers are of. */
export interface Entry {
  readonly name: string
  readonly program: 'calls' | 'calls-of-other'
  readonly instruction: 'syscall' | 'int80'
  readonly arch: Arch
}

const entries: Readonly<Record<Guest['arch'], readonly Entry[]>> = {
  x86_64: [
    { name: 'x86_64', program: 'calls', instruction: 'syscall', arch: 'x86_64' },
    { name: 'int 0x80 of x86_64', program: 'calls', instruction: 'int80', arch: 'i386' },
    { name: 'i386 program', program: 'calls-of-other', instruction: 'int80', arch: 'i386' },
  ],
  i386: [{ name: 'i386', program: 'calls', instruction: 'int80', arch: 'i386' }],
  aarch64: [
    { name: 'aarch64', program: 'calls', instruction: 'syscall', arch: 'aarch64' },
    { name: 'armhf program', program: 'calls-of-other', instruction: 'syscall', arch: 'arm' },
  ],
}

const allowAll = encodeProgram([{ code: 0x06, jt: 0, jf: 0, k: 0x7fff0000 }])

/** Any line but the answer of a marked filter. */
const noMark = `!${['EXFULL', 'EBADRQC', 'EBADSLT'].map((name) => `failed ${errnoOf(name)}`).join('|')}`

export interface TableOptions {
  /** Promises to make the calls of. */
  readonly of?: readonly Granting[]
  /** A defect that the filter gets, while the answers stay what they should be: for tests of these tests. */
  readonly plant?: (meaning: Meaning) => Meaning
}

export function tableJobs(
  { arch }: Guest,
  { of = granting, plant = (same) => same }: TableOptions = {},
): readonly Job[] {
  return entries[arch].flatMap((entry) => [
    ...of.flatMap(({ promises, by }) => {
      const name = `${entry.name}: ${promises.length === 0 ? 'no promise' : promises.join(' + ')}`
      const meaning = meaningWith(promises, arch)
      const { inside, outside } = callsOf(meaning, entry.arch, by)
      const { program } = compileFilter({ arch, promises, denied: 'EPERM' })
      const marked = markedProgram(plant(meaning))
      return [
        reached(`${name}: what it grants reaches the kernel`, entry, marked, inside),
        refused(`${name}: the rest does not`, entry, marked, outside, 'marked'),
        refused(`${name}: the rest gets the policy's answers`, entry, program, outside, 'plain'),
      ]
    }),
    reached(`${entry.name}: control: without a filter nothing is refused`, entry, allowAll, everyOutside(arch, entry)),
    ...unknown(arch, entry, plant),
  ])
}

function reached(name: string, entry: Entry, filter: Uint8Array, samples: readonly Sample[]): Job {
  const made = samples.filter(({ call }) => !notMade.has(call.name))
  return job(
    name,
    entry,
    filter,
    'alone',
    made.map(sampleLine),
    made.map(() => noMark),
  )
}

function refused(
  name: string,
  entry: Entry,
  filter: Uint8Array,
  samples: readonly Refused[],
  answers: 'marked' | 'plain',
): Job {
  const made = samples.filter(({ call }) => !notAsked.includes(call.name))
  // A call that kills leaves nobody to make the next one.
  const how = answers === 'plain' && made.some(({ answer }) => answer === 'kill_process') ? 'alone' : 'together'
  const expected = made.map(({ answer }) => printed(answer, answers))
  return job(name, entry, filter, how, made.map(sampleLine), expected)
}

function everyOutside(arch: Guest['arch'], entry: Entry): readonly Sample[] {
  return callsOf(meaningWith([], arch), entry.arch, new Set()).outside
}

/** Numbers that no call has, -1, and on x86_64 those with the x32 bit, where all of them are refused. */
function unknown(arch: Guest['arch'], entry: Entry, plant: (meaning: Meaning) => Meaning): readonly Job[] {
  const filter = markedProgram(plant(meaningWith(promiseNames, arch)))
  const mark = printed({ errno: 'ENOSYS' }, 'marked')
  const lists = [
    ['numbers that no call has are unknown', unknownNumbers(entry)],
    ['x32 numbers and -1 are refused', x32Numbers()],
  ] as const
  const both = lists.map(([name, numbers]) =>
    job(
      `${entry.name}: ${name}`,
      entry,
      filter,
      'together',
      numbers.map(String),
      numbers.map(() => mark),
    ),
  )
  if (entry.arch !== 'x86_64') return both
  const { program } = compileFilter({ arch: 'x86_64', promises: promiseNames, denied: 'kill' })
  const some = [0x4000_0000, 0x4000_0027, 0x4000_0208, 0xffff_ffff].map(String)
  const killed = job(
    `${entry.name}: x32 numbers kill where denied calls do`,
    entry,
    program,
    'alone',
    some,
    some.map(() => 'killed 31'),
  )
  const control = job(
    `${entry.name}: control: they kill nobody`,
    entry,
    allowAll,
    'alone',
    some,
    some.map(() => '!killed 31'),
  )
  return [...both, killed, control]
}

function job(
  name: string,
  { program, instruction }: Entry,
  filter: Uint8Array,
  how: 'alone' | 'together',
  lines: readonly string[],
  expected: readonly string[],
): Job {
  // Nothing that is asked is answered by nothing.
  if (lines.length === 0) throw new RangeError(`${name}: no calls`)
  return {
    uid: 0,
    runs: { program: [`/payload/${program}`, filter, how, instruction, 'nobody'] },
    input: lines.map((line) => `${line}\n`).join(''),
    points: [{ kind: 'lines', layer: 'seccomp', name: `${name} (${lines.length})`, expected }],
  }
}
