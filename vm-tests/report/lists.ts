/** What the numbers of the picture lead to. */
import type { Point } from '../judge.js'
import { layers } from '../layers.js'
import { html, type Html } from './html.js'
import { anchor, mark } from './marks.js'
import type { GuestSummary, RunSummary } from './summary.js'

/** Faults and failed points with their details; nothing when there are none. */
export function failures(guests: readonly GuestSummary[], runs: readonly RunSummary[]): Html {
  const failing = guests.filter(({ state }) => state === 'failed').map(({ guest }) => guest.name)
  if (failing.length === 0) return html``
  return html`<section>
    <h2>What failed</h2>
    ${failing.map((guest) => failuresOf(guest, ofGuest(guest, runs)))}
  </section>`
}

function failuresOf(guest: string, runs: readonly RunSummary[]): Html {
  return html`<section id="${anchor('failed', guest)}">
    <h3>${guest}</h3>
    ${runs.filter(({ state }) => state !== 'passed').map(runOf)}
    ${layers.map((layer) => {
      const failed = about(layer, runs).filter(({ point }) => !point.ok)
      if (failed.length === 0) return html``
      return html`<h4 id="${anchor('failed', guest, layer)}">${layer}</h4>
        ${listed(failed, failedPoint)}`
    })}
  </section>`
}

function runOf({ name, state, faults }: RunSummary): Html {
  const where = html`<p class="hint">
    Console and results: <code>build-test/vm/${name}</code>; a shell in that guest:
    <code>node build-test/vm-tests/run.js --shell ${name}</code>
  </p>`
  const fault = (text: string): Html =>
    html`<li><span class="failed">${mark('failed')}</span> <b>${name}: ${text}</b></li>`
  return html`${listed(faults, fault)} ${state === 'missing' ? '' : where}`
}

function failedPoint({ tier, point: { name, details } }: PointOfTier): Html {
  return html`<li>
    <span class="failed">${mark('failed')}</span> <b>${tier}: ${name}</b>
    ${details === '' ? '' : html`<pre>${details}</pre>`}
  </li>`
}

/** All that a guest told, closed: a link into it opens it. */
export function points(guests: readonly GuestSummary[], runs: readonly RunSummary[]): Html {
  return html`<section>
    <h2>All points</h2>
    ${guests.map(
      ({ guest: { name } }) =>
        html`<details>
          <summary><h3>${name}</h3></summary>
          <div id="${anchor('passed', name)}">${layers.map((layer) => pointsOf(name, layer, ofGuest(name, runs)))}</div>
        </details>`,
    )}
  </section>`
}

function pointsOf(guest: string, layer: string, runs: readonly RunSummary[]): Html {
  const all = about(layer, runs)
  if (all.length === 0) return html``
  return html`<h4 id="${anchor('passed', guest, layer)}">${layer}</h4>
    ${listed(all, ({ tier, point }) => html`<li>${mark(stateOf(point))} ${tier}: ${point.name}${skipOf(point)}</li>`)}`
}

function stateOf({ ok, skip }: Point): 'passed' | 'failed' | 'skipped' {
  if (!ok) return 'failed'
  return skip === null ? 'passed' : 'skipped'
}

function skipOf({ skip }: Point): string {
  return skip === null ? '' : ` (skipped: ${skip})`
}

interface PointOfTier {
  readonly tier: string
  readonly point: Point
}

function ofGuest(guest: string, runs: readonly RunSummary[]): readonly RunSummary[] {
  return runs.filter((run) => run.guest.name === guest)
}

function about(layer: string, runs: readonly RunSummary[]): readonly PointOfTier[] {
  return runs.flatMap(({ tier, points }) =>
    points.filter((point) => point.layer === layer).map((point) => ({ tier, point })),
  )
}

/** A guest that repeats itself must not make a page that no browser shows; the file of its results has all. */
const longest = 1000

function listed<T>(items: readonly T[], itemOf: (item: T) => Html): Html {
  const more = items.length - longest
  return html`<ul>
    ${items.slice(0, longest).map(itemOf)} ${more > 0 ? html`<li>and ${more} more</li>` : ''}
  </ul>`
}
