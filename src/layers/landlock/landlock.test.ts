import t from 'tap'
import { compileMadeUp } from '../../host/fixtures/compile-made-up.js'
import { possibleAnswers } from '../seccomp/seccomp.js'
import type { Endpoint, Grant, ResolvedFilesystem, ResolvedNetwork } from '../../policy/resolved.js'
import { explainSyscall } from '../../compiler/explain-syscall.js'
import { fsRights, netRights, newestAbi, rightsOf, scopes } from './abi.js'
import { lower, lowerPublisher, lowerRelay, readOnlyRights } from './landlock.js'
import { assess, streamRules } from './protections.js'

const nothing: Omit<Grant, 'path' | 'kind'> = {
  key: 'filesystem.read[0]',
  read: false,
  write: false,
  execute: false,
  map: false,
  move: false,
}
const noFiles: ResolvedFilesystem = {
  grants: [],
  denied: [],
  protected: [],
  symlinks: [],
  pinned: [],
  tmpBytes: null,
}
const noNetwork: ResolvedNetwork = {
  via: 'relay',
  endpoints: [],
  resolvers: [],
  published: [],
  loopback: 'down',
  connectionsMax: 8,
  idleMs: 1000,
}
const tcp: Endpoint = {
  key: 'network.egress[0]',
  host: 'a.example',
  port: 443,
  protocol: 'tcp',
  tls: 'any',
  inside: ['198.18.0.1'],
  dial: [],
  within: [],
}
const udp: Endpoint = { ...tcp, port: 53, protocol: 'udp' }
const oneEndpoint: ResolvedNetwork = { ...noNetwork, endpoints: [tcp] }
const withUdp: ResolvedNetwork = { ...noNetwork, endpoints: [tcp, udp] }
const withResolver: ResolvedNetwork = { ...oneEndpoint, resolvers: ['198.18.255.253'] }
const listening: ResolvedNetwork = {
  ...noNetwork,
  loopback: 'published',
  published: [{ key: 'network.listen[0]', port: 8000, publish: 18_000 }],
}

t.test('each ABI handles exactly what linux/landlock.h gave it', (t) => {
  // LANDLOCK_ACCESS_FS_*, _NET_* and _SCOPE_* masks, read off the headers of 5.13 to 7.3.
  const table: readonly (readonly [abi: number, fs: bigint, net: bigint, scoped: bigint])[] = [
    [0, 0n, 0n, 0n],
    [1, 0x1fffn, 0n, 0n],
    [2, 0x3fffn, 0n, 0n],
    [3, 0x7fffn, 0n, 0n],
    [4, 0x7fffn, 0x3n, 0n],
    [5, 0xffffn, 0x3n, 0n],
    [6, 0xffffn, 0x3n, 0x3n],
    [7, 0xffffn, 0x3n, 0x3n],
    [8, 0xffffn, 0x3n, 0x3n],
    [9, 0x1ffffn, 0x3n, 0x3n],
    [10, 0x1ffffn, 0xfn, 0x3n],
    [11, 0x1ffffn, 0xfn, 0x3n],
  ]
  for (const [abi, fs, net, scoped] of table) t.same(rightsOf(abi), { fs, net, scoped }, `ABI ${abi}`)
  t.end()
})

t.test('a newer kernel than the table is handled as the newest that the table knows, and says so', (t) => {
  const newer = lower(noFiles, oneEndpoint, newestAbi + 5, 'reachable')
  t.same(newer, lower(noFiles, oneEndpoint, newestAbi, 'reachable'))
  const { status } = assess(noFiles, oneEndpoint, { abi: newestAbi + 5, errata: 7 })
  t.match(status.at(-1), { protection: 'rights of later ABIs', status: 'not_enforced', text: /ABI 16.* knows 11/ })
  t.notOk(
    assess(noFiles, oneEndpoint, { abi: newestAbi, errata: 7 }).status.some((line) => line.status !== 'fully_enforced'),
  )
  t.end()
})

t.test('files move freely within the own /tmp and /dev/shm, as soon as the kernel can grant it', (t) => {
  for (const [abi, granted] of [
    [1, 0n],
    [2, fsRights.refer],
  ] as const) {
    const { paths } = lower({ ...noFiles, tmpBytes: 1n }, oneEndpoint, abi, 'reachable')
    const own = paths.filter(({ path }) => ['/tmp', '/dev/shm'].includes(path))
    t.same(
      own.map(({ access }) => access & fsRights.refer),
      [granted, granted],
      `ABI ${abi}`,
    )
  }
  t.end()
})

