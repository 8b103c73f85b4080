/**
 * Ways out of a sandbox whose policy grants one endpoint: each is refused, the endpoint answers throughout, no other
 * server hears of it, and the same act outside goes through. The table is in ways-out/ways.ts.
 */
import { join } from 'node:path'
import t from 'tap'
import { answerOf, answersOf } from './probes/probes.js'
import { makeHarness } from './run.js'
import type { LaunchOptions } from './launch-plan.js'
import { deviceOf, hostArrivals, openUp } from './ways-out/host-access.js'
import { v4, v6 } from './ways-out/families.js'
import { table } from './ways-out/table.js'
import { policies, reached, type PolicyName } from './ways-out/policies.js'
import { ways } from './ways-out/ways.js'
import type { Control, Way } from './ways-out/way.js'
import { no32Bit, skipWithout32Bit } from './world/host-kernel.js'
import type { Outcome } from './world/process.js'

const harness = await makeHarness()
const { world, probes } = harness
const host = world.start([process.execPath, join(import.meta.dirname, 'ways-out/host.js')], {
  timeoutMs: 600_000,
})
await host.firstLine
const listening = `import os, socket, sys, time
os.umask(0)
held = [socket.socket(socket.AF_UNIX) for _ in range(2)]
for server, name in zip(held, ('\\0palisade-ways', sys.argv[1] + '/socket')):
    server.bind(name)
    server.listen(64)
print('listening', flush=True)
time.sleep(600)`
const unix = world.start(['/usr/bin/python3', '-c', listening, world.directory], { timeoutMs: 600_000 })
await unix.firstLine
const opened = await openUp(world)
const device = await deviceOf(world)

type Layer = NonNullable<LaunchOptions['without']>[number]
/** Those that can be left out; without its net namespace a sandbox has no resolver to ask. */
const layersOf: Readonly<Record<PolicyName, readonly Layer[]>> = {
  tcp: ['seccomp', 'landlock', 'network namespace'],
  only4: ['seccomp', 'landlock', 'network namespace'],
  wide: ['seccomp', 'landlock', 'network namespace'],
  stub: ['seccomp', 'landlock'],
  listen: ['seccomp', 'landlock', 'network namespace'],
}
const names = ['tcp', 'only4', 'wide', 'stub', 'listen'] as const satisfies readonly PolicyName[]
const policyText = (name: PolicyName) => `version: 1\nname: ${name}\n${policies[name]}`
const waysOf = (name: PolicyName) => ways[name].filter(({ needs }) => needs !== 'i386' || no32Bit === false)

interface Run {
  /** One for each way, and every answer of the endpoint. */
  readonly answers: readonly string[]
  readonly endpoint: readonly string[]
  readonly servers: readonly string[]
  readonly host: readonly string[]
}

/** The number of eth0, and how long silence is listened to: outside somebody answers, even where all is slow. */
interface Place {
  readonly number: string
  readonly patience: string
}
const outside: Place = { number: device.number, patience: '1500' }
/** There eth0 is the first device after lo. */
const sandbox: Place = { number: '2', patience: '300' }

/** Tries all ways of a policy by one program, with the endpoint between them, and looks who heard of it. */
async function tryAll(name: PolicyName, run: (stdin: string) => Promise<Outcome>, place: Place): Promise<Run> {
  const rows = waysOf(name).map(({ act }) => ({ act, kind: 'way' }))
  const asked = reached[name].map((act) => ({ act, kind: 'endpoint' }))
  const acts = [...rows.flatMap((row, index) => (index % 10 === 0 ? [...asked, row] : [row])), ...asked]
  await world.forget()
  await hostArrivals(world)
  const outcome = await run(acts.map(({ act }) => `${fill(act, place)}\n`).join(''))
  const answers = answersOf(outcome)
  if (answers.length !== acts.length) throw new Error(`${name}: ${answers.length} answers: ${outcome.stderr}`)
  const of = (kind: string) => answers.filter((_, index) => acts[index]?.kind === kind)
  const servers = (await world.arrivals()).map(({ protocol, address, port }) => `${protocol} ${address} ${port}`)
  return {
    answers: of('way'),
    endpoint: of('endpoint'),
    servers: [...new Set(servers)].toSorted(),
    host: await hostArrivals(world),
  }
}

/** Puts in what the acts of the table leave open. */
function fill(act: string, { number, patience }: Place): string {
  const words = {
    HOLDER: String(world.holder),
    SOCKETS: world.directory,
    LINKLOCAL: device.linkLocal,
    DEVICE: number,
    PATIENCE: patience,
  }
  return Object.entries(words).reduce((text, [word, value]) => text.replaceAll(word, value), act)
}

async function confined(name: PolicyName, uid: number, probe = probes.glibc): Promise<Run> {
  const policy = { text: policyText(name) }
  return tryAll(name, (stdin) => harness.sandboxed(policy, [probe, 'batch'], { uid, stdin }), sandbox)
}

async function withoutLayer(name: PolicyName, uid: number, layer: Layer): Promise<Run> {
  const options: LaunchOptions = { policy: await harness.policyFile(policyText(name)), without: [layer] }
  const argv = [process.execPath, join(import.meta.dirname, 'launch-plan.js'), JSON.stringify(options)]
  const place = layer === 'network namespace' ? outside : sandbox
  return tryAll(name, (stdin) => world.run([...argv, probes.glibc, 'batch'], { uid, stdin }), place)
}

