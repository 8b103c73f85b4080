import type { Action } from '../action.js'
import { x32Bit } from '../arch.js'
import { naming } from '../code/complexity.js'
import { maximum, type Range } from '../code/ranges.js'
import { ascending, type Decision, type Meaning, type TableMeaning } from '../meaning.js'
import type { Bdd, Bdds } from './bdd.js'
import { functionOfAction, functionOfDecision } from './function-of-decision.js'

/** A part of all calls that has one meaning. */
export interface Part extends Wanted {
  readonly arch: Range
  readonly number: Range
}

interface Wanted {
  /** The function of the arguments that the program has to return. */
  readonly wanted: Bdd
  /** Whether the policy allows it without a condition. */
  readonly alwaysAllowed: boolean
}

interface Box {
  readonly arch: Range
  readonly number: Range
}

/** Goes through the parts of some arches and numbers. */
export type Reference = (box: Box, visit: (part: Part) => void) => void

/** The reference meaning, in the order of `answer` (meaning.ts). */
export function makeReference(bdds: Bdds, { tables, otherArch }: Meaning): Reference {
  const other = unconditional(bdds, otherArch)
  const known = tables.map((table) => ({ audit: table.audit, runs: runsOf(bdds, table) }))
  const ordered = known.toSorted((a, b) => a.audit - b.audit)
  return ({ arch, number }, visit) => {
    let from = arch.from
    for (const { audit, runs } of ordered) {
      if (audit < from || audit > arch.to) continue
      if (audit > from) visit({ arch: { from, to: audit - 1 }, number, ...other })
      visitRuns(runs, { from: audit, to: audit }, number, visit)
      from = audit + 1
    }
    if (from <= arch.to) visit({ arch: { from, to: arch.to }, number, ...other })
  }
}

interface Run extends Wanted {
  readonly from: number
}

function visitRuns(runs: readonly Run[], arch: Range, number: Range, visit: (part: Part) => void): void {
  for (let index = firstIndex(runs, number.from); index < runs.length; index += 1) {
    const run = runs[index]
    if (run === undefined || run.from > number.to) break
    const from = Math.max(run.from, number.from)
    const to = Math.min((runs[index + 1]?.from ?? maximum + 1) - 1, number.to)
    visit({ arch, number: { from, to }, wanted: run.wanted, alwaysAllowed: run.alwaysAllowed })
  }
}

/** Index of the run that holds a number. */
function firstIndex(runs: readonly Run[], number: number): number {
  let low = 0
  let high = runs.length - 1
  while (low < high) {
    const middle = (low + high + 1) >>> 1
    if ((runs[middle]?.from ?? 0) <= number) low = middle
    else high = middle - 1
  }
  return low
}

/** What all numbers of a table mean: runs in ascending order, the first from 0. */
function runsOf(bdds: Bdds, { arch, decisions, unknown, x32 }: TableMeaning): readonly Run[] {
  const runs: Run[] = []
  let open: Wanted | null = null
  const add = (from: number, wanted: Wanted): void => {
    if (open?.wanted === wanted.wanted && open.alwaysAllowed === wanted.alwaysAllowed) return
    runs.push({ from, wanted: wanted.wanted, alwaysAllowed: wanted.alwaysAllowed })
    open = wanted
  }
  // Few actions answer many calls.
  const plain = new Map<Action, Wanted>()
  const always = (action: Action): Wanted => {
    const wanted = plain.get(action) ?? unconditional(bdds, action)
    plain.set(action, wanted)
    return wanted
  }
  const wantedOf = (decision: Decision): Wanted => {
    const first = decision.clauses[0]
    if (first === undefined) return always(decision.otherwise)
    if (first.when === null) return always(first.action)
    const subject = `the conditions on ${decision.call.name} (${arch})`
    return { wanted: naming(subject, () => functionOfDecision(bdds, decision)), alwaysAllowed: false }
  }
  const end = x32 === null ? maximum + 1 : x32Bit
  let next = 0
  let before: Decision | null = null
  ascending(decisions).forEach((decision, number) => {
    if (number >= end) return
    if (number > next) add(next, always(unknown))
    // Most calls are answered as the one before is.
    const isSame = number === next && before?.clauses === decision.clauses && before.otherwise === decision.otherwise
    if (!isSame) add(number, wantedOf(decision))
    next = number + 1
    before = decision
  })
  if (next < end) add(next, always(unknown))
  if (x32 !== null) add(x32Bit, always(x32))
  return runs
}

function unconditional(bdds: Bdds, action: Action): Wanted {
  return { wanted: functionOfAction(bdds, action), alwaysAllowed: action === 'allow' }
}
