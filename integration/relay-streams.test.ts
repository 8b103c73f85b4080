/** The relay under load and under everything that programs and endpoints do to a connection. */
import { appendFile, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { z } from 'zod'
import { makeHarness } from './run.js'
import { link, link6 } from './world/addresses.js'
import { held, type Running } from './world/process.js'

const harness = await makeHarness()
const { world } = harness
const source = (name: string): string => join(import.meta.dirname, '../../integration/relay', name)
const program = await readFile(source('program.py'), 'utf8')
const servers = await Promise.all(
  [link.client, link6.client].map(async (address) => {
    const server = world.start(['/usr/bin/python3', source('peer.py'), address], { timeoutMs: 900_000 })
    await server.firstLine
    return server
  }),
)
t.teardown(async () => {
  for (const server of servers) server.signal('SIGKILL')
  await Promise.all(servers.map(({ outcome }) => outcome))
  await harness.close()
})

const report = z.object({
  status: z.number(),
  failure: z.object({ key: z.string(), syscall: z.string() }).optional(),
  network: z.object({
    endpoints: z.array(z.object({ key: z.string(), connections: z.number(), refused: z.number() })),
    connections: z.array(z.object({ key: z.string(), end: z.string() })),
    unlisted: z.number(),
  }),
})

interface Act {
  readonly running: Running
  /** The supervisor's children: init first, the relay last. */
  children(): Promise<readonly number[]>
  end(): Promise<{
    readonly lines: readonly string[]
    readonly report: z.infer<typeof report>
    readonly stderr: string
  }>
}

interface Options {
  readonly uid?: number
  /** What the program connects to, and what the policy says of it. */
  readonly address?: string
  readonly endpoint?: string
  /** More of `network`. */
  readonly more?: string
}

/** Starts one act of program.py in a sandbox whose endpoints are the ports of peer.py. */
async function start(act: readonly (string | number)[], options: Options = {}): Promise<Act> {
  const { address = link.client, more = '', uid } = options
  const endpoint = options.endpoint ?? `host: "${address}"`
  const endpoints = [7001, 7002, 7003, 7004, 7005, 7006, 7007].map((port) => `{ ${endpoint}, port: ${port} }`)
  const policy = await harness.policyFile(`version: 1
name: streams
filesystem: { read: [/usr] }
network: { egress: [${endpoints.join(', ')}]${more} }
syscalls: { promises: [stdio, rpath, inet_client] }
process: { environment: { set: { HOME: / } } }
limits: { files: 4096 }
`)
  const command = [...harness.command, '--policy', policy, '--report', '3', '--', '/usr/bin/python3', '-c', program]
  const running = world.start([...command, address, ...act.map(String)], {
    descriptor3: 'pipe',
    timeoutMs: 240_000,
    stdin: held,
    ...(uid === undefined ? {} : { uid }),
  })
  return {
    running,
    children: async () => {
      const text = await readFile(`/proc/${running.pid}/task/${running.pid}/children`, 'utf8')
      return text.trim().split(' ').map(Number)
    },
    end: async () => {
      const { stdout, stderr, descriptor3 } = await running.outcome
      return { lines: stdout.trim().split('\n'), report: report.parse(JSON.parse(descriptor3)), stderr }
    },
  }
}

const asRoot = world.uids.includes(0)
/** Nobody but root may count the descriptors of a process that is not dumpable. */
const descriptorsOf = async (pid: number): Promise<number> => (await readdir(`/proc/${pid}/fd`)).length

for (const uid of world.uids) {
  t.test(`uid ${uid}: 10,000 connections, one after another`, async (t) => {
    const act = await start(['churn', 10_000], { uid })
    const ended = await act.end()
    t.same(ended.lines, ['10000', 'done'], ended.stderr)
    t.match(ended.report.network.endpoints[0], { connections: 10_000, refused: 0 })
    t.equal(ended.report.network.unlisted, 10_000 - 256, 'the last ones are listed')
  })
}

t.test('1,000 connections at once, and none of them is left afterwards', async (t) => {
  const act = await start(['hold', 1000])
  await act.running.printed('waiting')
  const [, relay = 0] = await act.children()
  if (asRoot) t.ok((await descriptorsOf(relay)) > 2000, 'two sockets each')
  act.running.write('go\n')
  const ended = await act.end()
  t.same(ended.lines, ['1000', 'waiting', '1000', 'done'], ended.stderr)
  t.match(ended.report.network.endpoints[0], { connections: 1000, refused: 0 })
})

t.test('readers that do not read stop nobody else', async (t) => {
  const ended = await (await start(['slow', 200])).end()
  t.same(ended.lines, ['200 stalled prompt', 'arrived', 'done'], ended.stderr)
})

for (const address of [link.client, link6.client]) {
  t.test(`${address}: a reset in every state reaches the other side, and leaves nothing`, async (t) => {
    const ended = await (await start(['states'], { address })).end()
    t.same(ended.lines, ['ECONNRESET', 'ECONNRESET', 'end', 'done'], ended.stderr)
    const ends = ended.report.network.connections.map(({ end }) => end)
    t.equal(ends.filter((end) => end === 'reset-by-program').length, 6, ends.join(' '))
    t.equal(ends.filter((end) => end === 'reset-by-endpoint').length, 2, ends.join(' '))
    t.equal(ends.filter((end) => end === 'open').length, 0, 'none is still there')
  })

  t.test(`${address}: a program that ends its stream first hears the answer`, async (t) => {
    const ended = await (await start(['half-close', 5_000_000], { address })).end()
    t.same(ended.lines, ['5000000', 'end', 'done'], ended.stderr)
  })
}

t.test('a flood of connections: as many as the policy lets there be, the rest in line', async (t) => {
  const act = await start(['exhaust', 300], { more: ', connections: 50' })
  await act.running.printed('waiting')
  const [, relay = 0] = await act.children()
  if (asRoot) t.ok((await descriptorsOf(relay)) < 150, 'the relay holds no more')
  act.running.write('go\n')
  const ended = await act.end()
  t.same(ended.lines, ['50', 'waiting', '50', 'done'], ended.stderr)
})

t.test('a name that leads to loopback, because the policy says it may; its server ends', async (t) => {
  await appendFile(join(world.directory, '_etc_hosts'), '127.0.0.9 local.example.test\n')
  const server = world.start(['/usr/bin/python3', source('peer.py'), '127.0.0.9'], { timeoutMs: 60_000 })
  await server.firstLine
  const act = await start(['cut'], {
    address: '198.18.0.1',
    endpoint: 'host: local.example.test, addresses: [127.0.0.8/30]',
  })
  await act.running.printed('waiting')
  server.signal('SIGKILL')
  await server.outcome
  act.running.write('go\n')
  const ended = await act.end()
  t.match(ended.lines[1], /^(end|EPIPE|ECONNRESET) [01]$/, 'at once')
  t.match(ended.lines[2], /^(end|ECONNRESET) [01]$/, 'at once')
  t.match(ended.report.network.connections[0], { end: /^(closed|reset-by-endpoint)$/ })
})

t.test('when the relay is killed the program meets a reset, and the run says what happened', async (t) => {
  const act = await start(['cut'])
  await act.running.printed('waiting')
  const [, relay = 0] = await act.children()
  process.kill(relay, 'SIGKILL')
  act.running.write('go\n')
  const ended = await act.end()
  t.match(ended.lines[1], /^(EPIPE|ECONNRESET) [01]$/, 'within a second')
  t.equal(ended.report.status, 125)
  t.match(ended.report.failure, { key: 'network.egress', syscall: 'relay ended' })
  t.match(ended.stderr, /network\.egress: network\.relay: relay ended/)
})
