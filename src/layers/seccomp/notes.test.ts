import t from 'tap'
import type { Arch } from '../../host/facts.js'
import { compileFilter } from './compile.js'
import { evaluateSyscall } from './evaluate.js'
import { seccompNotes } from './notes.js'
import { seccompProblems, type PolicyPart } from './problems.js'
import { never } from './promises.js'
import type { FilterRequest, Rule } from './request.js'
import { syscallTable } from './tables.js'

const refuse = { errno: 'EACCES' } as const

function request(extra: Partial<FilterRequest>): FilterRequest {
  return { arch: 'x86_64', promises: ['stdio'], denied: 'EPERM', ...extra }
}

/** What the filter answers to a call; arguments that are not given are 0. */
function answer(made: FilterRequest, name: string, arch: Arch = 'x86_64', ...args: readonly bigint[]) {
  const number = syscallTable(arch).byName.get(name)?.number
  if (number === undefined) throw new Error(`${arch} has no ${name}`)
  return evaluateSyscall(compileFilter(made).program, { arch, nr: number, args })
}

t.test('notes: a call with its arguments in memory follows the rules behind it, or is refused, and it is told', (t) => {
  const cases: readonly (readonly [rule: Rule, told: RegExp])[] = [
    [
      { syscall: 'socket', when: 'family == AF_VSOCK', action: refuse },
      /^socketcall on i386 answers ENOSYS: .* socket /,
    ],
    [{ syscall: 'shmat', action: refuse }, /^ipc on i386 answers ENOSYS: .* shmat /],
    [{ syscall: 'mmap2', action: refuse }, /^mmap on i386 answers ENOSYS: .* mmap2 /],
    [{ syscall: '_newselect', when: 'n == 1024', action: refuse }, /^select on i386 answers ENOSYS: .* _newselect /],
    [
      { syscall: 'openat', when: 'flags & O_CREAT != 0', action: refuse },
      /^openat2 on x86_64 answers ENOSYS: .* openat /,
    ],
    [
      { syscall: 'clone', when: 'clone_flags & CLONE_NEWUSER != 0', action: refuse },
      /^clone3 on x86_64 answers ENOSYS/,
    ],
  ]
  for (const [rule, told] of cases) {
    const part: PolicyPart = { promises: ['stdio'], denied: 'EPERM', rules: [rule] }
    const texts = seccompNotes(part, 'x86_64').map(({ text }) => text)
    t.ok(
      texts.some((text) => told.test(text)),
      `${rule.syscall}: ${texts.join('; ')}`,
    )
  }
  t.same(
    seccompNotes({ promises: ['stdio'], denied: 'EPERM', rules: [{ syscall: 'sysinfo', action: refuse }] }, 'x86_64'),
    [],
  )
  const elsewhere: Rule = { syscall: 'socket', arch: 'x86_64', action: refuse }
  t.same(seccompNotes({ promises: [], denied: 'EPERM', rules: [elsewhere] }, 'x86_64'), [], 'i386 is not concerned')
  t.end()
})

t.test('rules: what a promise grants by a call with its arguments in memory, a rule behind it takes back', (t) => {
  const namespaces = request({ promises: ['stdio', 'ns'] })
  const rules: readonly Rule[] = [{ syscall: 'clone', when: 'clone_flags & CLONE_NEWUSER != 0', action: refuse }]
  t.equal(answer(namespaces, 'clone3'), 'allow', 'control: the promise ns')
  t.same(answer({ ...namespaces, rules }, 'clone3'), { errno: 'ENOSYS' })
  t.same(answer({ ...namespaces, rules, denied: 'kill' }, 'clone3'), { errno: 'ENOSYS' }, 'libraries try it out')
  const files = request({ promises: ['stdio', 'rpath', 'wpath', 'cpath'] })
  const noExclusive: readonly Rule[] = [{ syscall: 'openat', when: 'flags & O_EXCL != 0', action: refuse }]
  t.equal(answer(files, 'openat2'), 'allow', 'control: the promises')
  t.same(answer({ ...files, rules: noExclusive }, 'openat2'), { errno: 'ENOSYS' })
  t.end()
})

