import t from 'tap'
import type { Arch } from '../../host/facts.js'
import { bindCondition } from './condition/bind.js'
import { holds, toWord64 } from './condition/test.js'
import { toWords } from './condition/words.js'
import { explainSyscall } from './explain.js'
import { openGrants } from './open-needs.js'
import { seccompProblems, type PolicyPart } from './problems.js'
import { implicitNames, never, probes, promiseDefinition, promiseNames, type Grant } from './promises.js'
import type { FilterRequest } from './request.js'
import { schema } from './schema.js'
import { constantOf, errnoName, errnoOf, syscallTable, type Syscall } from './tables.js'

const arches: readonly Arch[] = ['x86_64', 'i386', 'aarch64', 'arm', 'riscv64']

function callOf(arch: Arch, name: string): Syscall {
  const call = syscallTable(arch).byName.get(name)
  if (call === undefined) throw new Error(`${arch} has no ${name}`)
  return call
}

/** Whether a condition holds for x86_64 arguments. */
function met(name: string, text: string, ...args: readonly bigint[]): boolean {
  return holds(bindCondition(text, callOf('x86_64', name), 'x86_64'), args.map(toWord64))
}

t.test('tables: numbers are those of the kernel headers', (t) => {
  const numbers: readonly (readonly [Arch, string, number])[] = [
    ['x86_64', 'read', 0],
    ['x86_64', 'fchroot', 472],
    ['i386', 'socketcall', 102],
    ['i386', 'clock_gettime64', 403],
    ['aarch64', 'openat', 56],
    ['arm', 'ARM_set_tls', 983045],
    ['riscv64', 'riscv_flush_icache', 259],
  ]
  for (const [arch, name, number] of numbers) t.equal(callOf(arch, name).number, number, `${arch} ${name}`)
  t.equal(syscallTable('aarch64').byName.get('open'), undefined, 'aarch64 has no open')
  t.same(constantOf('O_DIRECTORY', 'aarch64'), { kind: 'value', value: 0x4000n })
  t.same(constantOf('O_DIRECTORY', 'x86_64'), { kind: 'value', value: 0x10000n })
  t.same(constantOf('ARCH_SET_FS', 'arm'), { kind: 'other-arch', arches: ['x86_64', 'i386'] })
  t.same(constantOf('AF_VSOK', 'x86_64'), { kind: 'unknown' })
  t.equal(errnoOf('ENOSYS'), 38)
  t.equal(errnoOf('EPOLLIN'), null)
  t.equal(errnoName(1), 'EPERM')
  t.end()
})

t.test('promises: every name exists, and every condition fits every arch that has the call', (t) => {
  const tables = arches.map(syscallTable)
  const check = (owner: string, { calls, when, arches: only }: Grant): void => {
    for (const name of calls.split(' ')) {
      const having = tables.filter(
        ({ arch, byName }) => byName.has(name) && (only === undefined || only.includes(arch)),
      )
      if (having.length === 0) t.fail(`${owner}: no arch has ${name}`)
      for (const { arch } of having) {
        for (const text of when ?? []) {
          const alternatives = toWords(bindCondition(text, callOf(arch, name), arch))
          if (alternatives.length === 0) t.fail(`${owner}: ${name} on ${arch} can never meet ${text}`)
        }
      }
    }
  }
  const names = [...implicitNames, ...promiseNames]
  for (const name of names) for (const grant of promiseDefinition(name).grants) check(name, grant)
  for (const name of names) {
    for (const { call, when } of openGrants([name]))
      check(name, when.length === 0 ? { calls: call } : { calls: call, when })
  }
  for (const grant of [...never.map(({ syscall, when }) => ({ calls: syscall, when: [when] })), ...probes])
    check('never and probes', grant)
  t.equal(promiseNames.length, 40)
  t.end()
})

type Names = Parameters<typeof openGrants>[0]

function opens(names: Names, flags: bigint): boolean {
  const grants = openGrants(names).filter(({ call }) => call === 'openat')
  return grants.some(({ when }) => when.length === 0 || when.some((text) => met('openat', text, 0n, 0n, flags)))
}

function openCalls(names: Names): readonly string[] {
  return openGrants(names).map(({ call }) => call)
}

