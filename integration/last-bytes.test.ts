/** What a program sends in its last moment arrives, as it would without a sandbox; its end waits no longer than a bound. */
import { appendFile, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as passes } from 'node:timers/promises'
import t from 'tap'
import { z } from 'zod'
import { source } from './relay/acts.js'
import { makeHarness } from './run.js'
import { link } from './world/addresses.js'
import { held, type Running } from './world/process.js'

const harness = await makeHarness()
t.teardown(() => harness.close())
const { world } = harness
await appendFile(join(world.directory, '_etc_hosts'), `${link.client} sink.example.test\n`)

/** The whole of what fits into every buffer on the way, printed, and the end. */
const fill = `
def fill(connection):
    connection.setblocking(False)
    count = 0
    while select.select([], [connection], [], 0.5)[1]:
        count += connection.send(bytes(65536))
    print(f'{count}\\nfilled', flush=True)
    os._exit(3)
`
const programs = {
  connects: `import os, select, socket, sys
${fill}
fill(socket.create_connection((sys.argv[1], int(sys.argv[2]))))`,
  says: `import os, socket, sys
connection = socket.create_connection((sys.argv[1], int(sys.argv[2])))
connection.send(b'goodbye')
os._exit(3)`,
  serves: `import os, select, socket, sys
${fill}
listener = socket.create_server(('127.0.0.1', 8080))
print('serving', flush=True)
fill(listener.accept()[0])`,
  datagram: `import os, socket, sys
socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'goodbye', (sys.argv[1], int(sys.argv[2])))
os._exit(3)`,
} as const

const policyOf = (network: string, more = ''): string => `version: 1
name: last
filesystem: { read: [/usr] }
network: { ${network} }
syscalls: { promises: [stdio, rpath, inet] }
process: { environment: { set: { HOME: / } } }
${more}`
const report = z.object({ network: z.object({ connections: z.array(z.unknown()) }) })

interface Sent {
  readonly network: string
  readonly program: keyof typeof programs
  readonly to: string
  readonly port: number
  readonly more?: string
}

async function begin(uid: number, { network, program, to, port, more }: Sent): Promise<Running> {
  const policy = await harness.policyFile(policyOf(network, more))
  const command = [...harness.command, '--policy', policy, '--report', '3', '--']
  const python = ['/usr/bin/python3', '-c', programs[program], to, String(port)]
  return world.start([...command, ...python], { uid, descriptor3: 'pipe' })
}

async function sink(kind: 'listen' | 'connect' | 'datagram', address: string, port: number): Promise<Running> {
  const running = world.start(['/usr/bin/python3', source('sink.py'), kind, address, String(port)], { stdin: held })
  await running.firstLine
  return running
}

/** Of a supervisor: init, until the program has ended, and the relay. */
async function childrenOf(pid: number): Promise<number> {
  return (await readFile(childrenFile(pid), 'utf8')).trim().split(' ').length
}

function childrenFile(pid: number): string {
  return `/proc/${pid}/task/${pid}/children`
}

/** The last line of a sink that may read now. */
async function told(peer: Running): Promise<string> {
  peer.write('go\n')
  return (await peer.outcome).stdout.trim().split('\n').at(-1) ?? ''
}

const endpoint = (port: number, more = ''): string => `egress: [{ host: ${link.client}, port: ${port}${more} }]`
const named = (port: number, more = ''): string =>
  `egress: [{ host: sink.example.test, addresses: [${link.client}/32], port: ${port}${more} }]`

