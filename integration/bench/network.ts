/**
 * npm run bench, third part: the relay beside a bare veth pair, slirp4netns, pasta, a relay of socats and forwarding by
 * hand, all up at once and measured in interleaved rounds; then what the relay's processes hold in memory.
 *
 *   node build-test/integration/bench/network.js [ROUNDS]
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { must, run, searchPath } from '../world/process.js'
import { byHand, candidates, peers, relay, route, type Candidate, type Tools } from './network-candidates.js'
import { buildLoad, type Load } from './network-load.js'
import { memory } from './network-memory.js'
import { makeServer, needed, useCongestionControl } from './network-place.js'
import { keepBusy, moveToProcessor, withDescendants } from './network-processes.js'
import { ahead, floor, inOneLine, modes, table, verdict, type Goal, type Mode, type Sample } from './network-table.js'
import { NotRun } from './not-run.js'
import { realTime } from './scheduling.js'

const seconds = 0.5
/** The congestion control that every kernel has (tcp(7)), and that does not pace: decision 16. */
const plain = 'reno'
const commands: Readonly<Record<Mode, string>> = {
  up1: `up 1 ${seconds}`,
  up4: `up 4 ${seconds}`,
  down1: `down 1 ${seconds}`,
  rr: `rr ${seconds}`,
  crr: `crr ${seconds}`,
}
const bulk = ['up1', 'up4', 'down1'] as const
const times = ['rr', 'crr'] as const
const goals: readonly Goal[] = [
  { what: 'bulk at least 0.8 of direct veth', candidate: relay, against: floor, modes: bulk, bound: 0.8 },
  { what: 'request/response at most 1.3 x', candidate: relay, against: floor, modes: ['rr'], bound: 1.3 },
  { what: 'connect/close at most 3 x', candidate: relay, against: floor, modes: ['crr'], bound: 3 },
]
const routeGoals: readonly Goal[] = [
  { what: 'via: route at least 0.95 of by hand', candidate: route, against: byHand, modes: bulk, bound: 0.95 },
  {
    what: 'via: route at most 1/0.95 of by hand',
    candidate: route,
    against: byHand,
    modes: times,
    bound: 1 / 0.95,
  },
]

const [rounds = '7', scheduling = 'outside'] = process.argv.slice(2)
if (scheduling === 'outside') process.exitCode = await enter()
else process.stdout.write(await bench(Number(rounds)), () => process.exit())

/** Goes on in namespaces of its own, which end with this process, and everything in them too. */
async function enter(): Promise<number> {
  await demandTools()
  const user = process.getuid?.() === 0 ? [] : ['--user', '--map-current-user', '--keep-caps']
  const namespaces = [...user, '--net', '--mount', '--pid', '--mount-proc', '--fork', '--kill-child']
  // All candidates are in the same class.
  const prefix = await realTime()
  const own = [process.execPath, import.meta.filename, rounds, prefix.length > 0 ? 'real-time' : 'normal']
  const command = [...prefix, ...own]
  const child = spawn('setpriv', ['--pdeathsig=KILL', 'unshare', ...namespaces, '--', ...command], {
    stdio: 'inherit',
    env: { PATH: searchPath },
  })
  await once(child, 'exit')
  return child.exitCode ?? 1
}

async function demandTools(): Promise<void> {
  const packages: string[] = []
  for (const [tool, name] of Object.entries(needed)) {
    const { code } = await run(['sh', '-c', `command -v ${tool}`], { env: { PATH: searchPath } })
    if (code !== 0) packages.push(name)
  }
  if (packages.length > 0)
    throw new Error(`missing: ${packages.join(' ')}: \`.ci/setup bench\` installs what is needed`)
}

