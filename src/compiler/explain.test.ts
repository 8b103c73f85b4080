import t from 'tap'
import { compileMadeUp, type Run } from '../host/fixtures/compile-made-up.js'
import { mergedUsr } from '../host/fixtures/made-up-host.js'
import { devices } from '../layers/filesystem/base-view.js'
import type { FilterRequest } from '../layers/seccomp/request.js'
import type { Answer } from './explain-answer.js'
import { explainConnect } from './explain-connect.js'
import { explainKey } from './explain-key.js'
import type { Host, Program, Seen } from './explain-node.js'
import { explainPath, type Access } from './explain-path.js'
import { describePlan } from './explain-plan.js'
import { explainSyscall } from './explain-syscall.js'
import { killingCalls } from './killing-calls.js'

const link: Seen = {
  kind: 'symlink',
  uid: 0,
  gid: 0,
  mode: 0o777,
  target: '',
  mine: null,
  readOnly: false,
  noExec: false,
}

/** The made-up host that the plans are compiled for; what lies above its entries are directories of root. */
const host: Host = {
  look: (path) => {
    const target = mergedUsr.links[path]
    if (target !== undefined) return { ...link, target }
    if (devices.some((device) => device === path)) return { ...link, kind: 'device', mode: 0o666 }
    const entry = mergedUsr.tree[path]
    const isAbove = Object.keys({ ...mergedUsr.tree, ...mergedUsr.links }).some((one) => one.startsWith(`${path}/`))
    if (entry === undefined) return isAbove || path === '/' ? { ...link, kind: 'directory', mode: 0o755 } : 'absent'
    const [kind, owner, mode] = entry
    const [uid = 0, gid = 0] = owner.split(':').map(Number)
    return { ...link, kind, mode, uid, gid }
  },
  program: (path): Program => {
    const [, , mode = 0, interpreter = null] = mergedUsr.tree[path] ?? []
    return (mode & 0o111) === 0 ? { format: 'none' } : { format: 'program', interpreter }
  },
}

const broad = {
  filesystem: {
    read: ['/usr'],
    exec: ['/usr/bin/sh'],
    write: ['/home/user/task/out'],
    deny: ['/home/user/task/out/.git', '/home/user/task/out/.env'],
    tmp: '64M',
  },
  network: {
    egress: [
      { host: 'api.example.com', port: 443 },
      { host: '192.0.2.99', port: 8443 },
    ],
  },
  syscalls: { promises: ['stdio', 'rpath', 'wpath', 'cpath', 'inet', 'exec'] },
}
const out = '/home/user/task/out'
/** Making a plan proves its filter, which takes a moment. */
const plan = compileMadeUp(broad)
const readOnly = { filesystem: { read: ['/usr'] }, syscalls: { promises: ['stdio', 'rpath'] } }
const readOnlyPlan = compileMadeUp(readOnly)

interface PathCase {
  readonly claim: string
  readonly path: string
  readonly access: Access
  /** `allowed`, or the errno. */
  readonly answer: string
  /** Who refuses first. */
  readonly by?: string
  readonly change?: string | null
}

