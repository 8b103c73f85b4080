/** Profiles of container runtimes: what they mean by libseccomp, as runc uses it, and what we make of them. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import type { Arch } from '../../src/host/facts.js'
import { auditArch } from '../../src/layers/seccomp/arch.js'
import { decodeProgram, type Instruction } from '../../src/layers/seccomp/code/bpf.js'
import { generate } from '../../src/layers/seccomp/code/generate.js'
import { dataWords, simulate } from '../../src/layers/seccomp/code/simulate.js'
import { holds, type ArgumentValues, type Test, type Word64 } from '../../src/layers/seccomp/condition/test.js'
import { letsThrough } from '../../src/layers/seccomp/listing/answers.js'
import { meaningOf, type Meaning } from '../../src/layers/seccomp/meaning.js'
import { answerFor } from '../../src/layers/seccomp/oci/answers.js'
import { exportProfile } from '../../src/layers/seccomp/oci/export.js'
import { importProfile } from '../../src/layers/seccomp/oci/import.js'
import { profileJson } from '../../src/layers/seccomp/oci/json.js'
import type { Profile, ProfileTest } from '../../src/layers/seccomp/oci/profile.js'
import { readProfile } from '../../src/layers/seccomp/oci/read.js'
import type { FilterRequest } from '../../src/layers/seccomp/request.js'
import { syscallTable } from '../../src/layers/seccomp/tables.js'
import { parseSource } from '../../src/policy/source.js'
import { compile } from './oracle.js'

const directory = mkdtempSync(join(tmpdir(), 'palisade-profiles-'))
t.teardown(() => rmSync(directory, { recursive: true }))
const program = join(directory, 'profile_filter')
compile('cc', ['-o', program, 'integration/oracle/profile_filter.c', '-lseccomp'])

const seccompNames: ReadonlyMap<string, string> = new Map([
  ['SCMP_ARCH_X86_64', 'x86_64'],
  ['SCMP_ARCH_X86', 'x86'],
])

function profileOf(text: string): Profile {
  const { profile, problems } = readProfile(parseSource(text, 'profile.json').root)
  if (problems.length > 0) throw new Error(JSON.stringify(problems))
  return profile
}

/** libseccomp's filter, given what runc gives it. */
function filterOf({ defaultAction, architectures, entries }: Profile): readonly Instruction[] {
  const lines = [
    `default ${defaultAction.value}`,
    ...(architectures ?? []).map((name) => `arch ${seccompNames.get(name)}`),
    ...entries
      .filter(({ action }) => action.value !== defaultAction.value)
      .flatMap(({ names, action, args }) => {
        const once = new Set(args.map(({ index }) => index)).size === args.length
        const alternatives = once ? [args] : args.map((one) => [one])
        return names.flatMap((name) =>
          alternatives.map((tests) => `rule ${action.value} ${name} ${tests.map(testWords).join(' ')}`),
        )
      }),
  ]
  return decodeProgram(execFileSync(program, { timeout: 20_000, input: `${lines.join('\n')}\n` }))
}

function testWords({ index, op, value, valueTwo }: ProfileTest): string {
  return `${index} ${op} ${value}${op === 'MASKED_EQ' ? ` ${valueTwo}` : ''}`
}

/** Values at which tests change their mind, alone and with garbage in the upper half. */
function vectors(tests: readonly Test[]): readonly ArgumentValues[] {
  const zero: Word64 = { hi: 0, lo: 0 }
  const zeros: ArgumentValues = [zero, zero, zero, zero, zero, zero]
  const positions = [...new Set(tests.map(({ argument }) => argument))]
  const all = positions.reduce<readonly ArgumentValues[]>(
    (sofar, position) => {
      const values = boundaries(tests.filter(({ argument }) => argument === position))
      const product = sofar.flatMap((args) => values.map((value) => args.with(position, value)))
      const step = Math.ceil(product.length / 600)
      return step === 1 ? product : product.filter((_, index) => index % step === 0)
    },
    [zeros],
  )
  return all.flatMap((args) => [args, args.map(({ hi, lo }) => ({ hi: (hi ^ 0xdead) >>> 0, lo }))])
}

function boundaries(tests: readonly Test[]): readonly Word64[] {
  const values = tests.flatMap(({ mask, values: found }) =>
    found.flatMap(({ hi, lo }) => [
      ...[-1, 0, 1].map((step) => ({ hi, lo: (lo + step) >>> 0 })),
      { hi, lo: (lo | ~mask.lo) >>> 0 },
      { hi: (hi + 1) >>> 0, lo },
    ]),
  )
  const known = new Map(
    [{ hi: 0, lo: 0 }, { hi: 0xffffffff, lo: 0xffffffff }, ...values].map((v) => [`${v.hi}:${v.lo}`, v]),
  )
  return [...known.values()]
}