async function bench(count: number): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'palisade-network-'))
  try {
    // ip(8) names namespaces in /run: in this one nobody else sees them.
    await must(['mount', '-t', 'tmpfs', '-o', 'mode=0755', 'none', '/run'])
    await must(['chmod', '0755', directory])
    const tools: Tools = { directory, load: await buildLoad(directory), helpers: [] }
    const server = await makeServer(tools.load)
    const notes: string[] = []
    const own = congestionControl()
    await useCongestionControl(plain)
    const started = await startAll(tools, notes)
    // A route's connections begin inside the sandbox, which `plain` does not reach.
    const isRoute = ({ name }: Started): boolean => name === route || name === byHand
    const routed = started.filter((candidate) => candidate.name === floor || isRoute(candidate))
    const relays = started.filter((candidate) => !isRoute(candidate))
    const rates = await compare(relays, bulk, count, notes)
    const busyness = keepBusy()
    const latencies = await compare(relays, times, count, notes)
    await useCongestionControl(own)
    const routes = await compare(routed, modes, 2 * count, notes)
    busyness.stop()
    const asFound = await compare(relays, modes, count, notes)
    const all = [server, ...tools.helpers, ...started.map(({ client }) => client)]
    for (const pid of all.flatMap((process) => withDescendants(process.pid))) await moveToProcessor(0, pid)
    const together = await compare(started, ['rr'], count, notes)
    for (const { client } of started) await client.close()
    for (const helper of tools.helpers) helper.signal('SIGKILL')
    const measured: Measured = { judged: [...rates, ...latencies], routes, asFound, together }
    return report(count, own, measured, notes) + (await memory(tools))
  } finally {
    await rm(directory, { recursive: true })
  }
}

interface Started extends Candidate {
  readonly client: Load
}

async function startAll(tools: Tools, notes: string[]): Promise<readonly Started[]> {
  const started: Started[] = []
  for (const candidate of candidates) {
    try {
      started.push({ ...candidate, client: await candidate.start(tools) })
    } catch (error) {
      if (!(error instanceof NotRun)) throw error
      notes.push(`${candidate.name} was not run: ${error.message}`)
    }
  }
  return started
}

/** Rounds of every one of `wanted` for every candidate. What fails is a note, and no sample. */
async function compare(
  started: readonly Started[],
  wanted: readonly Mode[],
  count: number,
  notes: string[],
): Promise<readonly Sample[]> {
  const samples: Sample[] = []
  for (let round = 0; round < count; round += 1) {
    // Every other round goes backwards: who follows whom changes.
    const order = round % 2 === 0 ? started : started.toReversed()
    for (const mode of wanted) {
      for (const { name, client } of order) {
        try {
          samples.push({ round, candidate: name, mode, value: await client.ask(commands[mode]) })
        } catch (error) {
          notes.push(`${name}, ${mode}, round ${round + 1}: ${textOf(error)}`)
        }
      }
    }
  }
  return samples
}

interface Measured {
  /** Rates with `plain`; times on processors that do other work, which gives way: decision 16. */
  readonly judged: readonly Sample[]
  /** Forwarding, with the host's own, on such processors; twice the rounds, because what paces varies more. */
  readonly routes: readonly Sample[]
  /** Everything with the host's own, on processors that have nothing else to do. */
  readonly asFound: readonly Sample[]
  /** With all processes on one processor. */
  readonly together: readonly Sample[]
}

function report(count: number, own: string, measured: Measured, notes: readonly string[]): string {
  const { judged, routes, asFound, together } = measured
  const isRouted = routes.some(({ candidate }) => candidate === route)
  return [
    `\nnetwork: ${count} rounds of ${seconds} s, scheduling class ${scheduling}\n`,
    `\nrates with congestion control ${plain}, which does not pace;\n`,
    'times on processors that do other work, which gives way:\n',
    table(judged),
    `\nforwarding, all of it on such processors; congestion control ${own}, the host's own; ${2 * count} rounds:\n`,
    table(routes),
    `\nprocessors that do nothing else; congestion control ${own}:\n`,
    table(asFound),
    `\neverything on one processor:\nrr: ${inOneLine(together, 'rr')}\n\n`,
    'medians; x: against direct veth in the same round; client and server on a processor each, but for the last\n',
    'up1, up4, down1: rates, 1 and 4 streams to the server, 1 from it, counted at the receiver\n',
    'rr, crr: times of a byte there and back, and of connect, a byte there, a byte and the end back, close\n\n',
    ...candidates.map(({ name, path }) => `${name.padEnd(20)}${path}\n`),
    '\n',
    ...notes.map((note) => `${note}\n`),
    'the goals, in the first two tables:\n',
    ...goals.map((goal) => verdict(judged, goal)),
    ...peers.map((peer) => ahead(judged, relay, peer)),
    ...(isRouted ? routeGoals.map((goal) => verdict(routes, goal)) : []),
    '\nthe same in the third:\n',
    ...goals.map((goal) => verdict(asFound, goal)),
    ...peers.map((peer) => ahead(asFound, relay, peer)),
  ].join('')
}

/** What the host's connections, and those in a new namespace, use: it paces a bulk stream more than any relay does. */
function congestionControl(): string {
  return readFileSync('/proc/sys/net/ipv4/tcp_congestion_control', 'utf8').trim()
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
