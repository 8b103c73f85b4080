/** Boots runs, two at a time, and judges each. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { boot, requireQemu, type Boot, type Machine } from './host/machine.js'
import { Judge, matrixPoints, skipPoint, type Point, type Verdict } from './judge.js'
import { prepareRun, type Run } from './runs.js'

export interface Result {
  readonly run: Run
  readonly points: readonly Point[]
  /** What is wrong with the run as a whole. */
  readonly faults: readonly string[]
  readonly release: string
  /** Landlock's ABI and errata. */
  readonly landlock: string
  readonly boot: Pick<Boot, 'cpuSeconds' | 'wallSeconds'>
}

/** What to tell somebody who waits. */
export interface Watcher {
  readonly begun: (run: Run) => void
  readonly told: (run: Run, progress: Judge['progress']) => void
  readonly ended: (result: Result) => void
}

const atOnce = 2

/** Results in the order of `wanted`; what a failed run booted is kept. A run that cannot be made has that for a fault. */
export async function runAll(wanted: readonly Run[], watcher: Watcher): Promise<readonly Result[]> {
  requireQemu()
  const results = new Map<Run, Result>()
  const open = [...wanted]
  const work = async (): Promise<void> => {
    for (let run = open.shift(); run !== undefined; run = open.shift()) {
      watcher.begun(run)
      const result = await runOne(run, watcher).catch((error: unknown) => notMade(run, error))
      results.set(run, result)
      watcher.ended(result)
    }
  }
  await Promise.all(Array.from({ length: atOnce }, work))
  return wanted.flatMap((run) => results.get(run) ?? [])
}

// From build-test/vm-tests.
export const resultsFolder = join(import.meta.dirname, '../vm')

/** Of a run of that name. */
export function folderOf(name: string): string {
  return join(resultsFolder, name)
}

async function runOne(run: Run, watcher: Watcher): Promise<Result> {
  const folder = folderOf(run.name)
  rmSync(folder, { recursive: true, force: true })
  const machine = prepareRun(run, folder)
  const judged = await bootAndJudge(machine, folder, (progress) => watcher.told(run, progress))
  const { guest, tier } = run
  const reviewed = [...matrixPoints(guest, judged.facts), skipPoint(guest, tier, judged.points)]
  const points = [...reviewed, ...judged.points]
  if (judged.faults.length === 0 && points.every(({ ok }) => ok)) rmSync(machine.initramfs)
  const [release = '', landlock = ''] = ['release', 'landlock'].map((name) => judged.facts.get(name))
  return { run, points, faults: judged.faults, release, landlock, boot: judged.boot }
}

/** The mirror has no such kernel, a build fails, the disk is full: that must not take the other runs along. */
function notMade(run: Run, error: unknown): Result {
  const why = error instanceof Error ? error.message : String(error)
  return {
    run,
    points: [],
    faults: [`it could not be made: ${why.replaceAll(/\s*\n\s*/g, '; ')}`],
    release: '',
    landlock: '',
    boot: { cpuSeconds: 0, wallSeconds: 0 },
  }
}

/** One machine to its end; console and results stay in `folder`. */
export async function bootAndJudge(
  machine: Machine,
  folder: string,
  told: (progress: Judge['progress'], pid: number) => void = () => {},
): Promise<Verdict & { readonly boot: Boot }> {
  const consoleFile = join(folder, 'console')
  const judge = new Judge()
  const lines: string[] = []
  const result = await boot(machine, consoleFile, (line, pid) => {
    lines.push(line)
    judge.hear(line)
    told(judge.progress, pid)
  })
  writeFileSync(join(folder, 'results.tap'), lines.map((line) => `${line}\n`).join(''))
  return { ...judge.verdict(result.ending, readFileSync(consoleFile, 'utf8')), boot: result }
}
