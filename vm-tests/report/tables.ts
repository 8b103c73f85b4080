/** Runs and skips. */
import { html, type Html } from './html.js'
import { mark, spoken } from './marks.js'
import type { RunSummary, Skip } from './summary.js'
import { plain, table, type Cell, type Row } from './table.js'
import { duration, landlockText } from './words.js'

export function runTable(runs: readonly RunSummary[]): Html {
  return html`<section>
    <h2>Runs</h2>
    ${table({
      caption: 'Each is a tier on a guest',
      columns: ['run', 'Linux', 'Landlock', 'points', 'processor', 'wall', 'result'],
      rows: runs.map(runRow),
    })}
  </section>`
}

function runRow({ name, state, release, landlock, points, cpuSeconds, wallSeconds }: RunSummary): Row {
  const times = [duration(cpuSeconds), duration(wallSeconds)]
  const texts = [release, landlockText(landlock), `${points.length}`, ...times]
  const result = state === 'missing' ? look('failed', 'did not happen') : look(state, state)
  return { head: html`${name}`, cells: [...plain(texts.map((text) => (text === '' ? '–' : text))), result] }
}

/** Those of the points and those of the matrix. */
export function skipTable(runs: readonly RunSummary[]): Html {
  const rows = runs.flatMap(({ name, skips }) => skips.map((skip) => skipRow(name, skip)))
  const none = html`<p>No point is skipped, and the matrix expects none to be.</p>`
  const all = table({
    caption: 'Points that were skipped, and how many the matrix expects to be',
    columns: ['run', 'reason', 'skipped', 'expected', 'result'],
    rows,
  })
  return html`<section id="skips">
    <h2>Skips</h2>
    ${rows.length === 0 ? none : all}
  </section>`
}

function skipRow(run: string, { reason, found, expected }: Skip): Row {
  const state = found === expected ? 'passed' : 'failed'
  return { head: html`${run}`, cells: [...plain([reason, `${found}`, `${expected}`]), look(state, spoken[state])] }
}

function look(state: 'passed' | 'failed', word: string): Cell {
  return { look: state, body: html`${mark(state)} ${word}` }
}
