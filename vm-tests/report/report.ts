/** Runs guests and writes the report of them: a page, JUnit XML, and lines for a terminal. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { resultsFolder, runAll, type Result, type Watcher } from '../run-all.js'
import { runs, type Run } from '../runs.js'
import { junitXml } from './junit.js'
import { reportPage } from './page.js'
import { summarize, type Summary } from './summary.js'

export const pageFile = join(resultsFolder, 'report.html')
const junitFile = join(resultsFolder, 'junit.xml')

/** The report is written also when a run could not be made, which is then thrown. */
export async function runAndReport(wanted: readonly Run[], watcher: Watcher): Promise<Summary> {
  const results: Result[] = []
  try {
    await runAll(wanted, { ...watcher, ended: (result) => (results.push(result), watcher.ended(result)) })
  } finally {
    write(wanted, results)
  }
  return summarize(wanted, results)
}

function write(wanted: readonly Run[], results: readonly Result[]): void {
  const summary = summarize(wanted, results)
  const made = new Date()
  const notAsked = runs.filter((run) => !wanted.includes(run)).map(({ name }) => name)
  mkdirSync(resultsFolder, { recursive: true })
  writeFileSync(pageFile, reportPage(summary, { made, notAsked }))
  writeFileSync(junitFile, junitXml(summary, made))
}
