import { constants } from 'node:os'
import { CommandError, LaunchError } from '../core/errors.js'
import type { Report } from './report.js'

/** Something that the sandbox kept the program from, as far as anybody was told. */
export type Denial =
  /** The filter killed a process for a call. */
  | { readonly what: 'syscall'; readonly syscall: string; readonly allowedBy: readonly string[] }
  /** A relay refused a connection; `end` as in docs/report.md. */
  | {
      readonly what: 'connection'
      readonly key: string
      readonly end: string
      readonly address?: string
      readonly tlsName?: string
    }
  /** `times`: how often; 1 for what ended the program. */
  | { readonly what: 'limit'; readonly key: string; readonly times: number }

/** How a program ended, and what it used. */
export interface Outcome {
  /** Its exit status; null: a signal, a limit or the caller ended it. */
  readonly exit: number | null
  /** The signal that ended it, as in signal(7); null: it exited. SIGKILL also where a limit ended everything inside. */
  readonly signal: string | null
  readonly timedOut: boolean
  /** Keys of the limits that ended it, such as `limits.memory`. */
  readonly limitsHit: readonly string[]
  /** From its start to the end of the sandbox. */
  readonly durationMs: number
  /** Processor time of everything inside. */
  readonly cpuMs: number
  /** Of everything inside together under `limits.memory`; of its largest process otherwise. */
  readonly memoryPeakBytes: number
  readonly denials: readonly Denial[]
  /** What carried each protection on this host. */
  readonly layers: Report['layers']
  /** null: a signal of the caller's came before the program had begun; the numbers above are 0 then. */
  readonly report: Report | null
}

/**
 * What a Report says of the program; `sent` is the last signal that the caller sent.
 * @throws LaunchError when the sandbox failed; CommandError when execve(2) did.
 */
export function outcomeOf(report: Report, sent: NodeJS.Signals | null): Outcome {
  refuseFailure(report, sent)
  const { usage, processes } = report
  const signal = report.signal ?? (report.exit === undefined ? constants.signals.SIGKILL : null)
  return {
    exit: report.exit ?? null,
    signal: signal === null ? null : signalName(signal),
    timedOut: report.timedOut,
    limitsHit: report.limitsHit,
    durationMs: report.durationMs,
    cpuMs: usage?.cpuMs ?? processes.cpuMs,
    // 0 without `limits.memory`: there was no controller that counts.
    memoryPeakBytes: usage?.memoryPeakBytes || processes.residentPeakBytes,
    denials: denialsOf(report),
    layers: report.layers,
    report,
  }
}

/** Of a program that a signal of the caller's has ended before it began, or with its launcher. */
export function endedBy(signal: NodeJS.Signals): Outcome {
  return {
    exit: null,
    signal,
    timedOut: false,
    limitsHit: [],
    durationMs: 0,
    cpuMs: 0,
    memoryPeakBytes: 0,
    denials: [],
    layers: [],
    report: null,
  }
}

function refuseFailure(report: Report, sent: NodeJS.Signals | null): void {
  const { status, failure, command, exit, signal, timedOut, limitsHit } = report
  if (failure !== undefined) {
    const { key = '', step = '', syscall, errno } = failure
    if (status === 126 || status === 127) throw new CommandError(status, `${command[0] ?? ''}: ${syscall}: ${errno}`)
    throw new LaunchError(key, step, syscall, errno)
  }
  const isTold = exit !== undefined || signal !== undefined || timedOut || limitsHit.length > 0 || sent === 'SIGKILL'
  if (!isTold) throw LaunchError.fromOutside('the sandbox')
}

function denialsOf({ killedFor, network, usage, limitsHit }: Report): readonly Denial[] {
  const refused = network?.connections.filter(({ end }) => isRefusal(end)) ?? []
  const pidsRefused = usage?.pidsRefused ?? 0
  return [
    ...(killedFor === undefined
      ? []
      : [{ what: 'syscall', syscall: killedFor.syscall, allowedBy: killedFor.allowedBy } as const]),
    ...refused.map(({ key, end, address, tlsName }): Denial => {
      const known = { ...(address === undefined ? {} : { address }), ...(tlsName === undefined ? {} : { tlsName }) }
      return { what: 'connection', key, end, ...known }
    }),
    ...limitsHit.map((key): Denial => ({ what: 'limit', key, times: 1 })),
    ...(pidsRefused === 0 ? [] : [{ what: 'limit', key: 'limits.pids', times: pidsRefused } as const]),
  ]
}

/** A connection that the policy does not allow, unlike one that the endpoint or the host's resolver refuses. */
function isRefusal(end: string): boolean {
  return end.startsWith('tls-') || end === 'not-tls' || end === 'address-refused'
}

/** A real-time signal has no name of its own. */
function signalName(number: number): string {
  return Object.entries(constants.signals).find(([, value]) => value === number)?.[0] ?? `signal ${number}`
}