const paths: readonly PathCase[] = [
  { claim: 'a granted file is read', path: '/usr/share/doc', access: 'read', answer: 'allowed' },
  { claim: 'through a symlink that the view has', path: '/bin/curl', access: 'read', answer: 'allowed' },
  { claim: 'through a symlink to an interpreted program', path: '/usr/bin/sh', access: 'exec', answer: 'allowed' },
  {
    claim: 'what no grant shows is not there',
    path: '/srv/open',
    access: 'read',
    answer: 'ENOENT',
    by: 'filesystem',
    change: 'add /srv/open to filesystem.read',
  },
  {
    claim: 'what this host does not have cannot be granted either',
    path: '/srv/nothing',
    access: 'read',
    answer: 'ENOENT',
    by: 'filesystem',
    change: null,
  },
  { claim: '/sys cannot be granted', path: '/sys/kernel', access: 'read', answer: 'ENOENT', change: null },
  {
    claim: 'a read grant is mounted read-only',
    path: '/usr/share/doc',
    access: 'write',
    answer: 'EROFS',
    by: 'filesystem',
    change: null,
  },
  { claim: 'a file is made in a write grant', path: `${out}/new`, access: 'write', answer: 'allowed' },
  { claim: 'and in the directory itself', path: out, access: 'write', answer: 'allowed' },
  { claim: 'and in the private /tmp', path: '/tmp/new', access: 'write', answer: 'allowed' },
  { claim: 'nothing is made in the root', path: '/new', access: 'write', answer: 'EROFS', by: 'filesystem' },
  { claim: 'nothing is started from a write grant', path: `${out}/deep/er/key`, access: 'exec', answer: 'EACCES' },
  {
    claim: 'a denied directory is not listed',
    path: `${out}/.git`,
    access: 'read',
    answer: 'EACCES',
    by: 'filesystem',
    change: `take ${out}/.git out of filesystem.deny`,
  },
  { claim: 'nor searched', path: `${out}/.git/config`, access: 'read', answer: 'EACCES', by: 'filesystem' },
  { claim: 'a denied file is not read', path: `${out}/.env`, access: 'read', answer: 'EACCES', by: 'filesystem' },
  { claim: 'a file is no directory', path: `${out}/.env/x`, access: 'read', answer: 'ENOTDIR', by: 'kernel' },
  { claim: 'a device is read', path: '/dev/zero', access: 'read', answer: 'allowed' },
  { claim: 'and written', path: '/dev/null', access: 'write', answer: 'allowed' },
  { claim: 'but not this one', path: '/dev/urandom', access: 'write', answer: 'EACCES', by: 'landlock', change: null },
  { claim: 'the root is not listed', path: '/', access: 'read', answer: 'EACCES', by: 'landlock', change: null },
  { claim: 'a directory is not started', path: '/usr', access: 'exec', answer: 'EACCES', by: 'kernel' },
  {
    claim: 'a program that no grant names is not started',
    path: '/usr/bin/static',
    access: 'exec',
    answer: 'EACCES',
    by: 'landlock',
    change: 'add /usr/bin/static to filesystem.exec',
  },
  { claim: 'pinned names are read', path: '/etc/hosts', access: 'read', answer: 'allowed' },
  { claim: 'and not written', path: '/etc/hosts', access: 'write', answer: 'EACCES' },
  {
    claim: 'a relative path starts in the working directory',
    path: 'usr/share/doc',
    access: 'read',
    answer: 'allowed',
  },
  { claim: 'dots lead where they lead', path: '/usr/share/../bin/curl', access: 'read', answer: 'allowed' },
  { claim: 'another process is nobody', path: '/proc/meminfo', access: 'read', answer: 'ENOENT', change: null },
]

for (const { claim, path, access, answer, by, change } of paths) {
  t.test(`${access} ${path}: ${claim}`, (t) => {
    const said = explainPath(plan, path, access, host)
    t.equal(summary(said), answer, said.because.join('; '))
    if (by !== undefined) t.match(said.because[0], `${by}: ${answer}, `)
    if (change !== undefined) t.equal(said.change, change)
    if (answer === 'allowed') t.match(said, { change: null, errno: null })
    t.end()
  })
}

t.test('the filter answers before the kernel looks at the path', (t) => {
  const said = explainPath(readOnlyPlan, '/srv/open', 'write', host)
  t.equal(said.errno, 'EPERM')
  t.match(said.because[0], /^seccomp: EPERM/)
  t.match(said.because[1], /^filesystem: EROFS|^filesystem: ENOENT/)
  t.end()
})

t.test('a change names everything that is needed, and applied it allows', (t) => {
  const said = explainPath(readOnlyPlan, out, 'write', host)
  t.equal(said.change, `add wpath and cpath to syscalls.promises, and add ${out} to filesystem.write`)
  const changed = {
    filesystem: { read: ['/usr'], write: [out] },
    syscalls: { promises: ['stdio', 'rpath', 'wpath', 'cpath'] },
  }
  t.equal(summary(explainPath(compileMadeUp(changed), out, 'write', host)), 'allowed')
  t.end()
})

