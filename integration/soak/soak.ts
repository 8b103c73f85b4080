/** Runs something very often, and counts what could be left behind, and takes the time of the first and the last ones. */
import { setTimeout as passes } from 'node:timers/promises'
import { memory, type Counter, type Memory } from './counters.js'

export type Act = () => Promise<unknown>

export interface Amounts {
  /** Runs before anything is counted: what is made once is made by then. */
  readonly warm: number
  /** Runs of which the time is taken, at the start and again at the end. */
  readonly window: number
  /** Runs between these. */
  readonly bulk: number
}

/** By the names of the counters. */
export type Counts = ReadonlyMap<string, number>

/** Milliseconds of each run, and of the control beside it. */
export interface Times {
  readonly act: readonly number[]
  readonly control: readonly number[]
}

export interface Found {
  readonly before: Counts
  readonly after: Counts
  /** From the start to the end. */
  readonly memory: readonly Memory[]
  readonly first: Times
  readonly last: Times
}

/** So that thirds of them have a median. */
const samples = 24
const atOnce = 4

/** `control` is what a slower machine slows too. */
export async function soak(act: Act, control: Act, counters: readonly Counter[], amounts: Amounts): Promise<Found> {
  const { warm, window, bulk } = amounts
  await repeat(act, warm)
  const first = await timed(act, control, window)
  const before = await settled(counters, null)
  const used = [memory()]
  for (let count = 0; count < samples; count += 1) {
    await repeat(act, Math.floor((bulk * (count + 1)) / samples) - Math.floor((bulk * count) / samples))
    used.push(memory())
  }
  const after = await settled(counters, before)
  return { before, after, memory: used, first, last: await timed(act, control, window) }
}

async function repeat(act: Act, times: number): Promise<void> {
  let left = times
  const work = async (): Promise<void> => {
    for (; left > 0;) {
      left -= 1
      await act()
    }
  }
  await Promise.all(Array.from({ length: atOnce }, work))
}

/** One after the other: what the one has left to do, worlds of a pool included, is done before the other one begins. */
async function timed(act: Act, control: Act, runs: number): Promise<Times> {
  const times = { act: new Array<number>(), control: new Array<number>() }
  for (let run = 0; run < runs; run += 1) {
    for (const [kind, one] of [['act', act] as const, ['control', control] as const]) {
      await passes(25)
      const start = performance.now()
      await one()
      times[kind].push(performance.now() - start)
    }
  }
  return times
}

const looksMax = 100

/** Once nothing changes any more, or, where it is known what was before, once there is no more; else what 10 s later is. */
async function settled(counters: readonly Counter[], before: Counts | null): Promise<Counts> {
  let last = counted(counters)
  for (let looks = 0; looks < looksMax; looks += 1) {
    await passes(100)
    const now = counted(counters)
    const isSettled = counters.every(({ name, tolerance }) => {
      const more = (now.get(name) ?? 0) - ((before ?? last).get(name) ?? 0)
      return before === null ? more === 0 || tolerance > 0 : more <= tolerance
    })
    last = now
    if (isSettled) break
  }
  return last
}

function counted(counters: readonly Counter[]): Counts {
  return new Map(counters.map(({ name, count }) => [name, count()]))
}