for (const uid of world.uids) {
  t.test(`uid ${uid}: all that fitted into the buffers of a peer that has not read yet`, async (t) => {
    const peer = await sink('listen', link.client, 7101)
    const running = await begin(uid, { network: endpoint(7101), program: 'connects', to: link.client, port: 7101 })
    const count = await running.firstLine
    t.ok(Number(count) > 100_000, `${count} bytes fitted`)
    t.equal(await told(peer), `${count} end`)
    const outcome = await running.outcome
    t.equal(outcome.code, 3, outcome.stderr)
    const { network } = report.parse(JSON.parse(outcome.descriptor3))
    t.match(network.connections, [{ end: 'closed', bytesUp: Number(count) }])
  })

  t.test(`uid ${uid}: a word to a name that is looked up after the program has ended`, async (t) => {
    const peer = await sink('listen', link.client, 7102)
    const running = await begin(uid, { network: named(7102), program: 'says', to: '198.18.0.1', port: 7102 })
    t.equal(await told(peer), '7 end')
    t.match(await running.outcome, { code: 3, stderr: '' })
  })

  t.test(`uid ${uid}: a datagram to a name`, async (t) => {
    const peer = await sink('datagram', link.client, 7103)
    const network = named(7103, ', protocol: udp')
    const running = await begin(uid, { network, program: 'datagram', to: '198.18.0.1', port: 7103 })
    t.equal(await told(peer), '7 datagram')
    t.match(await running.outcome, { code: 3, stderr: '' })
  })

  t.test(`uid ${uid}: all that a published port's client has not read yet`, async (t) => {
    const network = 'listen: [{ port: 8080, publish: 18104 }]'
    const running = await begin(uid, { network, program: 'serves', to: '-', port: 0 })
    await running.firstLine
    const peer = await sink('connect', '127.0.0.1', 18_104)
    await running.printed('filled')
    const answer = await told(peer)
    const outcome = await running.outcome
    t.equal(outcome.code, 3, outcome.stderr)
    const [, count] = outcome.stdout.split('\n')
    t.ok(Number(count) > 100_000, `${count} bytes fitted`)
    t.equal(answer, `${count} end`)
  })
}

t.test(
  'who connects to a published port in the moment when the program ends is refused, and nothing fails',
  async (t) => {
    const network = 'listen: [{ port: 8080, publish: 18107 }]'
    const policy = await harness.policyFile(policyOf(network))
    const waits = `import sys
print('waits', flush=True)
sys.stdin.readline()`
    const command = [...harness.command, '--policy', policy, '--', '/usr/bin/python3', '-c', waits]
    const running = world.start(command, { stdin: held })
    await running.firstLine
    const publisher = Number((await readFile(childrenFile(running.pid), 'utf8')).trim().split(' ').at(-1))
    process.kill(publisher, 'SIGSTOP')
    running.write('go\n')
    while ((await childrenOf(running.pid)) > 1) await passes(10)
    const connected = await world.run([
      '/usr/bin/python3',
      '-c',
      `import socket
socket.create_connection(('127.0.0.1', 18107))
print('in line')`,
    ])
    t.equal(connected.stdout, 'in line\n', connected.stderr)
    process.kill(publisher, 'SIGCONT')
    t.match(await running.outcome, { code: 0, stderr: '' })
  },
)

t.test('a peer that reads nothing: the end waits for a bound, and the peer sees that the stream was cut', async (t) => {
  const peer = await sink('listen', link.client, 7105)
  const running = await begin(0, { network: endpoint(7105), program: 'connects', to: link.client, port: 7105 })
  const count = Number(await running.firstLine)
  const outcome = await running.outcome
  t.equal(outcome.code, 3, outcome.stderr)
  const { network } = report.parse(JSON.parse(outcome.descriptor3))
  t.match(network.connections, [{ end: 'open' }])
  const [got = '', end] = (await told(peer)).split(' ')
  t.equal(end, 'ECONNRESET')
  t.ok(Number(got) < count, `${got} of ${count}`)
})

for (const [who, end] of [
  [
    'a signal',
    async (running: Running) => {
      while ((await childrenOf(running.pid)) > 1) await passes(10)
      running.signal('SIGTERM')
    },
  ],
  ['the wall clock', async () => undefined],
] as const) {
  t.test(`${who} ends the wait`, async (t) => {
    const peer = await sink('listen', link.client, 7106)
    const more = who === 'a signal' ? '' : 'limits: { wall: 2s }\n'
    const from = performance.now()
    const running = await begin(0, { network: endpoint(7106), program: 'connects', to: link.client, port: 7106, more })
    await running.firstLine
    await end(running)
    t.match(await running.outcome, { code: 3, stderr: '' }, "the program's own status")
    t.ok(performance.now() - from < 5000, 'before the bound')
    await told(peer)
  })
}
