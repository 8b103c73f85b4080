import type { Action } from '../action.js'
import { x32Bit } from '../arch.js'
import { naming } from '../code/complexity.js'
import { maximum, type Range } from '../code/ranges.js'
import type { Decision, Meaning, TableMeaning } from '../meaning.js'
import type { Bdd, Bdds } from './bdd.js'
import { functionOfAction, functionOfDecision } from './function-of-decision.js'

/** A part of all calls that has one meaning. */
export interface Part {
  readonly arch: Range
  readonly number: Range
  /** The function of the arguments that the program has to return. */
  readonly wanted: Bdd
  /** Whether the policy allows it without a condition. */
  readonly alwaysAllowed: boolean
}

interface Box {
  readonly arch: Range
  readonly number: Range
}

/** The reference meaning, in the order of `answer` (meaning.ts): the parts of some arches and numbers. */
export function makeReference(bdds: Bdds, { tables, otherArch }: Meaning): (box: Box) => readonly Part[] {
  const other = unconditional(bdds, otherArch)
  const known = tables.map((table) => ({ audit: table.audit, runs: runsOf(bdds, table) }))
  const ordered = known.toSorted((a, b) => a.audit - b.audit)
  return ({ arch, number }) => {
    const parts: Part[] = []
    let from = arch.from
    for (const { audit, runs } of ordered) {
      if (audit < from || audit > arch.to) continue
      if (audit > from) parts.push({ arch: { from, to: audit - 1 }, number, ...other })
      parts.push(...partsOf(runs, { from: audit, to: audit }, number))
      from = audit + 1
    }
    return from > arch.to ? parts : [...parts, { arch: { from, to: arch.to }, number, ...other }]
  }
}

type Wanted = Pick<Part, 'wanted' | 'alwaysAllowed'>
interface Run extends Wanted {
  readonly from: number
}

function partsOf(runs: readonly Run[], arch: Range, number: Range): readonly Part[] {
  const parts: Part[] = []
  for (let index = firstIndex(runs, number.from); index < runs.length; index += 1) {
    const run = runs[index]
    if (run === undefined || run.from > number.to) break
    const from = Math.max(run.from, number.from)
    const to = Math.min((runs[index + 1]?.from ?? maximum + 1) - 1, number.to)
    parts.push({ arch, number: { from, to }, wanted: run.wanted, alwaysAllowed: run.alwaysAllowed })
  }
  return parts
}

/** Index of the run that holds a number. */
function firstIndex(runs: readonly Run[], number: number): number {
  let low = 0
  let high = runs.length - 1
  while (low < high) {
    const middle = Math.ceil((low + high) / 2)
    if ((runs[middle]?.from ?? 0) <= number) low = middle
    else high = middle - 1
  }
  return low
}

/** What all numbers of a table mean: runs in ascending order, the first from 0. */
function runsOf(bdds: Bdds, { arch, decisions, unknown, x32 }: TableMeaning): readonly Run[] {
  const gap = unconditional(bdds, unknown)
  const end = x32 === null ? maximum + 1 : x32Bit
  const runs: Run[] = []
  let next = 0
  for (const [number, decision] of [...decisions].toSorted(([a], [b]) => a - b)) {
    if (number >= end) break
    if (number > next) runs.push({ from: next, ...gap })
    const wanted = naming(`the conditions on ${decision.call.name} (${arch})`, () => functionOfDecision(bdds, decision))
    runs.push({ from: number, wanted, alwaysAllowed: isAlwaysAllowed(decision) })
    next = number + 1
  }
  if (next < end) runs.push({ from: next, ...gap })
  return x32 === null ? runs : [...runs, { from: x32Bit, ...unconditional(bdds, x32) }]
}

function unconditional(bdds: Bdds, action: Action): Wanted {
  return { wanted: functionOfAction(bdds, action), alwaysAllowed: action === 'allow' }
}

function isAlwaysAllowed({ clauses, otherwise }: Decision): boolean {
  const [first] = clauses
  if (first === undefined) return otherwise === 'allow'
  return first.when === null && first.action === 'allow'
}