t.test('rules: socketcall is accepted when every call behind it is allowed whatever its arguments', (t) => {
  const behind = 'socket bind connect listen accept4 getsockname getpeername socketpair sendto recvfrom shutdown'
  const more = 'setsockopt getsockopt sendmsg recvmsg sendmmsg recvmmsg recvmmsg_time64 socketcall'
  const allow = `${behind} ${more}`.split(' ')
  const whole: PolicyPart = { promises: ['stdio'], denied: 'EPERM', allow }
  t.same(seccompProblems(whole, 'x86_64'), [])
  t.equal(answer({ ...whole, arch: 'x86_64' }, 'socketcall', 'i386'), 'allow')
  for (const missing of ['socket', 'sendmsg']) {
    const part = { ...whole, allow: allow.filter((name) => name !== missing) }
    t.match(seccompProblems(part, 'x86_64')[0]?.message, new RegExp(`limits on ${missing} would not hold`), missing)
  }
  const log: Rule = { syscall: 'socket', action: 'log' }
  const notes = seccompNotes({ ...whole, rules: [log] }, 'x86_64').map(({ text }) => text)
  t.same(notes, ['socketcall on i386 is allowed too, as every call behind it is'])
  t.end()
})

t.test('actions: each is in the filter as it is written, and a listener is asked only where there can be one', (t) => {
  for (const action of ['allow', 'log', 'trap', 'user_notif', 'kill_thread', 'kill_process'] as const) {
    const part: PolicyPart = { promises: [], denied: 'EPERM', rules: [{ syscall: 'syslog', action }] }
    t.same(seccompProblems(part, 'x86_64', 'elsewhere'), [], action)
    t.equal(answer({ ...part, arch: 'x86_64' }, 'syslog'), action)
    const refused = seccompProblems(part, 'x86_64').map(({ key }) => key)
    t.same(refused, action === 'user_notif' ? ['syscalls.rules[0].action'] : [], `${action} in a run`)
  }
  const thread: PolicyPart = { promises: [], denied: 'EPERM', rules: [{ syscall: 'syslog', action: 'kill_thread' }] }
  t.match(seccompNotes(thread, 'x86_64'), [{ key: 'syscalls.rules[0]', text: /waiting/ }])
  t.end()
})

t.test('arch: a rule with a list of arches is for these tables and no other', (t) => {
  const rules: readonly Rule[] = [{ syscall: 'getpid', arch: ['x86_64', 'arm'], action: refuse }]
  const made = request({ rules })
  t.same(answer(made, 'getpid'), refuse)
  t.equal(answer(made, 'getpid', 'i386'), 'allow')
  t.same(answer({ ...made, arch: 'aarch64' }, 'getpid', 'arm'), refuse)
  t.equal(answer({ ...made, arch: 'aarch64' }, 'getpid', 'aarch64'), 'allow')
  t.match(seccompNotes(made, 'x86_64'), [{ text: 'no program of x86_64 makes calls of arm' }])
  t.end()
})

t.test('minimumKernel: what is newer and not granted is answered as by that kernel, and only that', (t) => {
  const kill = request({ denied: 'kill' })
  const old = { ...kill, minimumKernel: '5.10' }
  t.equal(answer(kill, 'landlock_create_ruleset'), 'kill_process', 'control: without a baseline')
  t.same(answer(old, 'landlock_create_ruleset'), { errno: 'ENOSYS' }, 'of Linux 5.13')
  t.equal(answer(old, 'process_madvise'), 'kill_process', 'of Linux 5.10 itself')
  t.equal(answer(old, 'mount'), 'kill_process', 'of Linux 1.0')
  t.equal(answer(old, 'futex_waitv'), 'allow', 'of Linux 5.16, and granted by stdio')
  t.equal(answer({ ...old, minimumKernel: '5.13' }, 'landlock_create_ruleset'), 'kill_process')
  const open = request({ otherwise: 'allow', minimumKernel: '5.10' })
  t.same(answer(open, 'landlock_create_ruleset'), { errno: 'ENOSYS' }, 'where all else is allowed too')
  t.equal(answer(open, 'mount'), 'allow')
  t.end()
})

