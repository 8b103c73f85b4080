/**
 * Ways out through the one connection that there is: what a program says to an endpoint with `tls: required`, and names
 * that lead to addresses which nobody granted.
 */
import { appendFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { z } from 'zod'
import { syntheticAddresses } from '../src/layers/network/addresses.js'
import { answersOf } from './probes/probes.js'
import { makeHarness, type SandboxOutcome } from './run.js'
import { clientHello } from './ways-out/client-hello.js'
import { hostArrivals } from './ways-out/host-access.js'
import { table } from './ways-out/table.js'
import { addresses, link, link6 } from './world/addresses.js'

const harness = await makeHarness()
const { world, probes } = harness
const host = world.start([process.execPath, join(import.meta.dirname, 'ways-out/host.js')], { timeoutMs: 600_000 })
await host.firstLine

const promises = 'syscalls: { promises: [stdio, rpath, proc, inet_client] }'
const [first = ''] = syntheticAddresses(0)

/** How each connection of a run ended, in the words of the Report. */
function endsOf({ report }: SandboxOutcome): readonly string[] {
  return reported.parse(JSON.parse(report)).network.connections.map(({ end }) => end)
}
const reported = z.object({ network: z.object({ connections: z.array(z.object({ end: z.string() })) }) })

async function batch(policy: string, acts: readonly string[], uid: number) {
  await world.forget()
  await hostArrivals(world)
  const stdin = acts.map((act) => `${act}\n`).join('')
  const text = `version: 1\nname: relay\n${policy}\n${promises}\n`
  const outcome = await harness.sandboxed({ text }, [probes.glibc, 'batch'], { uid, stdin })
  const servers = await world.arrivals()
  if (outcome.code !== 0) throw new Error(outcome.stderr)
  return { answers: answersOf(outcome), outcome, servers, host: await hostArrivals(world) }
}

const hello = await clientHello('api.example.test')
/** Name, what is said first, and what the Report says of it. */
const openings: readonly (readonly [claim: string, bytes: Buffer, end: string])[] = [
  ['HTTP without TLS', Buffer.from('GET / HTTP/1.1\r\nHost: api.example.test\r\n\r\n'), 'not-tls'],
  ["SSH's banner", Buffer.from('SSH-2.0-OpenSSH_9.2\r\n'), 'not-tls'],
  ["SMTP's greeting", Buffer.from('EHLO api.example.test\r\n'), 'not-tls'],
  ['zeroes', Buffer.alloc(64), 'not-tls'],
  ['another name', await clientHello('denied.example.test'), 'tls-name-other'],
  ['no name', await clientHello(null), 'tls-name-missing'],
  ['the name, continued', await clientHello('api.example.test.example.com'), 'tls-name-other'],
  ['a name below', await clientHello('www.api.example.test'), 'tls-name-other'],
  ['a name above', await clientHello('example.test'), 'tls-name-other'],
  ['a name with a zero byte', replaced(hello, 'api.example.test', 'api.example\0test'), 'tls-hello-malformed'],
  [
    'an address as name',
    replaced(await clientHello('abcdefghi.de'), 'abcdefghi.de', addresses.allowed),
    'tls-hello-malformed',
  ],
  ['TLS 1.1', await clientHello('api.example.test', 'TLSv1.1'), 'tls-version-too-old'],
]

function replaced(bytes: Buffer, name: string, by: string): Buffer {
  if (name.length !== by.length) throw new TypeError(`${by} is no longer or shorter than ${name}`)
  return Buffer.from(bytes.toString('latin1').replace(name, by), 'latin1')
}

interface Rebound {
  readonly address: string
  readonly port: number
  /** `never`: no policy can grant it to a name. */
  readonly granted?: 'never'
}

/** Where a name leads. A server answers there. */
const rebound: readonly Rebound[] = [
  { address: '127.0.0.1', port: 8443 },
  { address: '::1', port: 8443 },
  { address: link.client, port: 8443 },
  { address: link6.client, port: 8443 },
  { address: link.internet, port: 80 },
  { address: link6.internet, port: 80 },
  { address: addresses.metadata, port: 80 },
  { address: addresses.metadata6, port: 80 },
  { address: addresses.private, port: 80 },
  { address: addresses.private6, port: 80 },
  { address: '0.0.0.0', port: 8443, granted: 'never' },
  { address: '::', port: 8443, granted: 'never' },
  { address: '::ffff:127.0.0.1', port: 8443, granted: 'never' },
]
const nameOf = (index: number) => `rebound-${index}.example.test`
const lines = rebound.map(({ address }, index) => `${address} ${nameOf(index)}\n`)
await appendFile(join(world.directory, '_etc_hosts'), lines.join(''))

for (const uid of world.uids) {
  t.test(`uid ${uid}: tls: required lets nothing begin but a ClientHello with the endpoint's name`, async (t) => {
    const acts = openings.map(([, bytes]) => `say ${first} 443 ${bytes.toString('hex')}`)
    const good = `say ${first} 443 ${hello.toString('hex')}`
    const endpoint = (tls: string) => `network: { egress: [{ host: api.example.test, port: 443, tls: ${tls} }] }`
    const inside = await batch(endpoint('required'), [...acts, good], uid)
    const ends = endsOf(inside.outcome)
    const free = await batch(endpoint('any'), [...acts, good], uid)
    const rows = openings.map(([claim], row) =>
      [claim, inside.answers[row], ends[row], 'reaches the endpoint'].map(String),
    )
    t.comment(table([['said first', 'inside', 'Report', 'control: tls: any'], ...rows]))
    for (const [row, [claim, , end]] of openings.entries()) {
      t.equal(inside.answers[row], 'ECONNRESET', claim)
      t.equal(ends[row], end, `${claim}: the Report`)
    }
    t.equal(inside.answers.at(-1), 'ok', 'its own name is answered')
    t.equal(inside.servers.length, 1, 'and is all that the server saw')
    t.equal(free.servers.length, acts.length + 1, 'control: without tls: required it sees each of them')
  })

  t.test(`uid ${uid}: a name that leads to a private, local or special address is refused`, async (t) => {
    const policy = (range: (to: Rebound) => string) => {
      const endpoints = rebound.map((to, index) => `{ host: ${nameOf(index)}, port: ${to.port}${range(to)} }`)
      return `network:\n  egress:\n${endpoints.map((endpoint) => `    - ${endpoint}\n`).join('')}`
    }
    const acts = rebound.map(({ port }, index) => `fetch ${syntheticAddresses(index)[0]} ${port}`)
    const inside = await batch(
      policy(() => ''),
      acts,
      uid,
    )
    const named = ({ address, granted }: Rebound) =>
      granted === 'never' ? '' : `, addresses: ['${address}/${address.includes(':') ? 128 : 32}']`
    const free = await batch(policy(named), acts, uid)
    const ends = endsOf(inside.outcome)
    const rows = rebound.map(({ address }, row) =>
      [address, inside.answers[row], ends[row], free.answers[row]].map(String),
    )
    t.comment(table([['a name for', 'inside', 'Report', 'control: granted'], ...rows]))
    for (const [row, { address, granted }] of rebound.entries()) {
      t.equal(inside.answers[row], 'ECONNRESET', address)
      t.equal(ends[row], 'address-refused', `${address}: the Report`)
      t.equal(free.answers[row], granted === 'never' ? 'ECONNRESET' : 'ok', `control: ${address}`)
    }
    t.same([...inside.servers, ...inside.host], [], 'no server of the host or the world heard of it')
    const outside = rebound.map(({ address, port }) => `fetch ${address} ${port}\n`).join('')
    const direct = answersOf(await world.run([probes.glibc, 'batch'], { uid, stdin: outside }))
    t.same(new Set(direct), new Set(['ok']), 'control: from the host all of them are reached')
  })
}

t.teardown(async () => {
  host.signal('SIGKILL')
  await host.outcome
  await harness.close()
})
