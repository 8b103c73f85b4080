/** service.sockets: what a service manager passes, and that no socket of the host's network comes in. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { z } from 'zod'
import { makeHarness } from './run.js'
import { link } from './world/addresses.js'
import { held, type Running } from './world/process.js'

const harness = await makeHarness()
t.teardown(() => harness.close())
const { world } = harness
const here = (name: string): string => join(import.meta.dirname, '../../integration/service', name)
const python = '/usr/bin/python3'
const program = await readFile(here('listening.py'), 'utf8')

const policyOf = (sockets: string, promises = 'stdio, rpath, inet, unix', more = '') => `version: 1
name: passed
filesystem: { read: [/usr] }
syscalls: { promises: [${promises}] }
process: { environment: { set: { HOME: / } } }
service: { sockets: [${sockets}] }
${more}`
const report = z.object({ network: z.object({ connections: z.array(z.object({ key: z.string(), end: z.string() })) }) })

interface Activated {
  readonly uid?: number
  readonly policy: string
  /** `NAME=KIND:WHERE`, as activator.py has them. */
  readonly passes: readonly string[]
  readonly act: readonly string[]
  readonly whose?: 'somebody else'
}

async function start({ uid = 0, policy, passes, act, whose }: Activated): Promise<Running> {
  const file = await harness.policyFile(policy)
  const user = uid === 0 ? [] : ['/usr/bin/setpriv', `--reuid=${uid}`, `--regid=${uid}`, '--clear-groups']
  // setpriv becomes the command, so that the process is the same.
  const command = [
    ...user,
    ...harness.command,
    '--policy',
    file,
    '--report',
    '200',
    '--',
    python,
    '-c',
    program,
    ...act,
  ]
  const other = whose === undefined ? [] : ['-']
  return world.start([python, here('activator.py'), ...passes, '--', ...other, ...command], {
    descriptor3: 'pipe',
    stdin: held,
  })
}

async function linesOf(
  running: Running,
): Promise<{ readonly lines: readonly string[]; readonly stderr: string; readonly code: number | null }> {
  const { stdout, stderr, code } = await running.outcome
  return { lines: stdout.trim().split('\n').slice(1), stderr, code }
}

const ask = (address: string, port: number) =>
  world.run([
    python,
    '-c',
    `import socket
connection = socket.create_connection(('${address}', ${port}))
connection.sendall(b'hello')
print(connection.recv(100).decode(), connection.recv(1))`,
  ])
const askPath = (path: string, type: string) =>
  world.run([
    python,
    '-c',
    `import socket
connection = socket.socket(socket.AF_UNIX, socket.${type})
connection.connect('${path}')
connection.sendall(b'hello')
print(connection.recv(100).decode())`,
  ])

let paths = 0
const place = (): string => join(world.directory, `socket-${(paths += 1)}`)
const asRoot = world.uids.includes(0)

