/** The relay under load and under everything that programs and endpoints do to a connection. */
import { appendFile, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { source, start } from './relay/acts.js'
import { makeHarness } from './run.js'
import { link, link6 } from './world/addresses.js'

const harness = await makeHarness()
const { world } = harness
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

const asRoot = world.uids.includes(0)
/** Nobody but root may count the descriptors of a process that is not dumpable. */
const descriptorsOf = async (pid: number): Promise<number> => (await readdir(`/proc/${pid}/fd`)).length

t.test('10,000 connections, one after another', async (t) => {
  const ended = await (await start(harness, ['churn', 10_000])).end()
  t.same(ended.lines, ['10000', 'done'], ended.stderr)
  t.match(ended.report.network.endpoints[0], { connections: 10_000, refused: 0 })
  t.equal(ended.report.network.unlisted, 10_000 - 256, 'the last ones are listed')
})

t.test('1,000 connections at once, and none of them is left afterwards', async (t) => {
  const act = await start(harness, ['hold', 1000])
  await act.running.printed('waiting')
  const [, relay = 0] = await act.children()
  if (asRoot) t.ok((await descriptorsOf(relay)) > 2000, 'two sockets each')
  act.running.write('go\n')
  const ended = await act.end()
  t.same(ended.lines, ['1000', 'waiting', '1000', 'done'], ended.stderr)
  t.match(ended.report.network.endpoints[0], { connections: 1000, refused: 0 })
})

t.test('readers that do not read stop nobody else', async (t) => {
  const ended = await (await start(harness, ['slow', 200])).end()
  t.same(ended.lines, ['200 stalled prompt', 'arrived', 'done'], ended.stderr)
})

for (const address of [link.client, link6.client]) {
  t.test(`${address}: a reset in every state reaches the other side, and leaves nothing`, async (t) => {
    const ended = await (await start(harness, ['states'], { address })).end()
    t.same(ended.lines, ['ECONNRESET', 'ECONNRESET', 'end', 'done'], ended.stderr)
    const ends = ended.report.network.connections.map(({ end }) => end)
    t.equal(ends.filter((end) => end === 'reset-by-program').length, 6, ends.join(' '))
    t.equal(ends.filter((end) => end === 'reset-by-endpoint').length, 2, ends.join(' '))
    t.equal(ends.filter((end) => end === 'open').length, 0, 'none is still there')
  })

  t.test(`${address}: a program that ends its stream first hears the answer`, async (t) => {
    const ended = await (await start(harness, ['half-close', 5_000_000], { address })).end()
    t.same(ended.lines, ['5000000', 'end', 'done'], ended.stderr)
  })
}

t.test('urgent data in a stream holds up nothing behind it', async (t) => {
  const ended = await (await start(harness, ['urgent'])).end()
  t.same(ended.lines, ['abcdef', 'done'], ended.stderr)
})

t.test('one connection at a time, each reset in the middle of bulk: the next is served', async (t) => {
  const ended = await (await start(harness, ['one-by-one', 400], { more: ', connections: 1' })).end()
  t.same(ended.lines, ['400', 'done'], ended.stderr)
})

t.test('a flood of connections: as many as the policy lets there be, the rest in line', async (t) => {
  const act = await start(harness, ['exhaust', 300], { more: ', connections: 50' })
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
  const act = await start(harness, ['cut'], {
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
  const act = await start(harness, ['cut'])
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
