/**
 * npm run bench [ROUNDS]: what a start costs, as ratios. One run holds a bare fork and exec, what the kernel alone takes
 * for the layers (floor.c), bubblewrap with comparable options, and the launcher with plans, compiled and kept; all run
 * the same static program, one of each in every round. Then what a start by Node costs against Node itself, the library
 * (library.ts), the seccomp filter (seccomp.ts), and the relay (network.ts). `.ci/setup bench` installs what it compares
 * with.
 */
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { launcherPath } from '../../src/launch/addon.js'
import { must, searchPath } from '../world/process.js'

interface Candidate {
  readonly name: string
  /** Opened as descriptor 9 of the command; null: nothing is. */
  readonly plan: string | null
  readonly argv: readonly string[]
}

const offline = `version: 1
name: bench
filesystem: { read: [/usr], tmp: 16M }
syscalls: { promises: [stdio, rpath] }
`
const endpoint = `${offline}network: { egress: [{ host: 203.0.113.10, port: 443 }] }
`

const rounds = Number(process.argv[2] ?? 200)
const directory = await mkdtemp(join(tmpdir(), 'palisade-bench-'))
// The floor's init is nobody when it walks there.
await chmod(directory, 0o755)
// From build-test/integration/bench; what is not TypeScript is not copied there.
const sources = join(import.meta.dirname, '../../../integration/bench')
/** A plan compares HOME, and is kept there. */
const environment = { env: { PATH: searchPath, HOME: directory } }
const [program, timer, floor] = await Promise.all([
  compileC('true', ['-static', '-O2']),
  compileC('time-runs'),
  compileC('floor', ['-static', '-O2', '-Wall', '-Wextra', '-Werror']),
])
const network = { ...environment, timeoutMs: 1_800_000 }
try {
  process.stdout.write(await bench())
  process.stdout.write(await coldStarts())
  process.stdout.write(await must([process.execPath, join(import.meta.dirname, 'library.js')], network))
  process.stdout.write(await must([process.execPath, join(import.meta.dirname, 'seccomp.js')], environment))
  process.stdout.write(await must([process.execPath, join(import.meta.dirname, 'network.js')], network))
} finally {
  await rm(directory, { recursive: true })
}

async function bench(): Promise<string> {
  const candidates: readonly Candidate[] = [
    { name: 'fork+exec', plan: null, argv: [program] },
    { name: 'floor', plan: null, argv: [floor, program] },
    { name: 'floor+veth', plan: null, argv: [floor, '--veth', program] },
    { name: 'bubblewrap', plan: null, argv: bubblewrap() },
    { name: 'palisade', plan: null, argv: [launcherPath(), '--plan', await planOf('offline', offline)] },
    { name: 'palisade-kept', plan: null, argv: await keptStart('offline') },
    { name: 'palisade+veth', plan: null, argv: [launcherPath(), '--plan', await planOf('endpoint', endpoint)] },
  ]
  return table(candidates, await timed(rounds, candidates), 'fork+exec', 'bubblewrap')
}

/** A start for which nothing was compiled: Node reads the policy and looks at the host. */
async function coldStarts(): Promise<string> {
  const candidates: readonly Candidate[] = [
    { name: 'node', plan: null, argv: [process.execPath, '-e', '0'] },
    { name: 'palisade-cold', plan: null, argv: wordsOf('offline', ['--no-plans']) },
  ]
  return table(candidates, await timed(Math.ceil(rounds / 4), candidates), 'node', 'node')
}

function timed(times: number, candidates: readonly Candidate[]): Promise<string> {
  const groups = candidates.flatMap(({ name, plan, argv }) => ['++', name, plan ?? '-', ...argv])
  return must([timer, String(times), ...groups], environment)
}

/** All namespaces, a view of /usr, /proc, /dev, /tmp: what bubblewrap has of our layers. It has no Landlock, and no veth. */
function bubblewrap(): readonly string[] {
  const view = ['--ro-bind', '/usr', '/usr', '--proc', '/proc', '--dev', '/dev', '--tmpfs', '/tmp']
  const own = ['--ro-bind', program, program]
  return ['/usr/bin/bwrap', '--unshare-all', '--die-with-parent', '--new-session', ...view, ...own, program]
}

async function planOf(name: string, policy: string): Promise<string> {
  await writeFile(policyFile(name), policy)
  const to = join(directory, `${name}.plan`)
  await must([launcherPath(), 'compile', '--policy', policyFile(name), '-o', to, '--', program], environment)
  return to
}

/** The words of a start whose plan another one has kept. */
async function keptStart(name: string): Promise<readonly string[]> {
  const words = wordsOf(name, [])
  await must(words, environment)
  return words
}

function wordsOf(name: string, options: readonly string[]): readonly string[] {
  return [launcherPath(), '--policy', policyFile(name), ...options, '--', program]
}

function policyFile(name: string): string {
  return join(directory, `${name}.yaml`)
}

async function compileC(name: string, flags: readonly string[] = ['-O2']): Promise<string> {
  const output = join(directory, name)
  await must(['cc', ...flags, '-o', output, join(sources, `${name}.c`)], environment)
  return output
}

/** Medians, and their ratios to those of two candidates. */
function table(candidates: readonly Candidate[], output: string, floorName: string, peerName: string): string {
  const runs = output
    .trimEnd()
    .split('\n')
    .map((line) => line.split(' '))
  const medians = candidates.map(({ name }) =>
    median(runs.flatMap(([run, time]) => (run === name ? [Number(time)] : []))),
  )
  const [lowest = 0, peer = 0] = [floorName, peerName].map(
    (name) => medians[candidates.findIndex((candidate) => candidate.name === name)],
  )
  const head = `${'start, median of'.padEnd(20)}${'ms'.padStart(8)}${`x ${floorName}`.padStart(14)}${`x ${peerName}`.padStart(14)}\n`
  const lines = candidates.map(({ name }, index) => {
    const time = medians[index] ?? 0
    const ratios = [time / lowest, time / peer].map((ratio) => ratio.toFixed(2).padStart(14)).join('')
    return `${name.padEnd(20)}${(time / 1e6).toFixed(2).padStart(8)}${ratios}\n`
  })
  return `${head}${lines.join('')}\n`
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((left, right) => left - right)
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
}
