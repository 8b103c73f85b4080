/** The report as one page that needs nothing else: no script, no request; every text of a guest is text. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { html, type Html } from './html.js'
import { failures, points } from './lists.js'
import { mark } from './marks.js'
import { matrix } from './matrix.js'
import type { Summary } from './summary.js'
import { runTable, skipTable } from './tables.js'
import { counted, duration } from './words.js'

// From build-test/vm-tests/report; style sheets are not copied there.
const style: Html = { markup: readFileSync(join(import.meta.dirname, '../../../vm-tests/report/page.css'), 'utf8') }

export interface PageFacts {
  readonly made: Date
  /** Names of runs of the matrix that nobody asked for this time. */
  readonly notAsked: readonly string[]
}

/** The whole document. */
export function reportPage(summary: Summary, facts: PageFacts): string {
  const { guests, runs } = summary
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>Palisade: ${summary.state} on ${placeOf(summary)}</title>
        <style>
          ${style}
        </style>
      </head>
      <body>
        ${head(summary, facts)}
        <main>
          ${matrix(guests)} ${failures(guests, runs)} ${runTable(runs)} ${skipTable(runs)} ${points(guests, runs)}
        </main>
      </body>
    </html> `.markup
}

function placeOf({ state, guests }: Summary): string {
  const all = counted(guests.length, 'guest')
  return state === 'passed' ? all : `${guests.filter((guest) => guest.state === 'failed').length} of ${all}`
}

function head(summary: Summary, { made, notAsked }: PageFacts): Html {
  const { state, counts, faults, runs, cpuSeconds } = summary
  const whole = faults === 0 ? '' : ` ${counted(faults, 'fault')} of whole runs.`
  return html`<header>
    <h1>Palisade: <strong class="${state}">${mark(state)} ${state}</strong> on ${placeOf(summary)}</h1>
    <p>
      ${counted(counts.passed, 'point')} passed, ${counts.failed} failed, ${counts.skipped} skipped.${whole}
      ${counted(runs.length, 'run')}, ${duration(cpuSeconds)} of processor.
      ${made.toISOString().slice(0, 16).replace('T', ' ')} UTC.
    </p>
    ${notAsked.length === 0 ? '' : html`<p>A part of the matrix; not asked for: ${notAsked.join(', ')}.</p>`}
  </header>`
}
