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
    const passes = [
      'web=tcp:0.0.0.0,7201',
      'web=tcp:127.0.0.1,7202',
      'six=tcp:::1,7203',
      `outer=tcp:${link.client},7204`,
    ]
    const running = await start({ uid, policy: policyOf('web, six, outer'), passes, act: ['serve', '2'] })
    await running.printed('serving')
    for (const [address, port] of [
      [link.client, 7201],
      ['127.0.0.1', 7202],
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
      '127.0.0.1 7202 blocks',
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

t.test('a socket of the network as standard input, or by process.descriptors, is refused', async (t) => {
  const inherits = (number: number): readonly string[] => [
    python,
    '-c',
    `import os, socket, sys
one = socket.create_server(('127.0.0.1', 0))
os.dup2(one.fileno(), ${number})
os.execv(sys.argv[1], sys.argv[1:])`,
  ]
  for (const [number, more] of [
    [0, ''],
    [7, 'process: { descriptors: { it: 7 } }\n'],
  ] as const) {
    const text = (promises: string): string =>
      `version: 1\nname: inherited\nfilesystem: { read: [/usr] }\nsyscalls: { promises: [${promises}] }\n${more}`
    const run = async (promises: string) => {
      const command = [...harness.command, '--policy', await harness.policyFile(text(promises)), '--']
      return world.run([...inherits(number), ...command, '/usr/bin/echo', 'ran'])
    }
    const refused = await run('stdio, rpath, inet')
    t.equal(refused.code, 125)
    t.match(refused.stderr, /process\.close-descriptors: network socket: EPERM\n {2}fix: 0, 1, 2 or a descriptor/)
    t.match(await run('stdio, rpath'), { code: 0, stdout: 'ran\n' }, 'control: it could not connect')
  }
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