t.test('on every ABI the rules stay within what is handled, and within file rights on files', (t) => {
  const grants: readonly Grant[] = [
    { ...nothing, path: '/a', kind: 'directory', read: true, write: true, execute: true, move: true },
    { ...nothing, path: '/b', kind: 'file', read: true, write: true, execute: true, move: true },
    { ...nothing, path: '/c', kind: 'socket', read: true, write: true },
  ]
  const fileRights = 0x1_c007n
  for (let abi = 1; abi <= newestAbi; abi += 1) {
    const { handledFs, handledNet, paths, ports, flags } = lower(
      { ...noFiles, grants, tmpBytes: 1n },
      oneEndpoint,
      abi,
      'reachable',
    )
    t.ok(
      paths.every(({ access }) => access !== 0n && (access & ~handledFs) === 0n),
      `paths of ABI ${abi}`,
    )
    t.ok(
      ports.every(({ access }) => access !== 0n && (access & ~handledNet) === 0n),
      `ports of ABI ${abi}`,
    )
    const files = paths.filter(({ path }) => path === '/b' || path === '/c' || path.startsWith('/dev/n'))
    t.equal(files.length, 3)
    t.ok(
      files.every(({ access }) => (access & ~fileRights) === 0n),
      `files of ABI ${abi}`,
    )
    t.equal(flags, 0)
  }
  t.end()
})

t.test('each kind of grant gets its rights and no other', (t) => {
  const { execute, refer, ioctl_dev: ioctl, make_block: block, make_char: char, write_file: write, truncate } = fsRights
  t.equal(rights({ read: true }), fsRights.read_file | fsRights.read_dir, 'read')
  t.equal(rights({ read: true, kind: 'file' }), fsRights.read_file, 'read of a file')
  t.equal(rights({ execute: true, kind: 'file' }), execute, 'exec')
  t.equal(rights({ move: true }), refer, 'move alone grants REFER')
  const writing = rights({ write: true })
  t.equal(writing & (execute | refer | ioctl | block | char), 0n, 'write: no devices, no REFER, no EXECUTE')
  t.equal(writing & (write | truncate), write | truncate, 'write: never WRITE_FILE without TRUNCATE')
  t.end()
})

/** What Landlock lets ABI 8 do below one grant. */
function rights(grant: Partial<Grant>): bigint {
  const grants = [{ ...nothing, path: '/g', kind: 'directory', ...grant } as const]
  return lower({ ...noFiles, grants }, noNetwork, 8, 'reachable').paths.find(({ path }) => path === '/g')?.access ?? 0n
}

t.test('resolve_unix comes with every grant under the promise unix, from the ABI that has it', (t) => {
  const policy = (promises: readonly string[]) => ({ filesystem: { read: ['/usr/lib'] }, syscalls: { promises } })
  const access = (abi: number, promises: readonly string[]) => {
    const { steps } = compileMadeUp(policy(promises), { facts: { landlock: { abi, errata: 7 } } })
    const paths = steps.flatMap((step) => (step.op === 'landlock.restrict-self' ? step.paths : []))
    t.not(paths.length, 0)
    return paths.map((rule) => rule.access).reduce((all, one) => all | one, 0n)
  }
  t.equal(access(9, ['stdio', 'unix']) & fsRights.resolve_unix, fsRights.resolve_unix)
  t.equal(access(9, ['stdio', 'dns']) & fsRights.resolve_unix, 0n, 'another promise is not enough')
  t.equal(access(8, ['stdio', 'unix']) & fsRights.resolve_unix, 0n)
  t.end()
})

t.test('a rule that a rule above it implies is left out', (t) => {
  const outer: Grant = { ...nothing, path: '/usr', kind: 'directory', read: true }
  const inner: Grant = { ...nothing, path: '/usr/lib', kind: 'directory', read: true }
  const more: Grant = { ...nothing, path: '/usr/bin/x', kind: 'file', read: true, execute: true }
  const { paths } = lower({ ...noFiles, grants: [outer, more, inner] }, noNetwork, 7, 'reachable')
  t.same(
    paths.map(({ path }) => path).filter((path) => path.startsWith('/usr')),
    ['/usr', '/usr/bin/x'],
  )
  t.end()
})

t.test('as many grants as a policy may have take no time that grows with their square', (t) => {
  const most = 40_000
  const grants = Array.from({ length: most }, (_, index): Grant => ({
    ...nothing,
    path: `/usr/share/f${index}`,
    kind: 'file',
    read: true,
  }))
  t.equal(lower({ ...noFiles, grants }, noNetwork, 7, 'refused').paths.length, most + 6)
  t.end()
})

