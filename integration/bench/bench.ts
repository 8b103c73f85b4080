/**
 * npm run bench [ROUNDS]: what a start costs, as ratios. One run holds a bare fork and exec (the floor), bubblewrap with
 * comparable options, and the launcher with plans; all run the same static program, one of each in every round. Then
 * what the seccomp filter costs (seccomp.ts), and the relay (network.ts). `.ci/setup bench` installs what it compares with.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { launcherPath } from '../../src/launch/addon.js'
import type { LaunchOptions } from '../launch-plan.js'
import { must, searchPath } from '../world/process.js'

interface Candidate {
  readonly name: string
  /** Opened as descriptor 9 of the command; null: nothing is. */
  readonly plan: string | null
  readonly argv: readonly string[]
}

const environment = { env: { PATH: searchPath } }
const network = { ...environment, timeoutMs: 1_800_000 }
const offline = `version: 1
name: bench
filesystem: { read: [/usr], tmp: 16M }
syscalls: { promises: [stdio, rpath] }
`
const endpoint = `${offline}network: { egress: [{ host: 203.0.113.10, port: 443 }] }
`

const rounds = Number(process.argv[2] ?? 200)
const directory = await mkdtemp(join(tmpdir(), 'palisade-bench-'))
try {
  process.stdout.write(await bench())
  process.stdout.write(await must([process.execPath, join(import.meta.dirname, 'seccomp.js')], environment))
  process.stdout.write(await must([process.execPath, join(import.meta.dirname, 'network.js')], network))
} finally {
  await rm(directory, { recursive: true })
}

async function bench(): Promise<string> {
  const program = await compileC('true', 'int main(void) { return 0; }\n', ['-static', '-O2'])
  const timer = join(directory, 'time-runs')
  await must(
    ['cc', '-O2', '-o', timer, join(import.meta.dirname, '../../../integration/bench/time-runs.c')],
    environment,
  )
  const candidates: readonly Candidate[] = [
    { name: 'fork+exec', plan: null, argv: [program] },
    { name: 'bubblewrap', plan: null, argv: bubblewrap(program) },
    {
      name: 'palisade',
      plan: await planOf('offline', offline, program),
      argv: [launcherPath(), '--plan-descriptor', '9'],
    },
    {
      name: 'palisade+endpoint',
      plan: await planOf('endpoint', endpoint, program),
      argv: [launcherPath(), '--plan-descriptor', '9'],
    },
  ]
  const groups = candidates.flatMap(({ name, plan, argv }) => ['--', name, plan ?? '-', ...argv])
  const output = await must([timer, String(rounds), ...groups], environment)
  return table(candidates, output)
}

/** All namespaces, a view of /usr, /proc, /dev, /tmp: what bubblewrap has of our layers. It has no Landlock, and no veth. */
function bubblewrap(program: string): readonly string[] {
  const view = ['--ro-bind', '/usr', '/usr', '--proc', '/proc', '--dev', '/dev', '--tmpfs', '/tmp']
  const own = ['--ro-bind', program, program]
  return ['/usr/bin/bwrap', '--unshare-all', '--die-with-parent', '--new-session', ...view, ...own, program]
}

async function planOf(name: string, policy: string, program: string): Promise<string> {
  const file = join(directory, `${name}.yaml`)
  await writeFile(file, policy)
  const to = join(directory, `${name}.plan`)
  const options: LaunchOptions = { policy: file, to }
  const compiler = join(import.meta.dirname, '../launch-plan.js')
  await must([process.execPath, compiler, JSON.stringify(options), program], environment)
  return to
}

async function compileC(name: string, source: string, flags: readonly string[]): Promise<string> {
  const [input, output] = [join(directory, `${name}.c`), join(directory, name)]
  await writeFile(input, source)
  await must(['cc', ...flags, '-o', output, input], environment)
  return output
}

function table(candidates: readonly Candidate[], output: string): string {
  const runs = output
    .trimEnd()
    .split('\n')
    .map((line) => line.split(' '))
  const medians = candidates.map(({ name }) =>
    median(runs.flatMap(([run, time]) => (run === name ? [Number(time)] : []))),
  )
  const [floor = 0, peer = 0] = medians
  const head = `${'start, median of'.padEnd(20)}${'ms'.padStart(8)}${'x fork+exec'.padStart(14)}${'x bubblewrap'.padStart(14)}\n`
  const lines = candidates.map(({ name }, index) => {
    const time = medians[index] ?? 0
    const ratios = [time / floor, time / peer].map((ratio) => ratio.toFixed(2).padStart(14)).join('')
    return `${name.padEnd(20)}${(time / 1e6).toFixed(2).padStart(8)}${ratios}\n`
  })
  return `${rounds} rounds\n${head}${lines.join('')}`
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((left, right) => left - right)
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
}