t.test('without the promise exec only the command is started', (t) => {
  const said = explainPath(readOnlyPlan, '/usr/bin/curl', 'exec', host)
  t.match(said, { answer: 'denied', errno: 'ENOSYS', change: 'add exec to syscalls.promises' })
  t.end()
})

t.test('kill: the process does not live to see an errno', (t) => {
  const killing = compileMadeUp({ ...readOnly, syscalls: { ...readOnly.syscalls, denied: 'kill' } })
  t.match(explainPath(killing, '/usr/share/doc', 'write', host), { answer: 'killed', errno: null })
  for (const [call, change] of [
    ['clone', 'add threads or proc to syscalls.promises'],
    ['chmod', 'add fattr to syscalls.promises'],
    ['setrlimit', 'add proc to syscalls.promises'],
    ['statmount', 'add mount or ns to syscalls.promises'],
    ['clone3', null],
  ] as const) {
    t.match(explainSyscall(killing, call), { change }, `${call}: what is meant, and no more than that`)
  }
  t.match(explainSyscall(killing, 'clone', 'x86_64', [17n]), { change: 'add proc to syscalls.promises' }, 'a fork')
  t.match(explainSyscall(killing, 'mount'), { answer: 'killed', errno: null, change: 'add mount to syscalls.promises' })
  t.match(explainSyscall(killing, 'getpid'), { answer: 'allowed' })
  t.end()
})

t.test(
  'kill: a call that can send SIGSYS itself is named as the reason of no death, unless it is never allowed',
  (t) => {
    const named = (request: Pick<FilterRequest, 'promises' | 'rules'>) =>
      killingCalls({ arch: 'x86_64', denied: 'kill', ...request }).map(({ syscall }) => syscall)
    const kills = [{ syscall: 'tgkill', when: 'sig == 9', action: 'kill_process' }] as const
    t.notOk(named({ promises: ['stdio'], rules: kills }).includes('tgkill'))
    t.notOk(named({ promises: ['stdio'] }).includes('kill'), 'always allowed')
    t.ok(named({ promises: [] }).includes('tgkill'), 'control: never allowed')
    t.ok(named({ promises: ['stdio'] }).includes('ioctl'), 'control: allowed at times, and sends nothing')
    t.end()
  },
)

t.test('a layer that is left out is not counted on', (t) => {
  const view = compileMadeUp(broad, { options: { without: ['mount view'] } })
  t.match(explainPath(view, '/srv/open', 'read', host), { errno: 'EACCES', because: [/^landlock: EACCES/] })
  const landlock = compileMadeUp(broad, { options: { without: ['landlock'] } })
  t.match(explainPath(landlock, '/srv/open', 'read', host), { errno: 'ENOENT', because: [/^filesystem: ENOENT/] })
  t.equal(summary(explainPath(landlock, '/', 'read', host)), 'allowed')
  const filter = compileMadeUp(broad, { options: { without: ['seccomp'] } })
  t.match(explainSyscall(filter, 'mount'), { answer: 'allowed', because: ['seccomp: the plan has no filter'] })
  t.end()
})

t.test("the program's own rights count, not the caller's", (t) => {
  const asRoot: Run = { facts: { caller: { uid: 0, gid: 0, home: '/root', directory: '/' } } }
  const policy = { filesystem: { read: ['/home/user/task'] }, syscalls: { promises: ['stdio', 'rpath'] } }
  t.equal(summary(explainPath(compileMadeUp(policy, asRoot), `${out}/.env`, 'read', host)), 'EACCES')
  t.equal(summary(explainPath(compileMadeUp(policy), `${out}/.env`, 'read', host)), 'allowed')
  t.end()
})

t.test('a host that a lookup cannot pass is no error', (t) => {
  const closed: Host = { ...host, look: (path) => (path === '/usr/share/doc' ? 'refused' : host.look(path)) }
  t.match(explainPath(plan, '/usr/share/doc', 'read', closed), { errno: 'EACCES' })
  const loop: Host = { ...host, look: (path) => (path === '/usr/loop' ? { ...link, target: 'loop' } : host.look(path)) }
  t.match(explainPath(plan, '/usr/loop', 'read', loop), { errno: 'ELOOP' })
  t.end()
})