t.test('ports: the endpoints once each, to connect and never to bind; loopback needs every port', (t) => {
  const [endpoint] = oneEndpoint.endpoints
  const twice: ResolvedNetwork = {
    ...noNetwork,
    endpoints: endpoint === undefined ? [] : [endpoint, { ...endpoint, inside: ['192.0.2.9'] }],
  }
  t.same(lower(noFiles, twice, 4, 'reachable').ports, [{ port: 443, access: netRights.connect_tcp }])
  t.same(lower(noFiles, twice, 3, 'reachable').ports, [])
  t.same(lower(noFiles, noNetwork, 4, 'reachable').ports, [])
  t.equal(lower(noFiles, noNetwork, 10, 'reachable').handledNet, 0xfn, 'no endpoint: every port is refused')
  const up = lower(noFiles, { ...oneEndpoint, loopback: 'up' }, 10, 'reachable')
  t.same([up.handledNet, up.ports], [0n, []], 'loopback: the net namespace alone decides')
  t.end()
})

t.test('ports: UDP is sent to the endpoints, from a port of the kernel, on kernels that know it', (t) => {
  const { connect_tcp: tcpRight, connect_send_udp: send, bind_udp: bind, bind_tcp: listen } = netRights
  const ports = (network: ResolvedNetwork, abi: number) => lower(noFiles, network, abi, 'reachable').ports
  t.same(ports(withUdp, 10), [
    { port: 0, access: bind },
    { port: 53, access: send },
    { port: 443, access: tcpRight },
  ])
  t.same(ports(withUdp, 9), [{ port: 443, access: tcpRight }], 'before ABI 10 there is no such right')
  const both: ResolvedNetwork = { ...noNetwork, endpoints: [tcp, { ...tcp, protocol: 'udp' }] }
  t.same(
    ports(both, 10),
    [
      { port: 0, access: bind },
      { port: 443, access: tcpRight | send },
    ],
    'one rule a port',
  )
  t.same(
    ports(withResolver, 10),
    [
      { port: 0, access: bind },
      { port: 53, access: send },
      { port: 443, access: tcpRight },
    ],
    'the resolver inside is asked by UDP',
  )
  t.same(ports(oneEndpoint, 10), [{ port: 443, access: tcpRight }], 'control: TCP alone sends no datagram')
  t.same(ports(listening, 10), [{ port: 8000, access: listen }], 'a published port is bound, not connected to')
  t.end()
})

t.test('the relay answers datagrams at ports that the program chose, if there are any to answer', (t) => {
  const answers = netRights.bind_udp | netRights.connect_send_udp
  t.equal(lowerRelay(oneEndpoint, 10).handledNet, 0xfn, 'control: TCP alone')
  t.equal(lowerRelay(withUdp, 10).handledNet, 0xfn & ~answers)
  t.equal(lowerRelay(withResolver, 10).handledNet, 0xfn & ~answers, 'those of the resolver inside')
  for (const network of [oneEndpoint, withUdp, withResolver])
    t.same(lowerRelay(network, 10).ports, [{ port: 443, access: netRights.connect_tcp }], 'it dials TCP ports only')
  t.end()
})

t.test("the relay of published ports dials the program's ports and binds none", (t) => {
  const { handledFs, handledNet, ports } = lowerPublisher(listening, 10)
  t.same([handledFs, handledNet], [0x1ffffn, 0xfn])
  t.same(ports, [{ port: 8000, access: netRights.connect_tcp }])
  t.end()
})

t.test('who asks for names may read files and change none', (t) => {
  for (let abi = 1; abi <= newestAbi; abi += 1) {
    const handled = readOnlyRights(abi)
    t.equal(handled & ~rightsOf(abi).fs, 0n, `ABI ${abi}: only what it has`)
    t.equal(handled & (fsRights.read_file | fsRights.read_dir | fsRights.execute), 0n, 'reading stays')
    t.equal(handled & fsRights.write_file, fsRights.write_file, 'writing is refused')
  }
  t.end()
})

