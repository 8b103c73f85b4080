/** Candidates under time-runs.c: one C program starts them all, in rounds. */
import { must } from '../world/process.js'
import { environmentOf, type Candidate, type Place } from './candidates.js'
import type { Sample } from './samples.js'
import { realTime } from './scheduling.js'

/** How one measurement is made, and how often. */
export interface Timing {
  readonly rounds: number
  /** Runs in one measurement, of candidates that take part in every round. */
  readonly runs: number
  readonly atOnce: number
  readonly slow: 'fewer rounds' | 'fewer runs'
  /** Not for many at a time: what the kernel does for them beside would never have its turn. */
  readonly scheduling: 'real-time where we may' | 'as started'
}

/** One run at a time, where slow ones run in fewer rounds. */
export const single = { runs: 1, atOnce: 1, slow: 'fewer rounds', scheduling: 'real-time where we may' } as const

export interface Timed {
  /** Nanoseconds of one run, in each round in which a candidate takes part. */
  readonly samples: readonly Sample[]
  /** What did not count. */
  readonly notes: readonly string[]
}

/** A measurement in which a run of a peer failed does not count; one of ours may not fail. */
export async function timed(
  candidates: readonly Candidate[],
  { rounds, runs, atOnce, slow, scheduling }: Timing,
  place: Place,
): Promise<Timed> {
  const runsOf = ({ every }: Candidate): number => (slow === 'fewer runs' ? Math.ceil(runs / every) : runs)
  const words: string[] = []
  for (const candidate of candidates) {
    const every = slow === 'fewer rounds' ? candidate.every : 1
    const command = await candidate.command(place.programs.program, '%')
    words.push('++', candidate.name, `${every}`, `${runsOf(candidate)}`, ...command)
  }
  const options = { ...environmentOf(place), timeoutMs: 3_600_000 }
  const prefix = scheduling === 'as started' ? [] : await realTime()
  const output = await must([...prefix, place.programs.timer, `${rounds}`, `${atOnce}`, ...words], options)
  const samples: Sample[] = []
  const notes: string[] = []
  for (const line of output.trimEnd().split('\n')) {
    const [, round, status, time, name = ''] = /^(\d+) (\d+) (\d+) (.+)$/.exec(line) ?? []
    const candidate = candidates.find((one) => one.name === name)
    const hasFailed = status !== '0'
    if (candidate === undefined || (hasFailed && candidate.who !== 'peer')) throw new Error(`time-runs: ${line}`)
    if (hasFailed) notes.push(`${name}, ${atOnce} at a time, round ${round}: not counted, wait status ${status}`)
    else
      samples.push({
        round: Number(round),
        candidate: name,
        mode: `${atOnce}`,
        value: Number(time) / runsOf(candidate),
      })
  }
  return { samples, notes }
}
