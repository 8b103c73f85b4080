/** What runs came to, as every form of the report has it. Text of guests is harmless and bounded from here on. */
import { printable } from '../../src/policy/characters.js'
import type { Point } from '../judge.js'
import { layers, type Layer } from '../layers.js'
import type { Guest } from '../matrix.js'
import type { Result } from '../run-all.js'
import type { Run } from '../runs.js'

export interface Summary {
  readonly state: 'passed' | 'failed'
  readonly counts: Counts
  /** Of all runs. */
  readonly faults: number
  readonly cpuSeconds: number
  readonly guests: readonly GuestSummary[]
  readonly runs: readonly RunSummary[]
}

export interface Counts {
  readonly passed: number
  readonly failed: number
  readonly skipped: number
}

export interface RunSummary {
  readonly name: string
  readonly guest: Guest
  readonly tier: string
  readonly state: 'passed' | 'failed' | 'missing'
  /** What is wrong with the run as a whole; a run that was wanted and did not happen has this for a fault. */
  readonly faults: readonly string[]
  readonly points: readonly Point[]
  readonly counts: Counts
  readonly skips: readonly Skip[]
  readonly release: string
  /** ABI and errata. */
  readonly landlock: string
  readonly cpuSeconds: number
  readonly wallSeconds: number
}

/** A reason to skip, how often it was one, and how often the matrix says it is. */
export interface Skip {
  readonly reason: string
  readonly found: number
  readonly expected: number
}

export interface GuestSummary {
  readonly guest: Guest
  readonly state: 'passed' | 'failed'
  readonly release: string
  readonly cells: readonly Cell[]
  readonly faults: number
  readonly cpuSeconds: number
  readonly wallSeconds: number
}

/** A guest and a layer. `nothing`: no point is about it; `unknown`: none was told, by a guest that did not tell all. */
export interface Cell {
  readonly layer: Layer
  readonly state: 'passed' | 'failed' | 'skipped' | 'nothing' | 'unknown'
  readonly counts: Counts
}

/** `wanted` and not in `results`: a run that never happened. */
export function summarize(wanted: readonly Run[], results: readonly Result[]): Summary {
  const runs = wanted.map((run) => {
    const result = results.find((one) => one.run.name === run.name)
    return result === undefined ? missing(run) : summaryOf(result)
  })
  const counts = countsOf(runs.flatMap(({ points }) => points))
  const faults = runs.flatMap((run) => run.faults).length
  const guests = [...new Set(wanted.map(({ guest }) => guest))].toSorted((one, other) =>
    one.name < other.name ? -1 : 1,
  )
  return {
    state: counts.failed + faults === 0 && counts.passed > 0 ? 'passed' : 'failed',
    counts,
    faults,
    cpuSeconds: sum(runs.map(({ cpuSeconds }) => cpuSeconds)),
    guests: guests.map((guest) =>
      guestSummary(
        guest,
        runs.filter((run) => run.guest === guest),
      ),
    ),
    runs,
  }
}

function missing({ name, guest, tier }: Run): RunSummary {
  return {
    name,
    guest,
    tier,
    state: 'missing',
    faults: ['it did not happen'],
    points: [],
    counts: countsOf([]),
    skips: skipsOf(guest, tier, []),
    release: '',
    landlock: '',
    cpuSeconds: 0,
    wallSeconds: 0,
  }
}

function summaryOf({ run, points, faults, release, landlock, boot }: Result): RunSummary {
  const counts = countsOf(points)
  return {
    name: run.name,
    guest: run.guest,
    tier: run.tier,
    state: counts.failed + faults.length === 0 ? 'passed' : 'failed',
    faults: faults.map((fault) => printable(fault, 500)),
    points: points.map(harmless),
    counts,
    skips: skipsOf(run.guest, run.tier, points),
    release: printable(release, 100),
    landlock: printable(landlock, 100),
    cpuSeconds: boot.cpuSeconds,
    wallSeconds: boot.wallSeconds,
  }
}

function harmless(point: Point): Point {
  return {
    ...point,
    name: printable(point.name, 300),
    skip: point.skip === null ? null : printable(point.skip, 300),
    details: block(point.details),
  }
}

/** Its lines may be many and long; the file of results has them all. */
function block(text: string): string {
  const lines = text.slice(0, 8000).split('\n')
  const shown = lines.slice(0, 60).map((line) => printable(line, 300))
  return [...shown, ...(lines.length > shown.length || text.length > 8000 ? ['...'] : [])].join('\n')
}

function skipsOf(guest: Guest, tier: string, points: readonly Point[]): readonly Skip[] {
  const expected = guest.skips?.[tier] ?? {}
  const reasons = points.flatMap(({ skip }) => skip ?? [])
  return [...new Set([...Object.keys(expected), ...reasons])].map((reason) => ({
    reason: printable(reason, 300),
    found: reasons.filter((one) => one === reason).length,
    expected: expected[reason] ?? 0,
  }))
}

function guestSummary(guest: Guest, runs: readonly RunSummary[]): GuestSummary {
  const points = runs.flatMap((run) => run.points)
  const faults = runs.flatMap((run) => run.faults).length
  const empty = faults === 0 ? 'nothing' : 'unknown'
  return {
    guest,
    state: runs.every(({ state }) => state === 'passed') ? 'passed' : 'failed',
    release: runs.find(({ release }) => release !== '')?.release ?? '',
    cells: layers.map((layer) => {
      const counts = countsOf(points.filter((point) => point.layer === layer))
      return { layer, state: stateOf(counts) ?? empty, counts }
    }),
    faults,
    cpuSeconds: sum(runs.map(({ cpuSeconds }) => cpuSeconds)),
    wallSeconds: sum(runs.map(({ wallSeconds }) => wallSeconds)),
  }
}

function stateOf({ passed, failed, skipped }: Counts): 'passed' | 'failed' | 'skipped' | null {
  if (failed > 0) return 'failed'
  if (passed > 0) return 'passed'
  return skipped > 0 ? 'skipped' : null
}

function countsOf(points: readonly Point[]): Counts {
  return {
    passed: points.filter(({ ok, skip }) => ok && skip === null).length,
    failed: points.filter(({ ok }) => !ok).length,
    skipped: points.filter(({ ok, skip }) => ok && skip !== null).length,
  }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((all, one) => all + one, 0)
}
