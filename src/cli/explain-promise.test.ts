import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { allArches } from '../layers/seccomp/arch.js'
import { describePromise, findPromise, listPromises } from '../layers/seccomp/seccomp.js'
import { syscallTable } from '../layers/seccomp/tables.js'

const directory = mkdtempSync(join(tmpdir(), 'palisade-explain-'))
t.teardown(() => rmSync(directory, { recursive: true }))
const policy = join(directory, 'p.yaml')
writeFileSync(
  policy,
  'version: 1\nname: p\nsyscalls:\n  promises: [stdio]\n  minimumKernel: "5.10"\n  rules:\n' +
    '    - { syscall: shmat, arch: i386, when: "shmflg & SHM_RDONLY == 0", action: kill_thread }\n',
)

function command(...words: readonly string[]) {
  const line = ['-i', 'PATH=/usr/bin:/bin', process.execPath, join(import.meta.dirname, 'main.cjs'), ...words]
  // env -i, because the test runner adds NODE_OPTIONS to whatever is spawned.
  const { status, stdout, stderr } = spawnSync('/usr/bin/env', line, { encoding: 'utf8' })
  return { status, stdout, stderr }
}

t.test('explain PROMISE: its effect, every call with its number on every arch, and the conditions', (t) => {
  const { status, stdout } = command('explain', 'netlink')
  t.equal(status, 0)
  t.match(
    stdout,
    /^netlink: a promise\nrouting and interface information\n\ncall +x86_64 +i386 +aarch64 +arm +riscv64\n/,
  )
  t.match(stdout, /\nsocket +41 +359 +198 +281 +198\n {4}if family == AF_NETLINK and protocol == NETLINK_ROUTE\n/)
  t.match(
    command('explain', 'one-exec', '--arch', 'arm').stdout,
    /^one-exec: always granted\n.*\n\ncall +arm\nexecve +11\n$/,
  )
  const wrong = command('explain', 'stdioo')
  t.match(wrong, { status: 125, stderr: /no promise stdioo; did you mean stdio\?/ })
  t.match(command('explain', 'stdio', '--arch', 'vax'), { status: 125, stderr: /--arch is one of x86_64/ })
  t.end()
})

t.test('explain PROMISE: nothing of a promise is left out', (t) => {
  const tables = allArches.map(syscallTable)
  for (const promise of listPromises()) {
    const text = describePromise(promise, allArches).slice(2).join('\n')
    const flat = text.replaceAll(/\s+/g, ' ')
    for (const { calls, when } of [...promise.grants, ...promise.opens]) {
      for (const call of calls.split(' ')) {
        const numbers = tables.flatMap(({ byName }) => byName.get(call)?.number ?? [])
        const row = text.split('\n').find((line) => line.startsWith(`${call} `)) ?? ''
        if (!numbers.some((number) => row.includes(String(number)))) t.fail(`${promise.name}: ${call}`)
      }
      for (const condition of when ?? []) if (!flat.includes(condition)) t.fail(`${promise.name}: ${condition}`)
    }
  }
  t.equal(findPromise('nothing'), null)
  t.end()
})

t.test('explain --syscall: a number is a call of its arch, x32, or unknown', (t) => {
  const asked = (...words: readonly string[]) => command('explain', '--policy', policy, '--syscall', ...words).stdout
  t.match(asked('59', '--arch', 'i386'), /^59 on i386 is oldolduname\nallowed\n/)
  t.match(
    asked('59', '--arch', 'x86_64'),
    /^59 on x86_64 is execve\ndenied: ENOSYS\n[^]*change: add exec to syscalls.promises\n$/,
  )
  t.equal(asked('9999', '--arch', 'x86_64'), '9999 on x86_64 is no call that we know of\ndenied: ENOSYS\n')
  t.match(asked('0x4000003b', '--arch', 'x86_64'), /is an x32 call, which is always refused\ndenied: ENOSYS\n$/)
  t.end()
})

t.test('explain: a call that seems not to exist says why', (t) => {
  const asked = (...words: readonly string[]) => command('explain', '--policy', policy, '--syscall', ...words).stdout
  t.match(asked('landlock_add_rule'), /^denied: ENOSYS\n.*: it is of Linux 5.13, newer than syscalls.minimumKernel /)
  t.match(asked('ipc', '--arch', 'i386'), /ENOSYS.*: it does with its arguments in memory what a rule refuses/)
  t.match(asked('clone3'), /ENOSYS.*: nothing grants it, and libraries try it out and do without /)
  t.match(
    asked('mount'),
    /^denied: EPERM\n.*the filter refuses mount \(syscalls.promises\)/,
    'control: EPERM needs none',
  )
  const whole = command('explain', '--policy', policy).stdout
  t.match(whole, /a call newer than Linux 5.10 that nothing grants: ENOSYS \(syscalls.minimumKernel\)/)
  t.match(whole, /note: ipc on i386 answers ENOSYS: .* \(syscalls.rules\[0\]\)/)
  t.end()
})

t.test('check: a mistake in the filter is told with its place, and notes follow the policy', (t) => {
  const good = command('check', policy)
  t.match(good, { status: 0, stderr: '' })
  t.match(good.stdout, /\n# note: syscalls.rules\[0\]: kill_thread leaves the other threads waiting/)
  t.match(good.stdout, /\n# note: syscalls.rules\[0\]: ipc on i386 answers ENOSYS/)
  const wrong = join(directory, 'wrong.yaml')
  writeFileSync(wrong, 'version: 1\nname: p\nsyscalls: { rules: [{ syscall: sokcet, action: log }] }\n')
  t.match(command('check', wrong), {
    status: 125,
    stdout: '',
    stderr: /:3:32: .*unknown system call sokcet\n {2}fix: write socket\n/,
  })
  t.end()
})

t.test('check: what no host could do for a network is told', (t) => {
  const asked = (network: string) => {
    const file = join(directory, 'network.yaml')
    writeFileSync(file, `version: 1\nname: p\nnetwork: { ${network} }\n`)
    return command('check', file)
  }
  for (const [wrong, told, right] of [
    [
      'egress: [{ host: "*.a.example", port: 443 }], dns: stub',
      /3:29: network\.egress\[0\]\.host: .*\n {2}fix: add tls: required/,
      'egress: [{ host: "*.a.example", port: 443, tls: required }], dns: stub',
    ],
    [
      'egress: [{ host: 169.254.169.254, port: 80 }]',
      /3:29: network\.egress\[0\]\.host: cannot reach/,
      'egress: [{ host: 192.0.2.1, port: 80 }]',
    ],
    [
      'egress: [{ host: a.example, port: 1 }, { host: a.example, port: 1, tls: required }]',
      /network\.egress\[1\]: .*listed twice\n {2}fix: keep one: this and network\.egress\[0\] differ in tls\n/,
      'egress: [{ host: a.example, port: 1 }, { host: a.example, port: 2, tls: required }]',
    ],
    ['via: route, dns: stub', /3:29: network\.dns: /, 'via: route'],
    [
      'listen: [{ port: 1, publish: 1025 }, { port: 2, publish: 1025 }]',
      /network\.listen\[1\]: .*published twice/,
      'listen: [{ port: 1, publish: 1025 }, { port: 2, publish: 1026 }]',
    ],
  ] as const) {
    t.match(asked(wrong), { status: 125, stdout: '', stderr: told })
    t.match(asked(right), { status: 0, stderr: '' }, 'control')
  }
  t.end()
})