for (const uid of asRoot ? world.uids : [0]) {
  t.test(`uid ${uid}: TCP of both families, at every address and at one`, async (t) => {
    const passes = ['web=tcp:0.0.0.0,7201', 'web=tcp:127.0.0.1,81', 'six=tcp:::1,7203', `outer=tcp:${link.client},7204`]
    const running = await start({ uid, policy: policyOf('web, six, outer'), passes, act: ['serve', '2'] })
    await running.printed('serving')
    for (const [address, port] of [
      [link.client, 7201],
      ['127.0.0.1', 81],
      ['::1', 7203],
      [link.client, 7204],
    ] as const) {
      for (const turn of [1, 2])
        t.equal((await ask(address, port)).stdout, "got hello b''\n", `${address} ${port} ${turn}`)
    }
    const { lines, stderr, code } = await linesOf(running)
    t.equal(code, 0, stderr)
    t.same(lines, [
      '4 web:web:six:outer',
      '0.0.0.0 7201 blocks',
      '127.0.0.1 81 blocks',
      '::1 7203 blocks',
      `${link.client} 7204 blocks`,
      'serving',
    ])
    const { network } = report.parse(JSON.parse((await running.outcome).descriptor3))
    t.equal(network.connections.filter(({ end }) => end === 'closed').length, 8)
  })

  t.test(`uid ${uid}: sockets of unix(7), and a file`, async (t) => {
    const [stream, packets] = [place(), place()]
    const passes = [`local=stream:${stream}`, `packets=seqpacket:${packets}`]
    const running = await start({ uid, policy: policyOf('local, packets'), passes, act: ['serve', '1'] })
    await running.printed('serving')
    t.equal((await askPath(stream, 'SOCK_STREAM')).stdout, 'got hello\n')
    t.equal((await askPath(packets, 'SOCK_SEQPACKET')).stdout, 'got hello\n')
    t.equal((await running.outcome).code, 0)
    const stored = await start({ uid, policy: policyOf('state'), passes: ['state=file:kept'], act: ['read'] })
    t.same((await linesOf(stored)).lines, ['1 state', 'kept'])
  })

  t.test(`uid ${uid}: a passed listener cannot be made a way out`, async (t) => {
    const passes = ['web=tcp:0.0.0.0,7205']
    const away = ['elsewhere', link.internet, '443']
    const inside = await linesOf(await start({ uid, policy: policyOf('web'), passes, act: away }))
    t.same(inside.lines, ['undone EACCES'], inside.stderr)
    const control = await world.run([python, here('activator.py'), ...passes, '--', python, '-c', program, ...away])
    t.match(control.stdout, /^undone (ok|ECONNREFUSED)$/m, 'control: without a sandbox it goes out')
    const egress = `network: { egress: [{ host: ${link.client}, port: 443 }] }\n`
    const withPort = await linesOf(await start({ uid, policy: policyOf('web', undefined, egress), passes, act: away }))
    t.match(
      withPort.lines,
      [/^undone (ENETUNREACH|EHOSTUNREACH|EADDRNOTAVAIL|EINVAL)$/],
      'nor where that port is allowed',
    )
  })
}

t.test('a connection is passed to a program that cannot connect, and to no other', async (t) => {
  const server = world.start([
    python,
    '-c',
    `import socket
listener = socket.create_server(('127.0.0.1', 7206))
print('listens', flush=True)
held = [listener.accept() for _ in range(2)]
for connection, _ in held: print(connection.recv(10).decode())`,
  ])
  await server.firstLine
  const passes = ['connection=connection:127.0.0.1,7206']
  const refused = await linesOf(await start({ policy: policyOf('connection'), passes, act: ['read'] }))
  t.equal(refused.code, 125)
  t.match(refused.stderr, /service\.sockets: descriptor 3, "connection", is a TCP connection.*\n {2}fix: use Accept=no/)
  const act = ['elsewhere', link.internet, '443']
  const passed = await linesOf(
    await start({ policy: policyOf('connection', 'stdio, rpath, inet_server'), passes, act }),
  )
  t.same(passed.lines, ['EPERM EPERM'], passed.stderr)
  server.signal('SIGKILL')
  await server.outcome
})

/** Makes a socket, gives it a number, and becomes a command. */
const inherits = (number: number, makes: string): readonly string[] => [
  python,
  '-c',
  `import os, socket, sys
one = ${makes}
os.dup2(one.fileno(), ${number})
os.execv(sys.argv[1], sys.argv[1:])`,
]
const connection = "socket.create_connection(('127.0.0.1', 7212))"