/** Each way's control, those in one place by one program. */
async function controls(rows: readonly Way[], uid: number): Promise<readonly string[]> {
  const answers = new Map<Way, string>()
  for (const place of ['same user', 'scratch', 'root'] as const) {
    const here = rows.filter(({ control }) => (control.place ?? 'same user') === place)
    if (place === 'root' && !opened) continue
    const stdin = here.map(({ act, control }) => `${fill(control.act ?? act, outside)}\n`).join('')
    const enter = place === 'scratch' ? scratch : []
    const as = place === 'root' ? 0 : uid
    const found = answersOf(await world.run([...enter, probes.glibc, 'batch'], { uid: as, stdin }))
    for (const [index, row] of here.entries()) answers.set(row, found[index] ?? 'nothing')
  }
  return rows.map((row) => answers.get(row) ?? '(needs root)')
}

function isControl(answer: string, { answer: wanted = 'ok' }: Control): boolean {
  if (answer === '(needs root)') return !world.uids.includes(0)
  return wanted === 'not refused' ? notRefused.includes(answer) : answer === wanted
}

// Node has no name for 94, ESOCKTNOSUPPORT.
const notRefused = ['ok', 'EAFNOSUPPORT', 'EPROTONOSUPPORT', 'errno 94']
const scratch = [
  'unshare',
  '--user',
  '--map-root-user',
  '--net',
  '--',
  'sh',
  '-c',
  'ip link set lo up; exec "$@"',
  'sh',
]

/** Nobody else heard of anything: what reached a server came from the endpoint's own acts. */
function isEndpoint(server: string): boolean {
  return [v4.endpoint, v6.endpoint].some((address) => granted.some((end) => server === end.replace('ADDRESS', address)))
}
const granted = ['tcp ADDRESS 80', 'tcp ADDRESS 8443', 'udp ADDRESS 8443']

for (const uid of world.uids) {
  for (const name of names) {
    t.test(`uid ${uid}: ${name}: every way out is refused, and the endpoint answers throughout`, async (t) => {
      const rows = waysOf(name)
      if (rows.length < ways[name].length) skipWithout32Bit(t, `${name}: ways by the 32-bit table`)
      const inside = await confined(name, uid)
      const free = await controls(rows, uid)
      // One user is enough to learn which layer carries what.
      const removed = uid === world.uids[0] ? layersOf[name] : []
      const less: Run[] = []
      for (const layer of removed) less.push(await withoutLayer(name, uid, layer))
      const head = ['way out', 'family', 'inside', 'says', ...removed.map((layer) => `no ${layer}`), 'control']
      const cells = rows.map(({ claim, family, by }, row) =>
        [claim, family, inside.answers[row], by, ...less.map(({ answers }) => answers[row]), free[row]].map(String),
      )
      t.comment(table([head, ...cells]))
      for (const [row, way] of rows.entries()) {
        const label = `${way.claim}, ${way.family}`
        t.equal(inside.answers[row], way.inside, label)
        t.ok(isControl(free[row] ?? '', way.control), `control: ${label}: ${free[row]}`)
        if (removed.length === 0) continue
        const open = removed.filter((_, layer) => less[layer]?.answers[row] === 'ok')
        const only = removed.filter((layer) => layer === way.only)
        t.same(open, only, `${label}: open only without the one layer that carries it`)
        const said = way.by === 'seccomp' || way.by === 'landlock' ? less[removed.indexOf(way.by)]?.answers[row] : null
        const same = said === way.inside
        t.equal(same, way.also !== undefined, `${label}: without ${way.by}: ${said}`)
      }
      t.same(new Set(inside.endpoint), new Set(['ok']), 'the endpoint answers')
      t.ok(
        inside.servers.length > 0 && inside.servers.every(isEndpoint),
        `nobody else hears of it: ${inside.servers.join(', ')}`,
      )
      t.same(inside.host, [], 'nor does the host')
      for (const [index, layer] of removed.entries()) {
        const { servers = [], host: reached = [] } = less[index] ?? {}
        const closed = servers.every(isEndpoint) && reached.length === 0
        t.equal(closed, layer !== 'network namespace', `without ${layer}: ${closed ? 'likewise' : 'others do'}`)
      }
    })
  }

  t.test(`uid ${uid}: a socket that the caller has connected is not handed on`, async (t) => {
    const shell = ['bash', '-c', `exec 9<>/dev/tcp/${v4.denied}/8443; exec "$@"`, 'bash']
    const say = [probes.glibc, 'say-on', '9']
    const file = await harness.policyFile(policyText('tcp'))
    const inside = await world.run([...shell, ...harness.command, '--policy', file, '--', ...say], { uid })
    t.equal(answerOf(inside), 'EBADF', inside.stderr)
    t.equal(answerOf(await world.run([...shell, ...say], { uid })), 'ok', 'control')
  })

  t.test(`uid ${uid}: the program is reached where it is published, and nowhere else`, async (t) => {
    const file = await harness.policyFile(policyText('listen'))
    const command = [...harness.command, '--policy', file, '--', probes.glibc, 'answer', '8080', '30000']
    const running = world.start(command, { uid })
    t.equal(await running.firstLine, 'listening')
    const reach = async (...act: readonly string[]) => answerOf(await world.run([probes.glibc, ...act], { uid }))
    t.not(await reach('tcp', v4.sandbox, '8080', '500'), 'ok', "at the sandbox's own address")
    t.not(await reach('tcp', v6.sandbox, '8080', '500'), 'ok', 'likewise in IPv6')
    for (const address of [v4.host, v6.host, v6.loopback])
      t.equal(await reach('tcp', address, '18080'), 'ECONNREFUSED', `at ${address} of the host`)
    t.equal(await reach('fetch', v4.loopback, '18080'), 'ok', 'control: where it is published')
    t.equal((await running.outcome).stdout, 'listening\nok\n')
  })
}

t.teardown(async () => {
  for (const server of [host, unix]) {
    server.signal('SIGKILL')
    await server.outcome
  }
  await harness.close()
})
