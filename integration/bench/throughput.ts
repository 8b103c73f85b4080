/** How many runs a second there are with several under way at a time. */
import type { Candidate, Place } from './candidates.js'
import type { Part } from './part.js'
import { medianOf, ratio, type Sample } from './samples.js'
import { cell } from './table.js'
import { timed } from './timed.js'

/** How many are under way at a time. */
export const levels = [1, 2, 4, 8] as const
export const batches = 5
const base = 'bubblewrap'
const judged = '4'
/** At least this ratio to bubblewrap. */
const bounds = new Map([
  ['palisade', 1.5],
  ['palisade+veth', 1],
])

/** `runs`: of each candidate in each of the batches, of slow ones fewer. */
export async function throughput(candidates: readonly Candidate[], place: Place, runs: number): Promise<Part> {
  const samples: Sample[] = []
  const notes: string[] = []
  for (const atOnce of levels) {
    const times = await timed(
      candidates,
      { rounds: batches, runs, atOnce, slow: 'fewer runs', scheduling: 'as started' },
      place,
    )
    notes.push(...times.notes)
    samples.push(...times.samples.map((one) => ({ ...one, value: 1e9 / one.value })))
  }
  const all = candidates.map(({ name, every }) => ({ name, runs: batches * Math.ceil(runs / every) }))
  return {
    title: 'Runs a second',
    method: [
      `With 1, 2, 4 and 8 under way at a time, started by one C program; medians of ${batches} batches, in brackets the`,
      'ratio to bubblewrap. Before each batch a quarter of it is run unmeasured, so what the kernel still takes away of',
      'net namespaces is always the own. In the normal class: what the kernel does beside would never have its turn.',
    ].join('\n'),
    tables: [rateTable('runs/s', all, samples, base)],
    panels: [
      {
        title: `runs a second, ${judged} at a time, x ${base}`,
        better: 'more',
        bars: candidates.map(({ name, who }) => ({
          label: name,
          who,
          ratio: ratio(samples, name, base, judged),
          goal: bounds.get(name) ?? null,
        })),
      },
    ],
    goals: Array.from(bounds, ([name, least]) => ({
      what: `runs a second of ${name}, ${judged} at a time, x ${base}`,
      value: ratio(samples, name, base, judged),
      bound: { least },
    })),
    notes,
  }
}

/** A row a candidate with its rate at each level, and the ratio to that of `against`. */
export function rateTable(
  title: string,
  candidates: readonly { readonly name: string; readonly runs: number }[],
  samples: readonly Sample[],
  against: string,
): Part['tables'][number] {
  const rows = candidates.map(({ name, runs }) => {
    const cells = levels.map((level) => {
      const [rate, relative] = [medianOf(samples, name, `${level}`), ratio(samples, name, against, `${level}`)]
      return `${cell(rate, 0)} (${cell(relative)})`
    })
    return [name, ...cells, `${runs}`]
  })
  return { head: [title, ...levels.map((level) => `${level} at a time`), 'runs'], rows }
}
