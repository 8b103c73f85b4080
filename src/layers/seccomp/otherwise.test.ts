import t from 'tap'
import type { Arch } from '../../host/facts.js'
import { compileFilter } from './compile.js'
import { evaluateSyscall } from './evaluate.js'
import { seccompProblems } from './problems.js'
import type { FilterRequest, Rule } from './request.js'
import { syscallTable } from './tables.js'

type Part = Omit<FilterRequest, 'arch'>
const base: Part = { promises: [], denied: 'EPERM', otherwise: 'allow' }
const ring = { syscall: 'io_uring_setup', action: { errno: 'ENOSYS' } } as const
const socketcall = { syscall: 'socketcall', action: { errno: 'ENOSYS' } } as const
const local = { syscall: 'socket', when: 'family != PF_LOCAL', action: { errno: 'EACCES' } } as const

t.test('everything that no rule refuses is let through, and nothing that could be what a rule refuses', (t) => {
  const { program } = compileFilter({ ...base, arch: 'x86_64', rules: [local, socketcall, ring] })
  const ask = (arch: Arch, nr: number, ...args: readonly bigint[]) => evaluateSyscall(program, { arch, nr, args })
  const number = (arch: Arch, name: string) => syscallTable(arch).byName.get(name)?.number ?? -1
  for (const arch of ['x86_64', 'i386'] as const) {
    t.equal(ask(arch, number(arch, 'reboot')), 'allow', `${arch}: named by nobody`)
    t.equal(ask(arch, number(arch, 'socket'), 1n), 'allow', `${arch}: control`)
    t.same(ask(arch, number(arch, 'socket'), 2n), { errno: 'EACCES' })
    t.same(ask(arch, number(arch, 'ioctl'), 0n, 0x5412n), { errno: 'EPERM' }, `${arch}: TIOCSTI is never allowed`)
    t.same(ask(arch, 9999), { errno: 'ENOSYS' }, `${arch}: a call of a newer kernel`)
    t.same(ask(arch, -1), { errno: 'ENOSYS' }, `${arch}: -1`)
  }
  t.same(ask('i386', number('i386', 'socketcall'), 1n), { errno: 'ENOSYS' })
  t.same(ask('x86_64', 0x40000029, 2n), { errno: 'ENOSYS' }, 'x32')
  t.equal(ask('aarch64', 63), 'kill_process', 'another architecture')
  t.end()
})

const detours: readonly (readonly [name: string, rules: Part['rules'], arch: Arch, says: RegExp | null])[] = [
  [
    'a ring',
    [local, socketcall],
    'x86_64',
    /^io_uring_setup on x86_64 and i386 stays allowed and does what socket does/,
  ],
  ['the other table', [{ ...local, arch: 'x86_64' }, ring], 'x86_64', /^socket on i386 stays allowed/],
  ['the other machine', [{ ...local, arch: 'x86_64' }, ring], 'aarch64', /^socket on aarch64 stays allowed/],
  ['nothing', [local, socketcall, ring], 'x86_64', null],
  ['nothing, as socketcall is withheld', [local, ring], 'x86_64', null],
  ['nothing, where rules only allow', [{ syscall: 'socket', action: 'log' }], 'x86_64', null],
]
for (const [name, rules, arch, says] of detours) {
  t.test(`a rule that ${name} gets around, on ${arch}`, (t) => {
    const messages = seccompProblems({ ...base, rules }, arch).map(({ message }) => message)
    if (says === null) t.same(messages, [])
    else t.match(messages[0], says)
    t.end()
  })
}

const refuse = { errno: 'EPERM' } as const
const kill = 'kill_process'
const told = (part: Part, arch: Arch = 'x86_64'): string => {
  return seccompProblems(part, arch)
    .map(({ key, message }) => `${key}: ${message}`)
    .join('; ')
}
const rules = (...list: readonly Rule[]): Part => ({ ...base, rules: [...list, ring] })
const writeExec = 'prot & PROT_EXEC != 0'
const personality: Rule = { syscall: 'personality', arch: 'x86_64', action: refuse }

