/** What the program notices of a name that moves and of a network that is cut in silence, and when. */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { source, start } from './relay/acts.js'
import { makeHarness } from './run.js'
import { addresses, ports } from './world/addresses.js'

const harness = await makeHarness()
t.teardown(() => harness.close())
const { world } = harness
const hosts = join(world.directory, '_etc_hosts')

t.test('a name that moves during the run is followed', async (t) => {
  const before = await readFile(hosts, 'utf8')
  await writeFile(hosts, `${addresses.denied} moving.example.test\n`)
  const endpoint = `host: moving.example.test`
  const act = await start(harness, ['follow', ports.http], { address: '198.18.0.1', endpoint, ports: [ports.http] })
  await act.running.printed('waiting')
  await writeFile(hosts, `${addresses.other} moving.example.test\n`)
  act.running.write('go\n')
  const ended = await act.end()
  await writeFile(hosts, before)
  t.same(ended.lines, [`${addresses.denied}:80`, 'waiting', `${addresses.other}:80 within 10 s`, 'done'], ended.stderr)
})

t.test(
  'a name with an address that does not answer is reached at its other one, without waiting for the first',
  async (t) => {
    const before = await readFile(hosts, 'utf8')
    // Nobody has the first two: what is sent there is lost.
    await writeFile(
      hosts,
      `203.0.113.99 slow.example.test\n2001:db8:99::99 slow.example.test\n${addresses.other} slow.example.test\n`,
    )
    const curl = ['/usr/bin/curl', '-sS', '-m', '20', '-w', '%{time_total}', 'http://slow.example.test/']
    const policy = `version: 1
name: slow
filesystem: { read: [/usr] }
network: { egress: [{ host: slow.example.test, port: ${ports.http} }] }
syscalls: { promises: [stdio, rpath, inet_client, unix, threads] }
process: { environment: { set: { HOME: / } } }
`
    const outcome = await harness.sandboxed({ text: policy }, curl)
    await writeFile(hosts, before)
    const [line = '', seconds = ''] = outcome.stdout.trim().split('\n')
    t.match(line, `${addresses.other}:80`, outcome.stderr)
    t.ok(Number(seconds) < 5, `in ${seconds} s: 0.25 s for each silent address, not the minutes that TCP would wait`)
  },
)

// Only root may take an address from the internet.
if (world.uids.includes(0)) {
  t.test('an endpoint that is cut off in silence ends its connections in the stated time', async (t) => {
    const server = world.serve(['/usr/bin/python3', source('peer.py'), addresses.denied], { timeoutMs: 120_000 })
    await server.firstLine
    const act = await start(harness, ['cut'], { address: addresses.denied })
    await act.running.printed('waiting')
    const cut = await world.serve(['ip', 'address', 'delete', `${addresses.denied}/32`, 'dev', 'lo']).outcome
    t.equal(cut.code, 0, cut.stderr)
    act.running.write('go\n')
    const ended = await act.end()
    server.signal('SIGKILL')
    await server.outcome
    const [, busy = '', idle = ''] = ended.lines
    t.match(busy, /^ECONNRESET /, 'one that has sent something')
    t.ok(Number(busy.split(' ')[1]) <= 30, `20 s, and 5 until it is noticed: ${busy}`)
    t.match(idle, /^ECONNRESET /, 'one that is silent itself')
    t.ok(Number(idle.split(' ')[1]) <= 50, `20 s, and four questions 5 s apart: ${idle}`)
    const ends = ended.report.network.connections.map(({ end }) => end)
    t.same(ends.toSorted(), ['endpoint-silent', 'reset-by-endpoint'])
  })
}
