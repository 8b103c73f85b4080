import type { LayerClaims, StatusLine } from '../layer.js'
import type { Step } from '../../plan/descriptors.js'
import type { Time, WatchKills, Write } from './steps.js'

export const claims: LayerClaims = {
  layer: 'report',
  claims: ['name', 'description', 'unsafe.host-root.reason', 'unsafe.allow-by-default.reason'],
}

/** What the Report says of a run before it happens. */
export interface ReportHead {
  readonly policy: {
    readonly name: string | null
    readonly description: string | null
    readonly files: readonly string[]
  }
  /** Openings under `unsafe`, with their reasons. */
  readonly unsafe: readonly { readonly key: string; readonly reason: string }[]
  readonly layers: readonly StatusLine[]
}

/** A call that the filter kills for, and what the Report says of it. */
export interface KillingCall {
  readonly auditArch: number
  readonly number: number
  readonly syscall: string
  /** Rules of the policy that kill for it, or for some uses of it. */
  readonly refusedBy: readonly string[]
  /** Promises that allow it, or some uses of it, and that the policy lacks. */
  readonly allowedBy: readonly string[]
}

/** What was asked for. Nothing is traced when no call kills, or when nobody reads the Report. */
export function lower(
  head: ReportHead,
  {
    reportDescriptor: descriptor,
    timings = false,
  }: { readonly reportDescriptor: number | null; readonly timings?: boolean },
  killing: readonly KillingCall[],
): readonly (Time | WatchKills | Write)[] {
  const time: readonly Time[] = timings ? [{ op: 'report.time', origin: '' }] : []
  if (descriptor === null) return time
  const write: Write = { op: 'report.write', origin: '', descriptor, head: members(head) }
  if (killing.length === 0) return [write, ...time]
  const calls = killing.map(({ auditArch, number, syscall, refusedBy, allowedBy }) => {
    return {
      auditArch,
      number,
      words: members({ syscall, ...(refusedBy.length === 0 ? {} : { refusedBy }), allowedBy }),
    }
  })
  return [write, ...time, { op: 'report.watch-kills', origin: 'syscalls.denied', calls }]
}

/** Stands in a plan for a file that is opened once there is a plan; no descriptor has this number. */
export const notOpenYet = 0xffff_ffff

/** The plan's steps with the Report's descriptor filled in. */
export function withReportDescriptor(steps: readonly Step[], descriptor: number): readonly Step[] {
  return steps.map((step) => (step.op === 'report.write' ? { ...step, descriptor } : step))
}

/** An object as JSON without its braces. */
function members(value: object): string {
  return JSON.stringify(value).slice(1, -1)
}
