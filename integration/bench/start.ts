/** What a start costs from a command line, with a plan that has been compiled. */
import type { Candidate, Place } from './candidates.js'
import type { Part } from './part.js'
import { medianOf, ratio } from './samples.js'
import { realTime } from './scheduling.js'
import { cell } from './table.js'
import { single, timed } from './timed.js'

const bases = ['fork+exec', 'floor', 'floor+veth', 'bubblewrap'] as const
/** At most, by the candidate and what it is compared with. */
const bounds = [
  ['palisade+veth', 'floor+veth', 1.15],
  ['palisade+veth', 'bubblewrap', 0.67],
  ['palisade', 'floor', 1.1],
  ['palisade', 'bubblewrap', 0.6],
] as const

export async function start(candidates: readonly Candidate[], place: Place, rounds: number): Promise<Part> {
  const mode = '1'
  const scheduling =
    (await realTime()).length > 0 ? 'all in the real-time class' : 'with whatever else the machine does'
  const { samples, notes } = await timed(candidates, { ...single, rounds }, place)
  const against = (name: string, base: string): number | null => ratio(samples, name, base, mode)
  const rows = candidates.map(({ name }) => {
    const time = medianOf(samples, name, mode)
    const own = samples.filter(({ candidate }) => candidate === name).length
    const ratios = bases.map((base) => cell(against(name, base)))
    return [name, cell(time === null ? null : time / 1e6), ...ratios, `${own}`]
  })
  const goalOf = (name: string): number | null =>
    bounds.find(([candidate, base]) => candidate === name && base === 'bubblewrap')?.[2] ?? null
  return {
    title: 'Start',
    method: [
      `Time from fork to reaped, medians in ms, ${scheduling}.`,
      'x: the median over the rounds of the ratio to another one in the same round.',
    ].join('\n'),
    tables: [{ head: ['start', 'ms', ...bases.map((base) => `x ${base}`), 'rounds'], rows }],
    panels: [
      {
        title: 'start, x bubblewrap',
        better: 'less',
        bars: candidates.map(({ name, who }) => ({
          label: name,
          who,
          ratio: against(name, 'bubblewrap'),
          goal: goalOf(name),
        })),
      },
    ],
    goals: bounds.map(([name, base, most]) => ({
      what: `start of ${name}, x ${base}`,
      value: against(name, base),
      bound: { most },
    })),
    notes,
  }
}