t.test('promises: a word opens nothing that another word is for', (t) => {
  const answers = (promises: FilterRequest['promises'], name: string, ...args: readonly bigint[]) =>
    explainSyscall(name, 'x86_64', { arch: 'x86_64', promises, denied: 'EPERM' }, args).answer
  const [unix, stream, dgram, raw, seqpacket, cloexec] = [1n, 1n, 2n, 3n, 5n, 0o2000000n]
  t.equal(answers(['stdio'], 'socketpair', unix, stream | cloexec), 'allowed')
  t.equal(answers(['stdio'], 'socketpair', unix, seqpacket), 'allowed')
  for (const type of [dgram, raw, dgram | cloexec]) {
    t.equal(answers(['stdio'], 'socketpair', unix, type), 'denied', 'it could send to socket files')
    t.equal(answers(['stdio', 'unix'], 'socketpair', unix, type), 'allowed', 'control: the promise unix')
  }
  const [readOnly, execute] = [0o10000n, 0o100000n]
  t.equal(answers(['sysvipc'], 'shmat', 1n, 0n, readOnly), 'allowed')
  t.equal(answers(['sysvipc'], 'shmat', 1n, 0n, execute), 'denied')
  t.equal(answers(['sysvipc', 'prot_exec'], 'shmat', 1n, 0n, execute), 'allowed', 'control: the promise prot_exec')
  t.equal(answers(['prot_exec'], 'shmat', 1n, 0n, execute), 'denied', 'prot_exec alone shares nothing')
  const ipc = (promises: FilterRequest['promises']) =>
    explainSyscall('ipc', 'i386', { arch: 'x86_64', promises, denied: 'EPERM' }).answer
  t.equal(ipc(['sysvipc']), 'denied', 'ipc(2) attaches memory as code')
  t.equal(ipc(['sysvipc', 'prot_exec']), 'allowed')
  t.match(promiseDefinition('memfd').means, 'code')
  t.end()
})

t.test('open: what an open needs must all be granted, never a union', (t) => {
  const [rdonly, wronly, rdwr, both, creat, trunc, path, tmpfile] = [
    0n,
    1n,
    2n,
    3n,
    0o100n,
    0o1000n,
    0o10000000n,
    0o20200000n,
  ]
  const cases: readonly (readonly [Names, bigint, boolean])[] = [
    [['rpath'], rdonly, true],
    [['rpath'], rdwr, false],
    [['rpath'], wronly, false],
    [['rpath'], rdonly | trunc, false],
    [['rpath'], rdonly | creat, false],
    [['rpath'], both, false],
    [['wpath'], wronly, true],
    [['wpath'], rdwr, false],
    [['wpath'], rdonly, false],
    [['wpath'], wronly | path, false],
    [['wpath'], wronly | creat, false],
    [['cpath'], rdonly | creat, false],
    [['cpath'], wronly | creat, false],
    [['rpath', 'cpath'], rdwr | creat, false],
    [['rpath', 'cpath'], rdonly | creat, true],
    [['wpath', 'cpath'], wronly | creat | trunc, true],
    [['rpath', 'wpath'], rdwr, true],
    [['rpath', 'wpath'], rdwr | tmpfile, false],
    [['rpath', 'wpath', 'cpath'], rdwr | tmpfile, true],
    [['dns', 'wpath'], rdwr, false],
    [['dns', 'wpath'], rdonly, true],
    [['tmppath'], rdwr | creat, true],
  ]
  for (const [names, flags, expected] of cases) {
    t.equal(opens(names, flags), expected, `${names.join(' ')}: 0${flags.toString(8)}`)
  }
  t.notOk(openCalls(['rpath', 'wpath']).includes('openat2'), 'openat2 hides its flags')
  t.ok(openCalls(['rpath', 'wpath', 'cpath']).includes('openat2'))
  t.notOk(openCalls(['cpath']).includes('creat'), 'creat opens for writing')
  t.ok(openCalls(['wpath', 'cpath']).includes('creat'))
  t.end()
})

t.test('schema: unknown words, keys and oversized lists are refused', (t) => {
  const accepted = {
    promises: ['stdio'],
    rules: [{ syscall: 'socket', when: ['family == 1'], action: { errno: 'EACCES' } }],
  }
  t.same(schema().parse({}), { promises: [], denied: 'EPERM', otherwise: 'denied' })
  t.equal(schema().safeParse(accepted).success, true)
  const refused: readonly unknown[] = [
    { promises: ['stdioo'] },
    { promises: ['core'] },
    { denied: 'log' },
    { extra: 1 },
    { rules: [{ syscall: 'socket', action: 'trace' }] },
    { rules: [{ syscall: 'socket', action: 'kill' }] },
    { minimumKernel: '5' },
    { rules: [{ syscall: 'socket' }] },
    { rules: [{ syscall: 'sock et', action: 'allow' }] },
    { rules: [{ syscall: 'socket', when: 'x'.repeat(2001), action: 'allow' }] },
    { allow: Array.from({ length: 513 }, () => 'read') },
  ]
  for (const value of refused) t.equal(schema().safeParse(value).success, false, JSON.stringify(value).slice(0, 60))
  t.end()
})

function part(extra: Partial<PolicyPart>): PolicyPart {
  return { promises: ['stdio'], denied: 'EPERM', ...extra }
}