t.test('what a descriptor leads to is in no plan', (t) => {
  t.match(explainPath(plan, '/dev/stdin', 'read', host), { answer: 'depends', errno: null })
  t.end()
})

const connections: readonly (readonly [claim: string, host: string, port: number, answer: string, change: unknown])[] =
  [
    ['a name that is granted is relayed', 'api.example.com', 443, 'allowed', null],
    ['so is an address', '192.0.2.99', 8443, 'allowed', null],
    ['by its synthetic address as well', '198.18.0.1', 443, 'allowed', null],
    [
      'a port that no endpoint has is refused by Landlock',
      '192.0.2.99',
      22,
      'EACCES',
      'add { host: 192.0.2.99, port: 22 } to network.egress',
    ],
    [
      'a port of another endpoint has no listener',
      '192.0.2.99',
      443,
      'ECONNREFUSED',
      'add { host: 192.0.2.99, port: 443 } to network.egress',
    ],
    [
      'another address has no route',
      '192.0.2.98',
      443,
      'ENETUNREACH',
      'add { host: 192.0.2.98, port: 443 } to network.egress',
    ],
    [
      'another name has no address, and there is no resolver',
      'other.example.com',
      443,
      'EAI_NONAME',
      /other\.example\.com/,
    ],
    ['no policy grants loopback of the host', '127.0.0.1', 443, 'ENETUNREACH', 'set network.loopback: true'],
    ['nor the metadata of a cloud', '169.254.169.254', 443, 'ENETUNREACH', null],
    ['nor IPv6', '2001:db8::1', 443, 'ENETUNREACH', 'add { host: "2001:db8::1", port: 443 } to network.egress'],
  ]

for (const [claim, name, port, answer, change] of connections) {
  t.test(`connect ${name} ${port}: ${claim}`, (t) => {
    const said = explainConnect(plan, { host: name, port, protocol: 'tcp' })
    t.equal(summary(said), answer, said.because.join('; '))
    t.match({ change: said.change }, { change })
    t.end()
  })
}

/** One of each: names in both families, a wildcard, UDP, a resolver, a published port. */
const rich = {
  filesystem: { read: ['/usr'] },
  network: {
    dns: 'stub',
    egress: [
      { host: 'api.example.com', port: 443, tls: 'required' },
      { host: '*.cdn.example.com', port: 443, tls: 'required', addresses: ['10.0.0.0/8', 'fd00::/8'] },
      { host: 'time.example.com', port: 123, protocol: 'udp' },
      { host: '2001:db8::1', port: 8443 },
      { host: '192.0.2.1', port: 53 },
      { host: '192.0.2.1', port: 53, protocol: 'udp' },
    ],
    listen: [{ port: 8000, publish: 18_000 }],
  },
  syscalls: { promises: ['stdio', 'rpath', 'inet'] },
}
const richPlan = compileMadeUp(rich)
const newestPlan = compileMadeUp(rich, { facts: { landlock: { abi: 11, errata: 0b111 } } })

