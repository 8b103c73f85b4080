/** Defects that the guests must find, each planted where a mistake would be: a run that stays green is a failure. */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { granting } from '../integration/promises/requests.js'
import { fsRights } from '../src/layers/landlock/abi.js'
import type { Action } from '../src/layers/seccomp/action.js'
import type { Decision, Meaning, TableMeaning } from '../src/layers/seccomp/meaning.js'
import type { Step } from '../src/plan/descriptors.js'
import { buildNative } from './host/programs.js'
import { guests, type Guest } from './matrix.js'
import type { Job } from './native/jobs.js'
import { landlockJobs } from './native/landlock.js'
import { nativeFiles, nativeRun } from './native/native.js'
import { tableJobs } from './native/tables.js'
import { bootAndJudge } from './run-all.js'
import { prepare } from './runs.js'

interface Defect {
  readonly what: string
  readonly guest: string
  readonly jobs: (guest: Guest) => readonly Job[]
  /** Points that must fail, among others. */
  readonly fails: readonly RegExp[]
}

/** No promise, and the one whose calls the defects are about. */
const few = granting.filter(({ promises }) => promises.length === 0 || promises.join() === 'inet')

const defects: readonly Defect[] = [
  {
    what: 'an i386 table with two numbers swapped',
    guest: 'i386-6.1',
    jobs: (guest) => tableJobs(guest, { of: few, plant: onTable('i386', swapped('connect', 'unshare')) }),
    fails: [/^i386: inet: what it grants reaches the kernel/, /^i386: inet: the rest does not/],
  },
  {
    what: 'a filter without the x32 check',
    guest: 'x86_64-6.12-x32',
    jobs: (guest) => tableJobs(guest, { of: [], plant: onTable('x86_64', (table) => ({ ...table, x32: 'allow' })) }),
    fails: [/^x86_64: x32 numbers and -1 are refused/],
  },
  {
    what: 'a filter without the arch check',
    guest: 'x86_64-6.1',
    jobs: (guest) => tableJobs(guest, { of: few, plant: withoutArchCheck }),
    fails: [/^int 0x80 of x86_64: inet: the rest does not/, /^i386 program: inet: what it grants reaches the kernel/],
  },
  {
    what: 'socketcall left open',
    guest: 'i386-6.5',
    jobs: (guest) => tableJobs(guest, { of: few, plant: onTable('i386', answering('socketcall', 'allow')) }),
    fails: [/^i386: no promise: the rest does not/],
  },
  {
    what: 'a Landlock right dropped on ABI 2',
    guest: 'aarch64-6.1',
    jobs: (guest) => landlockJobs(guest, 1000, withoutRight(fsRights.make_dir)),
    fails: [/^uid 1000, Landlock ABI 2 alone: making a directory/],
  },
  {
    what: 'a 64-bit compare of a 32-bit argument',
    guest: 'aarch64-6.12',
    jobs: (guest) => tableJobs(guest, { of: few, plant: onTable('aarch64', comparingWhole) }),
    fails: [/^aarch64: inet: what it grants reaches the kernel/],
  },
]

// Two guests at a time; a buffered test does not wait for the one before.
t.jobs = 2
for (const { what, guest: name, jobs, fails } of defects) {
  void t.test(`${what} is found on ${name}`, { buffered: true }, async (t) => {
    const guest = guests.find((one) => one.name === name)
    if (guest === undefined) throw new Error(`no guest ${name}`)
    const folder = mkdtempSync(join(tmpdir(), 'palisade-planted-'))
    t.teardown(() => rmSync(folder, { recursive: true }))
    const task = {
      files: (_guest: Guest, programs: Parameters<typeof nativeFiles>[1]) => nativeFiles(jobs(guest), programs),
      parameters: [nativeRun],
      limits: { bootCpu: 60, cpu: 120, wall: 600 },
    }
    const { points, faults } = await bootAndJudge(prepare(guest, task, folder), folder)
    t.same(faults, [], 'the guest itself is well')
    const failed = points.filter(({ ok }) => !ok).map((point) => point.name)
    for (const pattern of fails)
      t.ok(
        failed.some((one) => pattern.test(one)),
        `${String(pattern)} fails`,
      )
    t.ok(
      points.some(({ ok }) => ok),
      'and others pass: it is the defect that fails',
    )
  })
}

t.test("a struct laid out for 64 bits does not compile where the kernel's is another", (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'palisade-planted-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  const checkout = join(import.meta.dirname, '../..')
  for (const name of ['CMakeLists.txt', 'native']) cpSync(join(checkout, name), join(folder, name), { recursive: true })
  const file = join(folder, 'native/sys/processes.cc')
  const text = readFileSync(file, 'utf8')
  const planted = text.replace(
    'void (*handler)(int);\n  unsigned long flags;',
    'void (*handler)(int);\n  std::uint64_t flags;',
  )
  t.not(planted, text, 'it is planted')
  writeFileSync(file, planted)
  t.throws(
    () => buildNative('i386', folder, folder, ['palisade-launcher']),
    /static assertion failed[^]*KernelSigaction/,
  )
  t.end()
})

function onTable(arch: string, change: (table: TableMeaning) => TableMeaning): (meaning: Meaning) => Meaning {
  return (meaning) => ({ ...meaning, tables: meaning.tables.map((one) => (one.arch === arch ? change(one) : one)) })
}

function swapped(one: string, other: string): (table: TableMeaning) => TableMeaning {
  return (table) => {
    const [first, second] = [one, other].map((name) => table.table.byName.get(name)?.number ?? -1)
    const numbers = new Map([
      [first, second],
      [second, first],
    ])
    const decisions = [...table.decisions].map(([number, decision]): [number, Decision] => [
      numbers.get(number) ?? number,
      decision,
    ])
    return { ...table, decisions: new Map(decisions) }
  }
}

function answering(name: string, answer: Action): (table: TableMeaning) => TableMeaning {
  return (table) => ({
    ...table,
    decisions: new Map(
      [...table.decisions].map(([number, decision]): [number, Decision] => [
        number,
        decision.call.name === name ? { ...decision, clauses: [], otherwise: answer } : decision,
      ]),
    ),
  })
}

/** What comes by the other table's door is judged by the numbers of the native one. */
function withoutArchCheck(meaning: Meaning): Meaning {
  const [native] = meaning.tables
  if (native === undefined) throw new Error('no table')
  return { ...meaning, tables: meaning.tables.map(({ arch, audit }) => ({ ...native, arch, audit, x32: null })) }
}

function comparingWhole(table: TableMeaning): TableMeaning {
  const whole = 0xffffffff
  return {
    ...table,
    decisions: new Map(
      [...table.decisions].map(([number, decision]): [number, Decision] => [
        number,
        {
          ...decision,
          clauses: decision.clauses.map((clause) => ({
            ...clause,
            when:
              clause.when?.map((one) => ({
                ...one,
                tests: one.tests.map((test) => ({ ...test, mask: { ...test.mask, hi: whole } })),
              })) ?? null,
          })),
        },
      ]),
    ),
  }
}

function withoutRight(right: bigint): (steps: readonly Step[]) => readonly Step[] {
  return (steps) =>
    steps.map((step) =>
      step.op === 'landlock.restrict-self'
        ? {
            ...step,
            handledFs: step.handledFs & ~right,
            paths: step.paths.map((rule) => ({ ...rule, access: rule.access & ~right })),
          }
        : step,
    )
}