t.test('a socket by which others are reached is passed by no number', async (t) => {
  const server = world.start([
    python,
    '-c',
    `import socket
listener = socket.create_server(('127.0.0.1', 7212))
print('listens', flush=True)
held = [listener.accept() for _ in range(100)]`,
  ])
  await server.firstLine
  const run = async (number: number, makes: string, syscalls: string) => {
    const more = number === 0 ? '' : `process: { descriptors: { it: ${number} } }\n`
    const text = `version: 1\nname: inherited\nfilesystem: { read: [/usr] }\nsyscalls: { ${syscalls} }\n${more}`
    const command = [...harness.command, '--policy', await harness.policyFile(text), '--']
    return world.run([...inherits(number, makes), ...command, '/usr/bin/echo', 'ran'])
  }
  const quiet = 'promises: [stdio, rpath]'
  for (const number of [0, 7]) {
    t.match(await run(number, connection, quiet), { code: 0, stdout: 'ran\n' }, 'control: it could not connect')
    for (const syscalls of [
      'promises: [stdio, rpath, inet]',
      'promises: [stdio, rpath, unix]',
      'promises: [stdio, rpath, inet_server, iouring]',
      'promises: [stdio, rpath, inet_server], allow: [sendto]',
      'promises: [stdio, rpath], rules: [{ syscall: connect, action: allow }]',
    ]) {
      const refused = await run(number, connection, syscalls)
      t.match(refused, { code: 125, stderr: /close-descriptors: socket: EPERM\n {2}fix: 0, 1, 2 or a desc/ }, syscalls)
    }
  }
  for (const makes of [
    "socket.create_server(('127.0.0.1', 0))",
    'socket.socket()',
    'socket.socket(socket.AF_INET, socket.SOCK_DGRAM)',
    'socket.socket(socket.AF_UNIX)',
    'socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)',
    'socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)[0]',
    'socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0)',
    'socket.socket(socket.AF_VSOCK)',
    ...(asRoot ? ['socket.socket(socket.AF_PACKET, socket.SOCK_RAW)'] : []),
  ])
    t.match(await run(0, makes, quiet), { code: 125, stderr: /close-descriptors: socket: EPERM/ }, makes)
  for (const makes of ['socket.socketpair()[0]', 'socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)[0]'])
    t.match(await run(0, makes, 'promises: [stdio, rpath, unix]'), { code: 0, stdout: 'ran\n' }, `control: ${makes}`)
  server.signal('SIGKILL')
  await server.outcome
})

t.test('numbers that lead to nothing', async (t) => {
  const file = await harness.policyFile(policyOf('web'))
  const command = [...harness.command, '--policy', file, '--', '/usr/bin/echo', 'ran']
  const claims = (count: string, policy: readonly string[]): readonly string[] => [
    '/bin/sh',
    '-c',
    'export LISTEN_PID=$$ LISTEN_FDS="$1" LISTEN_FDNAMES=web; shift; exec "$@"',
    'sh',
    count,
    ...policy,
  ]
  const closed = await world.run(claims('1', command))
  t.match(closed, { code: 125, stderr: /descriptor 3, "web", is not open/ })
  for (const count of ['0', '-1', '1000', 'x']) {
    t.match(
      await world.run(claims(count, command)),
      { code: 125, stderr: /nothing was passed by the name "web"/ },
      count,
    )
  }
  const other = await harness.policyFile(policyOf(''))
  const none = await world.run(claims('999', [...harness.command, '--policy', other, '--', '/usr/bin/echo', 'ran']))
  t.match(none, { code: 0, stdout: 'ran\n' }, 'without the key nobody looks')
})

t.test('what cannot be passed is told by its name', async (t) => {
  const cases: readonly (readonly [readonly string[], string, RegExp])[] = [
    [['web=udp:127.0.0.1,7207'], 'web', /"web", is a socket that can send to any address\n {2}fix: use ListenStream=/],
    [[`local=datagram:${place()}`], 'local', /"local", is a datagram socket, which reaches every abstract name/],
    [['web=tcp:127.0.0.1,7208', 'admin=tcp:127.0.0.1,7209'], 'web', /"admin", is passed and not named here/],
    [['web=tcp:127.0.0.1,7210'], 'web, admin', /service\.sockets\[1\]: nothing was passed by the name "admin"/],
  ]
  for (const [passes, names, text] of cases) {
    const { stderr, code } = await linesOf(await start({ policy: policyOf(names), passes, act: ['serve', '1'] }))
    t.equal(code, 125)
    t.match(stderr, text)
  }
  const passes = ['web=tcp:127.0.0.1,7211']
  const others = await start({ policy: policyOf('web'), passes, act: ['serve', '1'], whose: 'somebody else' })
  t.match((await linesOf(others)).stderr, /nothing was passed by the name "web"\n {2}fix: start it by a \.socket unit/)
  const unnamed = await start({ policy: policyOf(''), passes, act: ['serve', '1'] })
  t.same((await linesOf(unnamed)).lines, ['0 ', 'serving'], 'without the key nothing is passed')
  const file = await harness.policyFile(policyOf('web'))
  const asked = await world.run([...harness.command, 'explain', '--policy', file, '--', '/usr/bin/true'])
  t.equal(asked.code, 0, `who only asks needs no socket: ${asked.stderr}`)
})