for (const [claim, name, port, protocol, answer, because] of [
  [
    'a name has both families inside',
    'api.example.com',
    443,
    'tcp',
    'allowed',
    /is 198\.18\.0\.1 and fd50:616c:6973::1 inside/,
  ],
  ['its IPv6 address leads there too', 'fd50:616c:6973::1', 443, 'tcp', 'allowed', /api\.example\.com:443 at a public/],
  ['and is told what it must say', 'api.example.com', 443, 'tcp', 'allowed', /TLS ClientHello for that name/],
  [
    'a wildcard holds one label more',
    'x.cdn.example.com',
    443,
    'tcp',
    'allowed',
    /dials x\.cdn\.example\.com:443 at one of its addresses only: 10\.0\.0\.0\/8/,
  ],
  ['and no two', 'a.b.cdn.example.com', 443, 'tcp', 'EAI_AGAIN', /the resolver inside refuses it/],
  ['and not none', 'cdn.example.com', 443, 'tcp', 'EAI_AGAIN', /the resolver inside refuses it/],
  ['an endpoint by UDP', 'time.example.com', 123, 'udp', 'allowed', /dials time\.example\.com:123/],
  ['has no listener for TCP', 'time.example.com', 443, 'tcp', 'ECONNREFUSED', /not on port 443 by TCP/],
  ['and the other way round', 'api.example.com', 123, 'udp', 'ECONNREFUSED', /not on port 123 by UDP/],
  ['both protocols of one port: TCP', '192.0.2.1', 53, 'tcp', 'allowed', /dials 192\.0\.2\.1:53/],
  ['both protocols of one port: UDP', '192.0.2.1', 53, 'udp', 'allowed', /dials 192\.0\.2\.1:53/],
  ['an IPv6 literal keeps its address', '2001:db8::1', 8443, 'tcp', 'allowed', /dials \[2001:db8::1\]:8443/],
  ['its neighbour has no route', '2001:db8::2', 8443, 'tcp', 'ENETUNREACH', /no route to 2001:db8::2/],
  ['the resolver inside answers', '198.18.255.253', 53, 'udp', 'allowed', /answers for the names of network\.egress/],
  ['in both families', 'fd50:616c:6973::fffd', 53, 'udp', 'allowed', /answers for the names of network\.egress/],
  ['but not by TCP', '198.18.255.253', 53, 'tcp', 'ECONNREFUSED', /not on port 53 by TCP/],
  ['a published port is for the host alone', '127.0.0.1', 8000, 'tcp', 'EACCES', /no rule grants connect_tcp/],
] as const) {
  t.test(`connect ${name} ${port}/${protocol}: ${claim}`, (t) => {
    const said = explainConnect(richPlan, { host: name, port, protocol })
    t.equal(summary(said), answer, said.because.join('; '))
    t.match(said.because.join('\n'), because)
    t.end()
  })
}

t.test('connect: where Landlock knows UDP, it says the same of the endpoints and refuses other ports', (t) => {
  const asked = (port: number) => explainConnect(newestPlan, { host: 'time.example.com', port, protocol: 'udp' })
  t.match(asked(123), { answer: 'allowed', because: [/inside/, /seccomp/, /seccomp/, /connect_send_udp is granted/] })
  t.match(asked(124), { errno: 'EACCES', because: [/no rule grants connect_send_udp for port 124/, /ECONNREFUSED/] })
  t.match(explainConnect(newestPlan, { host: '198.18.255.253', port: 53, protocol: 'udp' }), { answer: 'allowed' })
  t.end()
})

t.test('connect: a change names the protocol, and quotes what YAML would misread', (t) => {
  const changeOf = (host: string, protocol: 'tcp' | 'udp') =>
    explainConnect(richPlan, { host, port: 9, protocol }).change
  t.equal(changeOf('192.0.2.1', 'udp'), 'add { host: 192.0.2.1, port: 9, protocol: udp } to network.egress')
  t.equal(changeOf('2001:db8::9', 'tcp'), 'add { host: "2001:db8::9", port: 9 } to network.egress')
  t.equal(changeOf('localhost', 'tcp'), 'set network.loopback: true')
  t.equal(changeOf('::1', 'tcp'), 'set network.loopback: true')
  t.equal(changeOf('fd50:616c:6973::99', 'tcp'), null, 'a synthetic address is no endpoint')
  t.equal(changeOf('ff02::1', 'udp'), null, 'nor is multicast')
  t.end()
})

t.test('no network: neither a route nor the promise, and the change names both', (t) => {
  const offline = { filesystem: { read: ['/usr'] }, syscalls: { promises: ['stdio'] } }
  t.match(explainConnect(compileMadeUp(offline), { host: '192.0.2.99', port: 443, protocol: 'tcp' }), {
    errno: 'EPERM',
    change: /inet_client to syscalls\.promises.*, and add \{ host: 192\.0\.2\.99, port: 443 \} to network\.egress/,
  })
  t.end()
})

