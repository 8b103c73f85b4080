/**
 * What a run of the library costs, as ratios, in one process: against spawn() of the same program, and bubblewrap by
 * spawn(). First one at a time, the pool given time to stand again; then runs a second with several at once, where the
 * making of new worlds counts.
 */
import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as passes } from 'node:timers/promises'
import { Sandbox, type PolicyObject } from '../../src/index.js'
import { must, searchPath } from '../world/process.js'

type Act = () => Promise<unknown>

const directory = await mkdtemp(join(tmpdir(), 'palisade-bench-library-'))
const sources = join(import.meta.dirname, '../../../integration/bench')
const program = join(directory, 'true')
await must(['cc', '-static', '-O2', '-o', program, join(sources, 'true.c')], { env: { PATH: searchPath } })
const policy: PolicyObject = {
  version: 1,
  name: 'bench',
  filesystem: { read: ['/usr'], tmp: '16M' },
  syscalls: { promises: ['stdio', 'rpath'] },
}
const view = ['--ro-bind', '/usr', '/usr', '--proc', '/proc', '--dev', '/dev', '--tmpfs', '/tmp']
const bubblewrap = [
  '--unshare-all',
  '--die-with-parent',
  '--new-session',
  ...view,
  '--ro-bind',
  program,
  program,
  program,
]
const atOnceMost = 8
const sandbox = await Sandbox.open(policy)
const pool = await Sandbox.pool(policy, { size: atOnceMost, program })
const candidates: readonly (readonly [name: string, act: Act])[] = [
  ['spawn', () => spawned(program)],
  ['bubblewrap', () => spawned('/usr/bin/bwrap', ...bubblewrap)],
  ['sandbox.run', () => sandbox.run([program])],
  ['pool.run', () => pool.run([program])],
]
try {
  process.stdout.write(await oneAtATime(60))
  process.stdout.write(await throughput(Number(process.argv[2] ?? 1000)))
} finally {
  await Promise.all([sandbox.close(), pool.close()])
  await rm(directory, { recursive: true })
}

function spawned(...[file, ...words]: readonly [string, ...string[]]): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(file, words, { stdio: ['ignore', 'pipe', 'pipe'] })
    child.on('close', (code) => (code === 0 ? resolve() : reject(new Error(`${file}: ${code}`))))
  })
}

async function oneAtATime(rounds: number): Promise<string> {
  const times = new Map<string, number[]>(candidates.map(([name]) => [name, []]))
  for (let round = 0; round < rounds; round += 1) {
    for (const [name, act] of candidates) {
      // Whatever the one before has left to do, worlds of the pool included.
      await passes(50)
      const start = performance.now()
      await act()
      times.get(name)?.push(performance.now() - start)
    }
  }
  const medians = Array.from(times, ([name, all]) => [name, median(all)] as const)
  const bare = medians[0]?.[1] ?? Number.NaN
  const lines = medians.map(
    ([name, time]) => `${name.padEnd(20)}${time.toFixed(2).padStart(8)}${(time / bare).toFixed(2).padStart(14)}\n`,
  )
  return `${'library, median of'.padEnd(20)}${'ms'.padStart(8)}${'x spawn'.padStart(14)}\n${lines.join('')}\n`
}

async function throughput(runs: number): Promise<string> {
  const counts = [1, 2, 4, atOnceMost]
  const rates = new Map<string, number[]>(candidates.map(([name]) => [name, []]))
  for (const atOnce of counts) {
    for (const [name, act] of candidates) rates.get(name)?.push(await rate(runs, atOnce, act))
  }
  const peers = rates.get('bubblewrap') ?? []
  const lines = Array.from(rates, ([name, all]) => {
    const cells = all.map((one, index) => `${one.toFixed(0)} (${(one / (peers[index] ?? Number.NaN)).toFixed(2)})`)
    return `${name.padEnd(20)}${cells.map((cell) => cell.padStart(14)).join('')}\n`
  })
  const head = counts.map((count) => `${count} at once`.padStart(14)).join('')
  return `${'runs/s (x bwrap)'.padEnd(20)}${head}\n${lines.join('')}\n`
}

async function rate(runs: number, atOnce: number, act: Act): Promise<number> {
  let left = runs
  const start = performance.now()
  const worker = async (): Promise<void> => {
    for (; left > 0;) {
      left -= 1
      await act()
    }
  }
  await Promise.all(Array.from({ length: atOnce }, worker))
  return (runs / (performance.now() - start)) * 1000
}

function median(values: readonly number[]): number {
  return values.toSorted((left, right) => left - right)[values.length >> 1] ?? Number.NaN
}
