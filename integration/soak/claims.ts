import type { Counter } from './counters.js'
import type { Found, Times } from './soak.js'

/** One thing that must not grow. */
export interface Row {
  readonly claim: string
  readonly first: string
  readonly last: string
  readonly allowed: string
  readonly holds: boolean
}

const mebibyte = 1 << 20
/**
 * V8 and malloc keep pages for later, some MiB more or less from one sample to the next. Between the medians of the first
 * and the last third lie two thirds of the runs: of 100,000, a leak of 130 bytes a run is more than this.
 */
const residentTolerance = 8 * mebibyte
/** After a collection the heap is what can be reached, to some hundred KiB: 16 bytes a run are more. */
const heapTolerance = mebibyte
const timeTolerance = 0.1

export function rowsOf(found: Found, counters: readonly Counter[]): readonly Row[] {
  const resident = thirds(found.memory.map(({ resident }) => resident))
  const heap = thirds(found.memory.map(({ heap }) => heap))
  return [
    ...counters.map((counter) => countRow(counter, found)),
    memoryRow('resident memory of Node', resident, residentTolerance),
    memoryRow('heap of Node', heap, heapTolerance),
    ...(found.first.act.length === 0 ? [] : [timeRow(found.first, found.last)]),
  ]
}

function countRow({ name, tolerance }: Counter, { before, after }: Found): Row {
  const [first = Number.NaN, last = Number.NaN] = [before, after].map((counts) => counts.get(name))
  const allowed = tolerance === 0 ? 'none more' : `${tolerance} more`
  return { claim: name, first: `${first}`, last: `${last}`, allowed, holds: last - first <= tolerance }
}

type Ends = readonly [first: number, last: number]

function memoryRow(claim: string, [first, last]: Ends, tolerance: number): Row {
  const text = (bytes: number): string => `${(bytes / mebibyte).toFixed(2)} MiB`
  return {
    claim,
    first: text(first),
    last: text(last),
    allowed: `${text(tolerance)} more`,
    holds: last - first <= tolerance,
  }
}

/** As a multiple of the control, which is slowed by what slows the machine. */
function timeRow(first: Times, last: Times): Row {
  const text = ({ act, control }: Times): string => `${median(act).toFixed(2)} ms (${median(control).toFixed(2)})`
  const growth = ratio(last) / ratio(first) - 1
  return {
    claim: 'time of a run (and of a bare spawn)',
    first: `${text(first)} = ${ratio(first).toFixed(2)}x`,
    last: `${text(last)} = ${ratio(last).toFixed(2)}x`,
    allowed: `${timeTolerance * 100} % either way`,
    holds: Math.abs(growth) <= timeTolerance,
  }
}

function ratio({ act, control }: Times): number {
  return median(act) / median(control)
}

function thirds(values: readonly number[]): Ends {
  const length = Math.floor(values.length / 3)
  return [median(values.slice(0, length)), median(values.slice(-length))]
}

function median(values: readonly number[]): number {
  return values.toSorted((left, right) => left - right)[values.length >> 1] ?? Number.NaN
}

export function tableOf(title: string, rows: readonly Row[]): string {
  const head = { claim: title, first: 'first', last: 'last', allowed: 'allowed' }
  const width = (key: keyof typeof head): number => Math.max(...[head, ...rows].map((row) => row[key].length)) + 2
  const line = (row: typeof head, verdict: string): string =>
    `${row.claim.padEnd(width('claim'))}${row.first.padStart(width('first'))}${row.last.padStart(width('last'))}${row.allowed.padStart(width('allowed'))}  ${verdict}\n`
  return `${line(head, '')}${rows.map((row) => line(row, row.holds ? 'PASS' : 'FAIL')).join('')}\n`
}