t.test('loopback: whoever listens inside answers', (t) => {
  const own = { network: { loopback: true }, syscalls: { promises: ['stdio', 'inet'] } }
  t.match(explainConnect(compileMadeUp(own), { host: '127.0.0.1', port: 80, protocol: 'tcp' }), { answer: 'depends' })
  t.end()
})

t.test('calls: the answer on each arch, with its words', (t) => {
  t.match(explainSyscall(plan, 'socket'), {
    answer: 'depends',
    conditions: [/AF_INET.*\[instead of Landlock\]/, /\[inet\]/],
  })
  t.match(explainSyscall(plan, 'socket', 'x86_64', [2n, 1n, 0n]), { answer: 'allowed', conditions: [] })
  t.match(explainSyscall(plan, 'socket', 'x86_64', [17n, 3n, 0n]), {
    answer: 'denied',
    errno: 'EPERM',
    change: 'add rawnet to syscalls.promises',
  })
  t.match(explainSyscall(plan, 'socket', 'x86_64', [2n, 2n, 0n]), { errno: 'EACCES', change: null }, 'a substitute')
  t.match(explainSyscall(plan, 'mount', 'i386'), { answer: 'denied', errno: 'EPERM' })
  t.match(explainSyscall(plan, 'mmap2', 'x86_64'), { errno: 'ENOSYS', because: [/x86_64 has no call mmap2/] })
  t.match(explainSyscall(plan, 'getpid', 'aarch64'), { answer: 'killed' })
  t.match(explainSyscall(plan, 'uretprobe'), { answer: 'depends', because: [/ask no filter/] })
  t.end()
})

t.test('calls: a rule of the policy is named by its own index', (t) => {
  const ruled = {
    syscalls: { promises: ['stdio'], rules: [{ syscall: 'getpid', action: { errno: 'ENOTTY' } }] },
  }
  t.match(explainSyscall(compileMadeUp(ruled), 'getpid'), {
    errno: 'ENOTTY',
    because: [/\(syscalls\.rules\[0\]\)$/],
    change: 'change syscalls.rules[0]',
  })
  t.end()
})

t.test('keys: the layers that carry one, and its steps', (t) => {
  const write = explainKey(plan, 'filesystem.write').join('\n')
  t.match(write, /^carried by filesystem, landlock\n/)
  t.match(write, `filesystem.bind ${out}`)
  t.match(write, new RegExp(`^ +${out} write_file`, 'm'))
  t.notMatch(write, /^ +\/usr /m)
  t.match(explainKey(plan, 'filesystem').join('\n'), /^ +\/usr read_file/m, 'control')
  t.match(explainKey(plan, 'network.egress[1]').join('\n'), '192.0.2.99')
  t.notMatch(explainKey(plan, 'network.egress[1]').join('\n'), 'api.example.com')
  t.end()
})

t.test('explain KEY: a limit of the cgroup has its own settings and no others', (t) => {
  const plan = compileMadeUp({ limits: { wall: '1m', memory: '64M', pids: 9 } })
  const lines = (key: string) => explainKey(plan, key).join('\n')
  t.match(lines('limits.memory'), 'memory.max=67108864')
  t.notMatch(lines('limits.memory'), 'pids.max')
  t.match(lines('limits.pids'), 'pids.max=10')
  t.notMatch(lines('limits.wall'), /memory\.max|pids\.max/)
  t.match(lines('limits'), /memory\.max[^]*pids\.max/, 'control: the whole section')
  t.end()
})