const openings: readonly (readonly [name: string, wrong: Part, says: RegExp, right: Part])[] = [
  [
    'clock_settime64 sets clocks as clock_settime does',
    rules({ syscall: 'clock_settime', action: refuse }),
    /clock_settime64 on i386.* stay allowed and do what clock_settime does/,
    rules(
      { syscall: 'clock_settime', action: refuse },
      { syscall: 'clock_settime64', action: refuse },
      { syscall: 'settimeofday', action: refuse },
      { syscall: 'stime', action: 'allow' },
    ),
  ],
  [
    'mmap2 maps as mmap does',
    rules(
      { syscall: 'mmap', arch: 'x86_64', when: writeExec, action: refuse },
      { syscall: 'mmap', arch: 'i386', action: { errno: 'ENOSYS' } },
    ),
    /^syscalls\.rules\[0\]: mmap2 on i386 stays allowed and does what mmap does$/,
    rules(
      { syscall: 'mmap', arch: 'x86_64', when: writeExec, action: refuse },
      { syscall: 'mmap', arch: 'i386', action: { errno: 'ENOSYS' } },
      { syscall: 'mmap2', when: writeExec, action: refuse },
    ),
  ],
  [
    'a twin with a weaker rule',
    rules(
      { syscall: 'fcntl', when: 'cmd in [F_SETLEASE, F_NOTIFY]', action: refuse },
      { syscall: 'fcntl64', when: 'cmd == F_NOTIFY', action: refuse },
    ),
    /fcntl64 on i386 stays allowed/,
    rules(
      { syscall: 'fcntl', when: 'cmd in [F_SETLEASE, F_NOTIFY]', action: refuse },
      { syscall: 'fcntl64', when: 'cmd in [F_NOTIFY, F_SETLEASE]', action: refuse },
    ),
  ],
  [
    'a call without flags, where a refusal is for their absence',
    rules({ syscall: 'umount2', when: 'flags & MNT_DETACH == 0', action: refuse }),
    /umount on i386 stays allowed/,
    rules({ syscall: 'umount2', when: 'flags & MNT_DETACH != 0', action: refuse }),
  ],
  [
    'a weaker rule on the other table',
    rules(personality, { ...personality, arch: 'i386', when: 'personality == 0x12345' }),
    /^syscalls\.rules\[0\]\.arch: personality on i386 stays allowed for some of these arguments/,
    rules(personality, { ...personality, arch: 'i386' }),
  ],
  [
    'an exception on the other table alone',
    rules(
      personality,
      { ...personality, arch: 'i386', when: 'personality == 0xffffffff', action: 'allow' },
      { ...personality, arch: 'i386' },
    ),
    /personality on i386 stays allowed/,
    rules(
      { ...personality, arch: ['x86_64', 'i386'], when: 'personality == 0xffffffff', action: 'allow' },
      personality,
      { ...personality, arch: 'i386' },
    ),
  ],
  [
    'a ring, which unlinks',
    {
      ...base,
      rules: [
        { syscall: 'unlinkat', when: 'flag & AT_REMOVEDIR != 0', action: refuse },
        { syscall: 'rmdir', action: refuse },
      ],
    },
    /io_uring_setup on x86_64 and i386 stays allowed and does what unlinkat does/,
    rules(
      { syscall: 'unlinkat', when: 'flag & AT_REMOVEDIR != 0', action: refuse },
      { syscall: 'rmdir', action: refuse },
    ),
  ],
  [
    'a ring that a first rule lets through for most arguments',
    { ...base, rules: [local, { syscall: 'io_uring_setup', when: 'entries != 77', action: 'allow' }, ring] },
    /io_uring_setup on x86_64 and i386 is allowed by rules\[1\] and does what socket does/,
    { ...base, rules: [local, { syscall: 'io_uring_setup', when: 'entries != 77', action: kill }, ring] },
  ],
  [
    'a ring of the list of allowed calls',
    {
      promises: ['stdio', 'rpath'],
      denied: 'EPERM',
      allow: ['io_uring_setup', 'io_uring_enter', 'io_uring_register'],
      rules: [{ syscall: 'openat', when: 'flags & O_CREAT != 0', action: kill }],
    },
    /io_uring_setup on x86_64 and i386 is allowed and does what openat does/,
    {
      promises: ['stdio', 'rpath'],
      denied: 'EPERM',
      rules: [{ syscall: 'openat', when: 'flags & O_CREAT != 0', action: kill }],
    },
  ],
  [
    'openat2 that a rule lets through, where openat is limited',
    rules(
      { syscall: 'openat2', action: 'log' },
      ...['open', 'openat'].map((syscall) => ({ syscall, when: 'flags & O_CREAT != 0', action: refuse })),
      { syscall: 'creat', action: refuse },
    ),
    /openat2 on x86_64 and i386 does what openat does .* limits on openat would not hold/,
    rules({ syscall: 'openat2', action: 'log' }, { syscall: 'mmap', arch: 'i386', action: 'log' }),
  ],
]
for (const [name, wrong, says, right] of openings) {
  t.test(`what a rule leaves open is an error: ${name}`, (t) => {
    t.match(told(wrong), says)
    t.equal(told(right), '', 'control: mended')
    t.end()
  })
}

t.test('who reaches the other table is told as it is', (t) => {
  const of = (arch: Arch): Part => rules({ syscall: 'acct', arch, action: refuse })
  t.match(told(of('x86_64')), /acct on i386 stays allowed, and every program can make calls of i386/)
  t.match(told(of('aarch64'), 'aarch64'), /acct on arm stays allowed, and a 32-bit program makes calls of arm/)
  t.match(told(of('i386')), /acct on x86_64 stays allowed, and programs of x86_64 make calls of it/)
  t.equal(told(rules({ syscall: 'acct', action: refuse })), '', 'control: a rule for all')
  t.end()
})

t.test('twins: a rule that is a filter of its own lets the other name through, and the error is about that', (t) => {
  const wrong = rules({ syscall: 'clock_settime', action: refuse })
  const { program } = compileFilter({ ...wrong, arch: 'x86_64' })
  const ask = (name: string) => {
    return evaluateSyscall(program, { arch: 'i386', nr: syscallTable('i386').byName.get(name)?.number ?? -1, args: [] })
  }
  t.equal(ask('clock_settime64'), 'allow')
  t.same(ask('clock_settime'), refuse, 'control')
  t.end()
})