t.test(
  'streams only: no datagram, and nothing is sent to an address, unless a promise has sockets that need it',
  (t) => {
    const calls = (network: ResolvedNetwork, promises: readonly string[]) =>
      streamRules(network, promises).map(({ rule: { syscall, when } }) => `${syscall}: ${when ?? 'always'}`)
    const datagrams = [
      'socket: family in [AF_INET, AF_INET6] and type & SOCK_TYPE_MASK == SOCK_DGRAM',
      'socketcall: always',
    ]
    t.same(calls(oneEndpoint, ['inet_client']), [...datagrams, 'sendto: addr != NULL'])
    for (const promise of ['unix', 'netlink', 'dns', 'rawnet'])
      t.same(calls(oneEndpoint, ['inet_client', promise]), datagrams, promise)
    t.same(calls(withUdp, ['inet_client']), [], 'an endpoint by UDP')
    t.same(calls(withResolver, ['inet_client']), [], 'a resolver')
    t.same(calls({ ...oneEndpoint, loopback: 'up' }, ['inet']), [], 'loopback with all its ports')
    t.same(calls(noNetwork, ['inet_client']), [], 'no endpoint: Landlock and the net namespace say it')
    const literal6 = { ...tcp, host: '2001:db8::1', inside: ['2001:db8::1'], dial: ['2001:db8::1'] }
    t.same(
      calls({ ...noNetwork, endpoints: [literal6] }, ['inet_client']),
      [],
      'curl asks for IPv6 by a datagram socket',
    )
    t.end()
  },
)

/** Of `policies/single-https.yaml`: which sockets there are at all, on each arch that the kernel serves. */
const singleHttps = {
  filesystem: { read: ['/usr'] },
  network: { egress: [{ host: 'api.example.com', port: 443, tls: 'required' }] },
  syscalls: { promises: ['stdio', 'rpath', 'inet_client', 'unix', 'threads'] },
}
const stream = 1n
const cloexecNonblock = 0o2_004_000n

t.test('single-https: TCP sockets, unix sockets, and no other', (t) => {
  const plan = compileMadeUp(singleHttps)
  const asked = (arch: 'x86_64' | 'i386', args: readonly bigint[]) => explainSyscall(plan, 'socket', arch, args).answer
  for (const arch of ['x86_64', 'i386'] as const) {
    for (const [what, args] of [
      ['TCP', [2n, stream, 0n]],
      ['TCP, spelled out, close-on-exec and non-blocking', [2n, stream | cloexecNonblock, 6n]],
      ['TCP over IPv6', [10n, stream, 6n]],
      ['unix', [1n, stream, 0n]],
    ] as const)
      t.equal(asked(arch, args), 'allowed', `control: ${what} on ${arch}`)
    for (const [what, args] of [
      ['UDP', [2n, 2n, 0n]],
      ['UDP over IPv6, close-on-exec', [10n, 2n | cloexecNonblock, 17n]],
      ['ping', [2n, 2n, 1n]],
      ['UDP-Lite', [2n, 2n, 136n]],
      ['MPTCP', [2n, stream, 262n]],
      ['SCTP', [2n, stream, 132n]],
      ['SCTP, one to many', [10n, 5n, 132n]],
      ['DCCP', [2n, 6n, 33n]],
      ['SMC', [43n, stream, 0n]],
      ['raw', [2n, 3n, 255n]],
      ['raw over IPv6', [10n, 3n, 58n]],
      ['packet', [17n, 3n, 0x300n]],
      ['netlink', [16n, 3n, 0n]],
      ['vsock', [40n, stream, 0n]],
      ['AF_ALG', [38n, 5n, 0n]],
      ['AF_XDP', [44n, 3n, 0n]],
      ['Bluetooth', [31n, 3n, 0n]],
      ['a family with one bit more', [2n | (1n << 8n), stream, 0n]],
    ] as const)
      t.not(asked(arch, args), 'allowed', `${what} on ${arch}`)
  }
  t.end()
})

t.test('single-https: nothing is sent to an address without the promise unix, which needs that', (t) => {
  const to = (promises: readonly string[], address: bigint) =>
    explainSyscall(compileMadeUp({ ...singleHttps, syscalls: { promises } }), 'sendto', 'x86_64', [
      3n,
      0n,
      1n,
      0n,
      address,
      0n,
    ])
  t.match(to(['stdio', 'inet_client'], 0x7fff_0000n), { answer: 'denied', errno: 'EACCES' })
  t.match(to(['stdio', 'inet_client'], 0n), { answer: 'allowed' }, 'control: send(2)')
  t.match(to(['stdio', 'inet_client', 'unix'], 0x7fff_0000n), { answer: 'allowed' }, 'control: unix')
  t.end()
})

t.test('the relay may dial the endpoints and open nothing', (t) => {
  const { handledFs, handledNet, scoped, ports } = lowerRelay(oneEndpoint, 7)
  t.same([handledFs, handledNet, scoped], [0xffffn, 0x3n, scopes.signal | scopes.abstract_unix_socket])
  t.same(ports, [{ port: 443, access: netRights.connect_tcp }])
  t.end()
})

