/** States as the page shows them: by a mark, a colour and a word. */
import { html, type Html } from './html.js'
import type { Cell } from './summary.js'

type State = Cell['state']

const marks: Readonly<Record<State, string>> = { passed: '✓', failed: '✗', skipped: '○', nothing: '–', unknown: '?' }

/** What a mark says, for who cannot see it. */
export const spoken: Readonly<Record<State, string>> = {
  passed: 'passed',
  failed: 'failed',
  skipped: 'skipped',
  nothing: 'nothing is asked',
  unknown: 'not told',
}

export function mark(state: State): Html {
  return html`<span class="mark" aria-hidden="true">${marks[state]}</span>`
}

/** Where a link to a guest's state leads. */
export function anchor(state: State, guest: string, layer?: string): string {
  return `${state === 'failed' ? 'failed' : 'points'}-${guest}${layer === undefined ? '' : `-${layer}`}`
}