t.test('problems: unknown, contradictory and unenforceable things are told, each by its own message', (t) => {
  const kill = 'kill_process'
  const cases: readonly (readonly [Partial<PolicyPart>, key: string, message: RegExp, fix: RegExp | null])[] = [
    [
      { rules: [{ syscall: 'sokcet', action: kill }] },
      'syscalls.rules[0].syscall',
      /unknown system call sokcet/,
      /socket/,
    ],
    [
      { rules: [{ syscall: 'mmap2', arch: 'x86_64', action: kill }] },
      'syscalls.rules[0].syscall',
      /x86_64 has no system call mmap2; i386, arm have it/,
      null,
    ],
    [{ rules: [{ syscall: 'riscv_hwprobe', action: kill }] }, 'syscalls.rules[0].syscall', /riscv64 has it/, null],
    [
      { rules: [{ syscall: 'socket', action: { errno: 'EPREM' } }] },
      'syscalls.rules[0].action.errno',
      /unknown error EPREM/,
      /EPERM/,
    ],
    [
      { rules: [{ syscall: 'socket', when: 'family == AF_X', action: kill }] },
      'syscalls.rules[0].when',
      /unknown constant AF_X$/,
      null,
    ],
    [
      { rules: [{ syscall: 'socket', when: ['family == 1', 'family =='], action: kill }] },
      'syscalls.rules[0].when[1]',
      /found the end/,
      null,
    ],
    [
      { rules: [{ syscall: 'mmap', when: 'prot == 0', action: kill }] },
      'syscalls.rules[0].when',
      /mmap on i386 has no argument "prot"/,
      /write arch: x86_64/,
    ],
    [
      { rules: [{ syscall: 'socket', when: 'family == 1 and family == 2', action: kill }] },
      'syscalls.rules[0].when',
      /can never be true/,
      null,
    ],
    [
      {
        rules: [
          { syscall: 'socket', action: kill },
          { syscall: 'socket', when: 'family == 1', action: 'allow' },
        ],
      },
      'syscalls.rules[1]',
      /never reached: rules\[0\]/,
      /before/,
    ],
    [{ rules: [{ syscall: 'uretprobe', action: kill }] }, 'syscalls.rules[0]', /exempts uretprobe/, null],
    [{ rules: [{ syscall: 'execve', action: kill }] }, 'syscalls.rules[0]', /no program can be started/, null],
    [
      { rules: [{ syscall: 'exit_group', action: { errno: 'EPERM' } }] },
      'syscalls.rules[0]',
      /no program can end/,
      null,
    ],
    [
      { rules: [{ syscall: 'ioctl', action: 'allow' }] },
      'syscalls.rules[0]',
      /never allowed: ioctl with cmd in/,
      /add to the condition: cmd not in/,
    ],
    [
      { rules: [{ syscall: 'ioctl', when: 'cmd != TCGETS', action: 'log' }] },
      'syscalls.rules[0]',
      /never allowed/,
      null,
    ],
    [
      { rules: [{ syscall: 'ioctl', when: ['cmd == 1', 'cmd & 0xff == 0x12'], action: 'allow' }] },
      'syscalls.rules[0]',
      /never allowed/,
      null,
    ],
    [{ allow: ['getpidd'] }, 'syscalls.allow[0]', /unknown system call getpidd/, /getpid/],
    [{ allow: ['ioctl'] }, 'syscalls.allow[0]', /TIOCSTI/, /rule/],
    [
      { allow: ['bpf'], rules: [{ syscall: 'bpf', action: kill }] },
      'syscalls.allow[0]',
      /contradicts rules\[0\]/,
      null,
    ],
    [
      { allow: ['socketcall'] },
      'syscalls.allow[0]',
      /socketcall on i386 .* limits on socket would not hold/,
      /leave socketcall out/,
    ],
    [
      { promises: ['stdio', 'threads'], allow: ['clone3'] },
      'syscalls.allow[0]',
      /limits on clone would not hold/,
      null,
    ],
    [
      { rules: [{ syscall: 'openat2', action: 'allow' }] },
      'syscalls.rules[0]',
      /limits on openat would not hold/,
      null,
    ],
  ]
  for (const [extra, key, message, fix] of cases) {
    const problems = seccompProblems(part(extra), 'x86_64')
    const found = problems.find((problem) => problem.key === key)
    t.match(found?.message ?? `no problem at ${key}: ${JSON.stringify(problems)}`, message, JSON.stringify(extra))
    if (fix !== null) t.match(found?.fix, fix, `fix of ${JSON.stringify(extra)}`)
  }
  const fine: readonly Partial<PolicyPart>[] = [
    {},
    { allow: ['personality'], rules: [{ syscall: 'socket', when: 'family == AF_VSOCK', action: kill }] },
    { rules: [{ syscall: 'socketcall', arch: 'i386', action: { errno: 'ENOSYS' } }] },
    { promises: ['stdio', 'rpath', 'wpath', 'cpath'] },
    { rules: [{ syscall: 'ioctl', when: 'cmd in [TCSETS, TIOCGWINSZ]', action: 'allow' }] },
    { rules: [{ syscall: 'ioctl', when: 'cmd == TIOCSTI', action: 'kill_process' }] },
    {
      rules: [
        { syscall: 'socket', when: 'family == 1', action: kill },
        { syscall: 'socket', action: 'allow' },
      ],
    },
  ]
  for (const extra of fine) t.same(seccompProblems(part(extra), 'x86_64'), [], JSON.stringify(extra))
  t.end()
})