t.test('keys: what the relay does with one stands at its step, and Landlock knows nothing of it', (t) => {
  const [first, wide, time, literal] = [
    'relay      network.relay api.example.com:443',
    'relay      network.relay *.cdn.example.com:443',
    'relay      network.relay time.example.com:123 by UDP',
    'relay      network.relay [2001:db8::1]:8443',
  ]
  const hello = 'closes and reports what does not begin with a TLS ClientHello for that name'
  t.strictSame(explainKey(richPlan, 'network.egress.tls').slice(0, 5), [
    'carried by network',
    `${first}: ${hello} (network.egress[0])`,
    `${wide}: ${hello} (network.egress[1])`,
    `${time}: passes on whatever is sent (network.egress[2])`,
    `${literal}: passes on whatever is sent (network.egress[3])`,
  ])
  t.match(
    explainKey(richPlan, 'network.egress[0].host').join('\n'),
    `${first}: takes what is sent there and after a TLS ClientHello for that name dials api.example.com:443`,
  )
  t.strictSame(explainKey(richPlan, 'network.idle'), [
    'carried by network',
    'relay      network.relay: resets a TCP connection that has moved no byte for 3600 s',
    'relay      network.publish: resets a TCP connection that has moved no byte for 3600 s',
  ])
  t.match(explainKey(richPlan, 'network.connections').join('\n'), 'network.relay: 1024 at a time')
  t.strictSame(explainKey(richPlan, 'network.egress.addresses').slice(0, 5), [
    'carried by network',
    `${first}: dials it at a public address only; a private one must be in its addresses (network.egress[0])`,
    `${wide}: dials it at one of its addresses only: 10.0.0.0/8, fd00::/8 (network.egress[1])`,
    `${time}: dials it at a public address only; a private one must be in its addresses (network.egress[2])`,
    `${literal}: dials that address (network.egress[3])`,
  ])
  t.strictSame(explainKey(richPlan, 'network.egress[1].ech'), [
    'carried by network',
    `${wide}: closes and reports a ClientHello that holds an encrypted one (network.egress[1])`,
  ])
  t.match(explainKey(richPlan, 'network.egress.port')[0], 'carried by network, landlock', 'control')
  t.end()
})

t.test('keys: one without a step says so', (t) => {
  t.match(explainKey(plan, 'limits.wall'), ['carried by resources', 'no step of the plan comes from it'])
  t.match(explainKey(plan, 'version'), [/no layer carries it/, /^no step/])
  t.end()
})

t.test('the whole plan: openings come first, EXDEV is named', (t) => {
  const asRoot: Run = { facts: { caller: { uid: 0, gid: 0, home: '/root', directory: '/' } } }
  const unsafe = { filesystem: { read: ['/usr'] }, unsafe: { 'host-root': { reason: 'for a test' } } }
  t.match(describePlan(compileMadeUp(unsafe, asRoot))[0], /^UNSAFE: .*uid 0/)
  const lines = describePlan(plan)
  t.equal(lines[0], 'namespaces')
  const moves = (filesystem: object): string =>
    describePlan(compileMadeUp({ ...broad, filesystem: { ...broad.filesystem, ...filesystem } })).join('\n')
  t.match(moves({ tmp: undefined }), 'two directories: EXDEV (filesystem.move is empty)')
  t.match(moves({}), 'two directories: in /dev/shm, /tmp; elsewhere EXDEV (filesystem.move)')
  t.match(moves({ move: [out] }), `two directories: in /dev/shm, ${out}, /tmp; elsewhere EXDEV (filesystem.move)`)
  t.match(lines.join('\n'), new RegExp(`hidden +${out}/.git \\(filesystem\\.deny\\[0\\]\\)`))
  const network = describePlan(richPlan).join('\n')
  for (const said of [
    '[fd50:616c:6973::1]:443 is relayed to api.example.com:443 if it begins with a TLS ClientHello for that name',
    '198.18.0.3:123 is relayed to time.example.com:123 by UDP (network.egress[2])',
    '198.18.255.253:53 answers for the names of network.egress (network.dns)',
    'the host reaches port 8000 at 127.0.0.1:18000 (network.listen[0])',
    'its own loopback: up (network.listen)',
  ])
    t.match(network, said)
  const weaker = describePlan(compileMadeUp(broad, { options: { without: ['landlock'] } }))
  t.match(weaker[0], /^WEAKER: landlock: all: not enforced/)
  t.end()
})

function summary({ answer, errno }: Answer): string {
  return answer === 'denied' ? (errno ?? 'no errno') : answer
}
