/** The picture: guests x layers. */
import { layers } from '../layers.js'
import { html, type Html } from './html.js'
import { anchor, mark, spoken } from './marks.js'
import type { Cell, Counts, GuestSummary } from './summary.js'
import { plain, table, type Cell as TableCell, type Row } from './table.js'
import { counted, duration } from './words.js'

export function matrix(guests: readonly GuestSummary[]): Html {
  return html`<section class="matrix">
    ${table({
      caption: 'Points by guest (architecture and kernel) and layer. A number leads to its list.',
      columns: ['guest', ...layers, 'processor', 'result'],
      rows: guests.map(rowOf),
    })}
    <ul class="legend" aria-label="Legend">
      <li><span class="passed">✓ 24</span> all passed</li>
      <li><span class="failed">✗ 2 of 24</span> some failed</li>
      <li><span class="skipped">○ 3</span> all skipped</li>
      <li><span class="nothing">–</span> nothing is asked</li>
      <li><span class="unknown">?</span> the guest did not come to tell</li>
    </ul>
  </section>`
}

function rowOf({ guest, release, cells, state, faults, cpuSeconds }: GuestSummary): Row {
  const result = faults === 0 ? state : `${state}, ${counted(faults, 'fault')}`
  return {
    head: html`${guest.name} <small>${release === '' ? 'it told no release' : release}</small>`,
    cells: [
      ...cells.map((cell) => cellOf(guest.name, cell)),
      ...plain([duration(cpuSeconds)]),
      { look: state, body: html`<a href="#${anchor(state, guest.name)}">${mark(state)} ${result}</a>` },
    ],
  }
}

function cellOf(guest: string, { layer, state, counts }: Cell): TableCell {
  const text = html`${mark(state)} ${numbersOf(state, counts)}<span class="unseen"> ${spoken[state]}</span>`
  if (state === 'nothing' || state === 'unknown') return { look: state, body: text }
  const skips =
    counts.skipped === 0 || state === 'skipped'
      ? ''
      : html`<a class="skips" href="#skips">${counts.skipped} skipped</a>`
  return { look: state, body: html`<a href="#${anchor(state, guest, layer)}">${text}</a> ${skips}` }
}

function numbersOf(state: Cell['state'], { passed, failed, skipped }: Counts): string {
  switch (state) {
    case 'passed':
      return `${passed}`
    case 'failed':
      return `${failed} of ${passed + failed}`
    case 'skipped':
      return `${skipped}`
    case 'nothing':
    case 'unknown':
      return ''
  }
}
