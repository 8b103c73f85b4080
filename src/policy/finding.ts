import { PolicyError, type PlacedProblem, type Problem } from '../core/errors.js'
import { printable } from './characters.js'
import type { PolicyNode } from './node.js'
import { frameOf, placeOf, type Span } from './source-text.js'

/** A problem and the piece of text that it is about. */
export interface Finding extends Problem {
  readonly span: Span
}

/** What could be read of a text, and what is wrong with it; `root` is null when nothing could be read. */
export interface TextReading {
  readonly root: PolicyNode | null
  readonly findings: readonly Finding[]
}

/** Past this many, a person mends the first ones and looks again. */
const shownMax = 50

/** All findings as one error, sorted by file, line and column. */
export function policyError(findings: readonly Finding[]): PolicyError {
  const sorted = findings.toSorted(byPlace)
  const shown = sorted.slice(0, shownMax).map(placed)
  const last = sorted[shownMax]
  if (last === undefined) return new PolicyError(shown)
  const more = { key: '', message: `and ${sorted.length - shownMax} more problems`, span: { ...last.span, end: 0 } }
  return new PolicyError([...shown, { ...placed(more), frame: '' }])
}

/** Where a person reads it: file, line, column, and the lines around it. */
export function placed({ span, ...problem }: Finding): PlacedProblem {
  return { ...problem, key: printable(problem.key), ...placeOf(span), frame: frameOf(span) }
}

function byPlace(a: Finding, b: Finding): number {
  if (a.span.source.file !== b.span.source.file) return a.span.source.file < b.span.source.file ? -1 : 1
  return a.span.start - b.span.start
}
