/**
 * npm run bench [ROUNDS]: what a sandbox costs, as ratios to what the kernel alone takes for its layers (floor.c), to
 * bubblewrap and to other sandboxes, all in one run and in interleaved rounds: a start, a start by Node, runs a second,
 * the library, memory. Then the seccomp filter (seccomp.ts) and the relay (network.ts). Everything is printed, and kept in
 * bench/results.md and bench/results.svg. `.ci/setup bench` installs what it compares with. Root's alone.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { appendFile, chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { cpus, release, tmpdir } from 'node:os'
import { join } from 'node:path'
import { must } from '../world/process.js'
import { byNode } from './by-node.js'
import { environmentOf, ownCandidates, type Candidate, type Place } from './candidates.js'
import { goalTable } from './goals.js'
import { library } from './library.js'
import { memory } from './memory.js'
import { textOf, type Part } from './part.js'
import { hasMixedCgroups } from './peer-crun.js'
import { findPeers, type Absent } from './peers.js'
import { plot } from './plot.js'
import { compilePrograms } from './programs.js'
import { start } from './start.js'
import { table } from './table.js'
import { throughput } from './throughput.js'

/** From build-test/integration/bench. */
const results = join(import.meta.dirname, '../../../bench')

const [rounds = '200', where = 'as started'] = process.argv.slice(2)
if (process.getuid?.() !== 0) throw new Error('bench: the floor and the peers are started by root: sudo npm run bench')
if (where === 'as started' && (await hasMixedCgroups())) process.exitCode = await enter()
else await bench(Number(rounds))

/** Goes on in a mount namespace of its own, which shows the cgroups of one version only. */
async function enter(): Promise<number> {
  const script = 'mount -t cgroup2 none /sys/fs/cgroup && exec "$0" "$@"'
  const command = [process.execPath, import.meta.filename, rounds, 'one version of cgroups']
  const child = spawn('unshare', ['--mount', '--propagation', 'private', 'sh', '-c', script, ...command], {
    stdio: 'inherit',
  })
  await once(child, 'exit')
  return child.exitCode ?? 1
}

async function bench(count: number): Promise<void> {
  await mkdir(results, { recursive: true })
  await writeFile(join(results, 'results.md'), '')
  const directory = await mkdtemp(join(tmpdir(), 'palisade-bench-'))
  try {
    // The floor's init is nobody when it walks there.
    await chmod(directory, 0o755)
    const programs = await compilePrograms(directory)
    const place: Place = { directory, cache: join(results, 'peers'), programs }
    await mkdir(place.cache, { recursive: true })
    const own = await ownCandidates(place)
    const { found, absent } = await findPeers(place)
    await measure([...own, ...found], absent, place, count)
    for (const script of ['seccomp.js', 'network.js']) {
      const options = { ...environmentOf(place), timeoutMs: 3_600_000 }
      const output = await must([process.execPath, join(import.meta.dirname, script)], options)
      await tell(`\`\`\`\n${output.trim()}\n\`\`\`\n\n`)
    }
  } finally {
    await rm(directory, { recursive: true })
  }
}

async function measure(
  candidates: readonly Candidate[],
  absent: readonly Absent[],
  place: Place,
  count: number,
): Promise<void> {
  await tell(preface(candidates, absent, place))
  const parts: Part[] = []
  for (const part of [
    () => start(candidates, place, count),
    () => byNode(place, Math.ceil(count / 4)),
    () => memory(candidates, place),
    () => throughput(candidates, place, count),
    () => library(place, count),
  ]) {
    const measured = await part()
    parts.push(measured)
    await tell(textOf(measured))
  }
  const title = 'Ratios, medians of one run of the bench; the line at 1 is what they are compared with'
  await writeFile(
    join(results, 'results.svg'),
    plot(
      title,
      parts.flatMap(({ panels }) => panels),
    ),
  )
  await tell(`## Goals\n\n${goalTable(parts.flatMap(({ goals }) => goals))}\n![ratios](results.svg)\n\n`)
}

function preface(candidates: readonly Candidate[], absent: readonly Absent[], { programs }: Place): string {
  const machine = `Linux ${release()}, ${process.arch}, ${cpus().length} processors, Node ${process.versions.node}`
  const linked = `the floor and the programs that all candidates run are static, with ${programs.libc}`
  const rows = [
    ...candidates.map(({ name, gives }) => [name, gives]),
    ...absent.map(({ name, reason }) => [name, `**not measured**: ${reason}`]),
  ]
  return `# What a sandbox costs\n\n${machine}; ${linked}.\n\n${table({ head: ['who', 'what the program gets'], rows })}\n`
}

async function tell(text: string): Promise<void> {
  process.stdout.write(text)
  await appendFile(join(results, 'results.md'), text)
}