t.test('otherwise: log lets through what nothing names, and leaves a record', (t) => {
  const made = request({ otherwise: 'log' })
  t.equal(answer(made, 'mount'), 'log')
  t.equal(answer(made, 'getpid'), 'allow', 'control: granted')
  t.same(answer(made, 'ioctl', 'x86_64', 0n, 0x5412n), { errno: 'EPERM' }, 'TIOCSTI is never allowed')
  t.end()
})

t.test('notes: an allow for what is allowed without it changes nothing, and it is told who allows it', (t) => {
  const told = (promises: FilterRequest['promises'], ...rules: readonly Rule[]): readonly string[] => {
    const part: PolicyPart = { promises, denied: 'EPERM', rules }
    t.same(seccompProblems(part, 'x86_64'), [], 'it is no error')
    const notes = seccompNotes(part, 'x86_64').map(({ key, text }) => `${key} ${text}`)
    return notes.filter((note) => note.includes('changes nothing'))
  }
  const changesNothing = 'syscalls.rules[0] changes nothing: all of this is allowed by'
  const getpid: Rule = { syscall: 'getpid', action: 'allow' }
  t.same(told(['stdio'], getpid), [`${changesNothing} the promise stdio`])
  t.same(told(['stdio'], { ...getpid, action: 'log' }), [], 'control: it is also written down')
  const update: Rule = {
    syscall: 'openat',
    when: 'flags & (O_ACCMODE | O_CREAT | __O_TMPFILE) == O_RDWR',
    action: 'allow',
  }
  t.same(told(['stdio', 'rpath', 'wpath'], update), [`${changesNothing} the promises rpath and wpath`])
  t.same(told(['stdio', 'rpath'], update), [], 'control: without wpath')
  const local: Rule = { syscall: 'socket', arch: 'x86_64', when: 'family == AF_UNIX', action: 'allow' }
  const any: Rule = { syscall: 'socket', arch: 'x86_64', action: 'allow' }
  t.same(told(['stdio'], local, any), [`${changesNothing} rules[1]`])
  const logged: Rule = { ...local, action: 'log' }
  t.same(told(['stdio'], logged, any), [], 'control: the first writes it down')
  t.end()
})

t.test('rules: no listener of the program, and execve of one table may be refused by name', (t) => {
  const listener = [1n, 8n] as const
  const ways: readonly Partial<FilterRequest>[] = [
    { promises: ['sandbox'] },
    { rules: [{ syscall: 'seccomp', when: 'op == SECCOMP_SET_MODE_FILTER', action: 'allow' }] },
    { otherwise: 'allow' },
  ]
  for (const way of ways) {
    t.same(answer(request(way), 'seccomp', 'x86_64', ...listener), { errno: 'EPERM' }, JSON.stringify(way))
    t.equal(answer(request(way), 'seccomp', 'x86_64', 1n, 1n), 'allow', 'control: a filter without one')
  }
  const problems = (rule: Rule) =>
    seccompProblems({ promises: ['stdio', 'exec'], denied: 'EPERM', rules: [rule] }, 'x86_64')
  t.same(problems({ syscall: 'execve', arch: 'i386', action: refuse }), [], 'programs of x86_64 start all the same')
  t.equal(problems({ syscall: 'execve', arch: 'x86_64', action: refuse }).length, 1, 'control: the native table')
  t.equal(problems({ syscall: 'execve', action: refuse }).length, 1, 'control: all tables')
  t.end()
})

t.test('rules: what of a call is never allowed and what may be are two halves of it', (t) => {
  for (const { syscall, when, rest } of never) {
    const rules: readonly Rule[] = [{ syscall, when: rest, action: 'allow' }]
    const part: PolicyPart = { promises: [], denied: 'EPERM', rules }
    t.same(seccompProblems(part, 'x86_64'), [], `${syscall}: the rest may be allowed`)
    const all: readonly Rule[] = [...rules, { syscall, when, action: refuse }, { syscall, action: refuse }]
    t.match(seccompProblems({ ...part, rules: all }, 'x86_64'), [{ message: /never reached/ }], 'and nothing is left')
  }
  t.end()
})
