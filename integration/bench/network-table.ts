/** What the network part of the bench makes of its numbers: no number in here is a result. */
import { medianOf, ratio, type Sample as AnySample } from './samples.js'

/** 1 and 4 streams to the server, 1 from it, round trips, connections: the columns, in this order. */
export const modes = ['up1', 'up4', 'down1', 'rr', 'crr'] as const
export type Mode = (typeof modes)[number]

/** The floor: all ratios are to its value of the same round. */
export const floor = 'direct veth'
/** The floor measured a second time: how far two equal paths differ. */
export const noise = 'direct veth again'

/** One measurement: bits a second (up1, up4, down1) or nanoseconds (rr, crr). */
export type Sample = AnySample<Mode>

/** What Palisade's own candidates must reach. */
export interface Goal {
  readonly what: string
  readonly candidate: string
  readonly against: string
  readonly modes: readonly Mode[]
  /** Against the other's value of the same round: of a rate at least this, of a time at most this. */
  readonly bound: number
}

/** One line a candidate; those that never ran are not in it. */
export function table(samples: readonly Sample[]): string {
  const others = [...new Set(samples.map(({ candidate }) => candidate))].filter((name) => name !== floor)
  const head = line('', modes)
  const absolute = line(
    floor,
    modes.map((mode) => inUnit(mode, medianOf(samples, floor, mode))),
  )
  const lines = others.map((name) =>
    line(
      `${name}, x`,
      modes.map((mode) => twoDigits(ratio(samples, name, floor, mode))),
    ),
  )
  return `${head}${absolute}${lines.join('')}`
}

/** One column as a line: the floor in its unit, the others as ratios. */
export function inOneLine(samples: readonly Sample[], mode: Mode): string {
  const names = [...new Set(samples.map(({ candidate }) => candidate))].filter((name) => name !== floor)
  const base = inUnit(mode, medianOf(samples, floor, mode))
  return [`${floor} ${base}`, ...names.map((name) => `${name} x ${twoDigits(ratio(samples, name, floor, mode))}`)].join(
    ', ',
  )
}

/** `met` or `missed`, one line a goal with the ratios that decide it. */
export function verdict(samples: readonly Sample[], { what, candidate, against, modes, bound }: Goal): string {
  const cells = modes.map((mode) => {
    const value = ratio(samples, candidate, against, mode)
    if (value === null) return `${mode} not measured`
    const met = isRate(mode) ? value >= bound : value <= bound
    return `${mode} ${twoDigits(value)} ${met ? 'met' : 'missed'}`
  })
  return `${what}: ${cells.join(', ')}\n`
}

/** Whether `candidate` is ahead of `peer` in every column, each against the floor, and where it is not. */
export function ahead(samples: readonly Sample[], candidate: string, peer: string): string {
  const stalls = stallsUp(samples, peer)
  const compared = stalls ? modes.filter((mode) => !uploads.includes(mode)) : modes
  const behind: Mode[] = []
  const missing: Mode[] = []
  for (const mode of compared) {
    const [own, other] = [candidate, peer].map((name) => ratio(samples, name, floor, mode))
    if (typeof own !== 'number' || typeof other !== 'number') missing.push(mode)
    else if (isRate(mode) ? own <= other : own >= other) behind.push(mode)
  }
  const answer = behind.length === 0 && missing.length === 0 ? 'yes' : 'no'
  const notes = [
    ...(behind.length === 0 ? [] : [`not in ${behind.join(', ')}`]),
    ...(missing.length === 0 ? [] : [`not measured: ${missing.join(', ')}`]),
    ...(stalls ? ['its upload stalls on this kernel and is not compared'] : []),
  ]
  return `ahead of ${peer} in every row: ${[answer, ...notes].join('; ')}\n`
}

/** A path that takes less than a tenth of what it brings does not work as it was made to. */
function stallsUp(samples: readonly Sample[], name: string): boolean {
  const [up, down] = (['up1', 'down1'] as const).map((mode) => medianOf(samples, name, mode))
  return typeof up === 'number' && typeof down === 'number' && up < down / 10
}

const uploads: readonly Mode[] = ['up1', 'up4']

function isRate(mode: Mode): boolean {
  return mode === 'up1' || mode === 'up4' || mode === 'down1'
}

function inUnit(mode: Mode, value: number | null): string {
  if (value === null) return '-'
  return isRate(mode) ? `${(value / 1e9).toFixed(2)} Gbit/s` : `${(value / 1e3).toFixed(1)} us`
}

function twoDigits(value: number | null): string {
  return value === null ? '-' : value.toFixed(2)
}

function line(name: string, cells: readonly string[]): string {
  return `${name.padEnd(28)}${cells.map((cell) => cell.padStart(14)).join('')}\n`
}