function run(code: readonly Instruction[], arch: Arch, number: number, args: ArgumentValues): number {
  return simulate(code, dataWords({ arch: auditArch[arch], number, args })).value
}

/** Calls with the values at which the policy or the profile change their mind about them. */
function questions(meaning: Meaning, profile: Profile, arch: Arch) {
  const decisions = meaning.tables.find((table) => table.arch === arch)?.decisions
  return [...syscallTable(arch).byName.values()].map((call) => {
    const ours = (decisions?.get(call.number)?.clauses ?? [])
      .flatMap(({ when }) => when ?? [])
      .flatMap(({ tests }) => tests)
    const theirs = answerFor(call.name, profile.entries, profile.defaultAction).clauses.flatMap(({ tests }) => tests)
    return { call, args: vectors([...ours, ...theirs]) }
  })
}

const listed = JSON.stringify({
  defaultAction: 'SCMP_ACT_ERRNO',
  defaultErrnoRet: 1,
  architectures: ['SCMP_ARCH_X86_64', 'SCMP_ARCH_X86'],
  syscalls: [
    { names: ['read', 'write', 'exit', 'exit_group', 'execve', 'rt_sigreturn'], action: 'SCMP_ACT_ALLOW' },
    { names: ['personality'], action: 'SCMP_ACT_ALLOW', args: [{ index: 0, value: 0, op: 'SCMP_CMP_EQ' }] },
    { names: ['personality'], action: 'SCMP_ACT_ALLOW', args: [{ index: 0, value: 4294967295, op: 'SCMP_CMP_EQ' }] },
    {
      names: ['lseek'],
      action: 'SCMP_ACT_ALLOW',
      args: [
        { index: 1, value: 5, op: 'SCMP_CMP_GT' },
        { index: 1, value: 2, op: 'SCMP_CMP_LT' },
      ],
    },
    {
      names: ['clone'],
      action: 'SCMP_ACT_ALLOW',
      args: [{ index: 0, value: 2114060288, valueTwo: 0, op: 'SCMP_CMP_MASKED_EQ' }],
    },
    { names: ['clone3'], action: 'SCMP_ACT_ERRNO', errnoRet: 38 },
    {
      names: ['mmap2', 'mprotect'],
      action: 'SCMP_ACT_ALLOW',
      args: [{ index: 2, value: 4, valueTwo: 0, op: 'SCMP_CMP_MASKED_EQ' }],
    },
    {
      names: ['madvise'],
      action: 'SCMP_ACT_ALLOW',
      args: [
        { index: 1, value: 9, op: 'SCMP_CMP_GE' },
        { index: 2, value: 7, op: 'SCMP_CMP_NE' },
      ],
    },
    { names: ['uname'], action: 'SCMP_ACT_KILL_PROCESS' },
    { names: ['uname'], action: 'SCMP_ACT_ALLOW' },
    { names: ['dup'], action: 'SCMP_ACT_ALLOW', args: [{ index: 0, value: 3, op: 'SCMP_CMP_LE' }] },
    { names: ['dup'], action: 'SCMP_ACT_LOG' },
    { names: ['getpid'], action: 'SCMP_ACT_ERRNO' },
    { names: ['no_such_call'], action: 'SCMP_ACT_ALLOW' },
    { names: ['fchmod'], action: 'SCMP_ACT_TRAP' },
  ],
})

t.test('what we take a profile to mean is what libseccomp makes of it', (t) => {
  const profile = profileOf(listed)
  const theirs = filterOf(profile)
  let asked = 0
  for (const arch of ['x86_64', 'i386'] as const) {
    const wrong: string[] = []
    for (const { call, args } of questions({ tables: [], otherArch: 'kill_process' }, profile, arch)) {
      const answer = answerFor(call.name, profile.entries, profile.defaultAction)
      for (const values of args) {
        asked += 1
        const clause = answer.clauses.find(({ tests }) => holds(tests, values))
        const found = run(theirs, arch, call.number, arch === 'i386' ? values.map(({ lo }) => ({ hi: 0, lo })) : values)
        const mine =
          arch === 'i386'
            ? answer.clauses.find(({ tests }) =>
                holds(
                  tests,
                  values.map(({ lo }) => ({ hi: 0, lo })),
                ),
              )
            : clause
        if (found !== (mine?.value ?? answer.otherwise)) wrong.push(`${call.name} ${JSON.stringify(values)}`)
      }
    }
    t.same(wrong, [], arch)
  }
  t.ok(asked > 1500, `${asked} calls were asked`)
  t.end()
})