t.test('below its ABI each protection is carried by something else that is named, or refused', (t) => {
  const writable: ResolvedFilesystem = { ...noFiles, tmpBytes: 1n }
  const moving: ResolvedFilesystem = {
    ...noFiles,
    grants: [{ ...nothing, path: '/w', kind: 'directory', write: true, move: true }],
  }
  const table: readonly (readonly [
    protection: string,
    abi: number,
    text: RegExp,
    filesystem: ResolvedFilesystem,
    network: ResolvedNetwork,
  ])[] = [
    [
      'moves between directories',
      2,
      /^not available \(kernel too old for Landlock ABI 2, Linux 5.19\)$/,
      moving,
      noNetwork,
    ],
    ['truncation', 3, /^enforced by seccomp \(kernel too old for Landlock ABI 3, Linux 6.2\)$/, noFiles, noNetwork],
    ['truncation', 3, /^enforced by the mount view: /, writable, noNetwork],
    ['TCP ports', 4, /^enforced by seccomp \(/, noFiles, noNetwork],
    ['TCP ports', 4, /^enforced by the network namespace: /, noFiles, oneEndpoint],
    ['ioctls of devices', 5, /^enforced by the mount view: /, noFiles, noNetwork],
    ['abstract unix sockets', 6, /^enforced by the network namespace: /, noFiles, noNetwork],
    ['signals', 6, /^enforced by the pid namespace: /, noFiles, noNetwork],
    ['unix sockets', 9, /^enforced by the mount view: /, noFiles, noNetwork],
    ['UDP', 10, /^enforced by seccomp \(kernel too old for Landlock ABI 10, Linux 7.2\)$/, noFiles, noNetwork],
    ['UDP', 10, /^enforced by seccomp \(/, noFiles, oneEndpoint],
    ['UDP', 10, /^enforced by the network namespace: /, noFiles, withUdp],
    ['UDP', 10, /^enforced by the network namespace: /, noFiles, withResolver],
    ['TCP ports', 4, /^enforced by the network namespace: /, noFiles, listening],
  ]
  for (const [protection, abi, text, filesystem, network] of table) {
    const at = (running: number) => {
      return assess(filesystem, network, { abi: running, errata: 7 }).status.find(
        (line) => line.protection === protection,
      )
    }
    t.match(at(abi - 1), { text }, `${protection} below ABI ${abi}`)
    t.match(
      at(abi),
      { status: 'fully_enforced', text: `enforced by Landlock ABI ${abi}` },
      `${protection} at ABI ${abi}`,
    )
  }
  t.end()
})

t.test('what seccomp carries instead is in the filter, before the rules of the policy', (t) => {
  const policy = {
    syscalls: {
      promises: ['stdio', 'rpath', 'inet'],
      rules: [{ syscall: 'truncate', action: 'allow' }],
    },
  }
  for (const [call, abi] of [
    ['truncate', 3],
    ['socket', 4],
    ['socket', 10],
  ] as const) {
    t.ok(answers(policy, call, abi - 1).includes('EACCES'), `${call} below ABI ${abi}`)
    if (abi !== 4) t.notOk(answers(policy, call, abi).includes('EACCES'), `control: ${call} at ABI ${abi}`)
  }
  t.notOk(answers(policy, 'socket', 3).includes('allow'), 'without endpoints no socket at all below ABI 4')
  t.ok(answers(policy, 'socket', 4).includes('allow'), 'control: TCP sockets from ABI 4 on')
  t.notOk(answers(policy, 'truncate', 2).includes('allow'), 'no rule of the policy gives it back')
  t.end()
})

function answers(policy: object, call: string, abi: number): readonly string[] {
  const { steps } = compileMadeUp(policy, { facts: { landlock: { abi, errata: 7 } } })
  const [filter] = steps.flatMap((step) => (step.op === 'seccomp.load-filter' ? [step.filter] : []))
  if (filter === undefined) return []
  return (possibleAnswers(filter, 'x86_64', call) ?? []).map((action) =>
    typeof action === 'string' ? action : action.errno,
  )
}

t.test('move without the fix of erratum 3 is a warning in the status', (t) => {
  const moving: ResolvedFilesystem = {
    ...noFiles,
    grants: [{ ...nothing, path: '/w', kind: 'directory', write: true, move: true }],
  }
  t.ok(warned(moving, 0b011))
  t.notOk(warned(moving, 0b111), 'control: with the fix')
  t.notOk(warned(noFiles, 0b011), 'control: without move')
  t.end()
})

function warned(filesystem: ResolvedFilesystem, errata: number): boolean {
  const { status } = assess(filesystem, noNetwork, { abi: 7, errata })
  return status.some((line) => line.status === 'partially_enforced')
}
