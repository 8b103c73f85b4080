/** npm run test:vm: boots the guests of the matrix, two at a time, and judges what they say. usage.txt says how. */
import { spawnSync } from 'node:child_process'
import { readFileSync, rmSync } from 'node:fs'
import { join, relative } from 'node:path'
import { commandLine } from './host/machine.js'
import { pageFile, runAndReport } from './report/report.js'
import type { RunSummary } from './report/summary.js'
import { textTable, totalsLine } from './report/text.js'
import { counted } from './report/words.js'
import { folderOf, type Result, type Watcher } from './run-all.js'
import { prepareRun, runs, type Run } from './runs.js'

// Guests end with this process (PR_SET_PDEATHSIG); what it has made on the way is removed at its exit.
for (const [signal, number] of Object.entries({ SIGHUP: 1, SIGINT: 2, SIGTERM: 15 }))
  process.once(signal, () => process.exit(128 + number))

const words = process.argv.slice(2)
const names = words.filter((word) => word !== '--shell')
if (words.includes('--help') || words.includes('-h')) console.log(usage())
else if (names.length === words.length)
  await runAndTell(names.length === 0 ? runs : [...new Set(names.flatMap(wanted))])
else openShell(names.flatMap(wanted))

/** The runs of a tier, of a guest, or the one of both. */
function wanted(name: string): readonly Run[] {
  const found = runs.filter((run) => run.name === name || run.tier === name || run.guest.name === name)
  return found.length > 0 ? found : refuse(`there is no run ${name}`)
}

function refuse(why: string): never {
  console.error(`test:vm: ${why}\n\n${usage()}`)
  process.exit(2)
}

function usage(): string {
  const text = readFileSync(join(import.meta.dirname, '../../vm-tests/usage.txt'), 'utf8')
  return `${text}\nRuns:\n${runs
    .map(({ name }) => `  ${name}`)
    .toSorted()
    .join('\n')}`
}

function openShell([run, ...more]: readonly Run[]): void {
  if (run === undefined || more.length > 0) return refuse('--shell goes with one run, TIER/GUEST')
  const machine = prepareRun(run, folderOf(run.name))
  const parameters = [...machine.parameters, 'palisade.shell']
  const results = ['-chardev', 'null,id=results']
  const [program = '', ...rest] = commandLine({ ...machine, parameters }, results, ['-serial', 'mon:stdio'])
  console.error(`${run.name}: \`exit\` ends it, and Ctrl-A x; Ctrl-C goes to the guest`)
  spawnSync(program, rest, { stdio: 'inherit' })
  rmSync(machine.initramfs)
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
  const failed = points.filter(({ ok }) => !ok).length
  const wrong = [
    ...(failed === 0 ? [] : [counted(failed, 'failed point')]),
    ...(faults.length === 0 ? [] : [counted(faults.length, 'fault')]),
  ]
  const result = wrong.length === 0 ? 'ok  ' : 'FAIL'
  const kernel = release === '' ? 'no kernel' : `Linux ${release}`
  const times = `${boot.cpuSeconds.toFixed(1)} s of processor, ${boot.wallSeconds.toFixed(1)} s`
  return [`${result} ${run.name}: ${kernel}`, counted(points.length, 'point'), ...wrong, times].join(', ')
}

/** A line when a run begins and one when it ends: for files. */
function plainWatcher(): Watcher {
  return {
    begun: (run) => console.error(`     ${run.name} begins`),
    told: () => {},
    ended: (result) => console.error(summary(result)),
  }
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