/** Policies that ask different things of an exporter. */
const policies: readonly (readonly [name: string, part: Omit<FilterRequest, 'arch'>])[] = [
  ['promises', { promises: ['stdio', 'rpath', 'unix', 'threads'], denied: 'EPERM' }],
  ['kill', { promises: ['stdio', 'inet_client'], denied: 'kill' }],
  [
    'rules in an order',
    {
      promises: ['stdio'],
      denied: 'EPERM',
      rules: [
        { syscall: 'socket', when: 'family == AF_INET and type & SOCK_TYPE_MASK == SOCK_RAW', action: 'kill_process' },
        { syscall: 'socket', when: 'family in [AF_INET, AF_INET6]', action: 'allow' },
        { syscall: 'socket', when: 'family == AF_NETLINK', action: { errno: 'EACCES' } },
        { syscall: 'munmap', arch: 'x86_64', when: 'len > 0x100000000', action: { errno: 'EINVAL' } },
        { syscall: 'write', when: 'fd not in [1, 2]', action: { errno: 'EBADF' } },
        { syscall: 'read', when: 'count != 7', action: 'allow' },
        { syscall: 'sync', action: 'log' },
      ],
    },
  ],
  [
    'everything else allowed',
    {
      promises: [],
      denied: 'EPERM',
      otherwise: 'allow',
      rules: [
        { syscall: 'socket', when: 'family != AF_UNIX', action: { errno: 'EACCES' } },
        { syscall: 'socketcall', action: { errno: 'ENOSYS' } },
        { syscall: 'io_uring_setup', action: { errno: 'ENOSYS' } },
      ],
    },
  ],
]

for (const [name, part] of policies) {
  for (const tables of ['native', 'all'] as const) {
    t.test(
      `${name}, ${tables}: libseccomp lets nothing of the exported profile through that the policy refuses`,
      (t) => {
        const request: FilterRequest = { ...part, arch: 'x86_64' }
        const whole = meaningOf(request)
        const meaning = tables === 'all' ? whole : { ...whole, tables: whole.tables.slice(0, 1) }
        const { profile: made, losses } = exportProfile(meaning)
        const profile = profileOf(profileJson(made))
        const [ours, theirs] = [generate(meaning), filterOf(profile)]
        let [asked, allowed] = [0, 0]
        for (const { arch } of meaning.tables) {
          const lost = new Set(
            losses.flatMap(({ text }) => (text.startsWith(arch) ? (text.split(': ').at(-1)?.split(' ') ?? []) : [])),
          )
          const [weaker, untold]: [string[], string[]] = [[], []]
          for (const { call, args } of questions(meaning, profile, arch)) {
            for (const raw of args) {
              const values = arch === 'i386' ? raw.map(({ lo }) => ({ hi: 0, lo })) : raw
              const [wanted, found] = [run(ours, arch, call.number, values), run(theirs, arch, call.number, values)]
              asked += 1
              if (letsThrough(found)) allowed += 1
              if (letsThrough(found) && !letsThrough(wanted)) weaker.push(`${call.name} ${JSON.stringify(values)}`)
              // A call that libseccomp's tables do not have yet gets the default.
              const unknown = found === profile.defaultAction.value && !letsThrough(found)
              if (found !== wanted && !lost.has(call.name) && !unknown) untold.push(`${call.name} ${wanted} ${found}`)
            }
          }
          t.same(weaker, [], `${arch}: never weaker`)
          t.same(untold, [], `${arch}: no difference that was not told`)
          for (const number of [0x40000029, 0xffffffff, 9999]) {
            t.notOk(letsThrough(run(theirs, arch, number, [])), `${arch} number ${number}`)
          }
        }
        t.notOk(letsThrough(run(theirs, 'aarch64', 63, [])), 'another architecture')
        t.ok(
          asked > 1000 && allowed > 100,
          `${asked} calls, ${allowed} of them let through: the comparison says something`,
        )
        t.end()
      },
    )
  }
}

t.test('what comes back from an exported profile answers as the policy, natively', (t) => {
  for (const [name, part] of policies) {
    const request: FilterRequest = { ...part, arch: 'x86_64' }
    const native = (whole: Meaning): Meaning => ({ ...whole, tables: whole.tables.slice(0, 1) })
    const meaning = native(meaningOf(request))
    const { profile } = exportProfile(meaning)
    const { request: back, losses } = importProfile(profileOf(profileJson(profile)), 'x86_64', [])
    const told = losses.filter(({ text }) => text.startsWith('x86_64'))
    t.same(told, [], `${name}: nothing of the native table is lost`)
    const [before, after] = [generate(meaning), generate(native(meaningOf(back)))]
    const wrong = questions(meaning, profile, 'x86_64').flatMap(({ call, args }) =>
      args
        .filter((values) => run(before, 'x86_64', call.number, values) !== run(after, 'x86_64', call.number, values))
        .map(() => call.name),
    )
    t.same([...new Set(wrong)], [], name)
  }
  t.end()
})
