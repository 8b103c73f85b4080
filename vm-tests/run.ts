/**
 * npm run test:vm: boots the guests of the matrix, two at a time, and judges what they say.
 *
 *   node build-test/vm-tests/run.js [TIER/GUEST...]        those runs, or all
 *   node build-test/vm-tests/run.js --shell TIER/GUEST     boots one with a shell on this terminal
 */
import { spawnSync } from 'node:child_process'
import { relative } from 'node:path'
import { commandLine } from './host/machine.js'
import { pageFile, runAndReport } from './report/report.js'
import type { RunSummary } from './report/summary.js'
import { textTable, totalsLine } from './report/text.js'
import { folderOf, type Result, type Watcher } from './run-all.js'
import { prepareRun, runs, type Run } from './runs.js'

const words = process.argv.slice(2)
if (words[0] === '--shell') openShell(wanted([words[1] ?? '']))
else await runAndTell(wanted(words))

function wanted(names: readonly string[]): readonly Run[] {
  const unknown = names.find((name) => !runs.some((run) => run.name === name))
  if (unknown !== undefined) {
    console.error(`test:vm: no run ${unknown}: one of ${runs.map(({ name }) => name).join(' ')}`)
    process.exit(2)
  }
  return names.length === 0 ? runs : runs.filter(({ name }) => names.includes(name))
}

function openShell([run]: readonly Run[]): void {
  if (run === undefined) throw new TypeError('a run was found')
  const machine = prepareRun(run, folderOf(run.name))
  const parameters = [...machine.parameters, 'palisade.shell']
  const results = ['-chardev', 'null,id=results']
  const [program = '', ...rest] = commandLine({ ...machine, parameters }, results, ['-serial', 'mon:stdio'])
  spawnSync(program, rest, { stdio: 'inherit' })
}

async function runAndTell(chosen: readonly Run[]): Promise<void> {
  const told = await runAndReport(chosen, process.stderr.isTTY ? liveWatcher() : plainWatcher())
  for (const run of told.runs) tellFailures(run)
  console.log(textTable(told))
  console.log(`report: ${relative('', pageFile)}, and junit.xml beside it`)
  console.log(totalsLine(told))
  process.exitCode = told.state === 'passed' ? 0 : 1
}

function tellFailures({ name: run, points, faults }: RunSummary): void {
  const failures = points.filter(({ ok }) => !ok)
  if (failures.length + faults.length === 0) return
  for (const fault of faults) console.log(`FAIL ${run}: ${fault}`)
  for (const { name, details } of failures) console.log(`FAIL ${run} > ${name}\n${details.replaceAll(/^/gm, '  ')}`)
  console.log(`  console and results: ${folderOf(run)}`)
  console.log(`  a shell in that guest: node build-test/vm-tests/run.js --shell ${run}`)
}

function summary({ run, release, points, faults, boot }: Result): string {
  const failed = points.filter(({ ok }) => !ok).length + faults.length
  const times = `${boot.cpuSeconds.toFixed(1)} s of processor, ${boot.wallSeconds.toFixed(1)} s`
  return `${failed === 0 ? 'ok  ' : 'FAIL'} ${run.name}: Linux ${release}, ${points.length} points, ${times}`
}

/** A line when a run ends: for files. */
function plainWatcher(): Watcher {
  return { begun: () => {}, told: () => {}, ended: (result) => console.error(summary(result)) }
}

/** And one line below that shows where those are that run. */
function liveWatcher(): Watcher {
  const now = new Map<Run, string>()
  const draw = (): void => {
    const text = [...now].map(([run, state]) => `${run.name} ${state}`).join('  ')
    process.stderr.write(`\r\x1b[K${text.slice(0, (process.stderr.columns ?? 80) - 1)}`)
  }
  return {
    begun: (run) => (now.set(run, 'boots'), draw()),
    told: (run, { told, planned }) => (now.set(run, `${told}/${planned ?? '?'}`), draw()),
    ended: (result) => {
      now.delete(result.run)
      process.stderr.write(`\r\x1b[K${summary(result)}\n`)
      draw()
    },
  }
}
