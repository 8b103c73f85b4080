/** What each candidate holds in memory while its program stands and does nothing. */
import { statSync } from 'node:fs'
import { held, start } from '../world/process.js'
import { environmentOf, type Candidate, type Place } from './candidates.js'
import type { Part } from './part.js'
import { residentsOf, roleOf, sumOf } from './resident.js'

interface Measured extends Candidate {
  readonly kib: number
  readonly processes: string
}

const base = 'bubblewrap'
/** MiB at most. */
const bounds = new Map([
  ['palisade', 0.75],
  ['palisade+veth', 1.6],
])

export async function memory(candidates: readonly Candidate[], place: Place): Promise<Part> {
  const measured: Measured[] = []
  const notes: string[] = []
  // One after the other: PSS divides a page among all that map it, of other sandboxes too.
  for (const candidate of candidates) {
    try {
      measured.push(await measure(candidate, place))
    } catch (error) {
      if (candidate.who !== 'peer') throw error
      notes.push(`${candidate.name} was not measured: ${error instanceof Error ? error.message : String(error)}`)
    }
  }
  const peer = measured.find(({ name }) => name === base)?.kib ?? Number.NaN
  const own = measured.filter(({ processes }) => processes !== '')
  return {
    title: 'Memory',
    method: 'PSS in KiB of all processes of one sandbox but the program, which waits.',
    tables: [
      {
        head: ['memory', 'KiB', `x ${base}`, 'by process'],
        rows: own.map(({ name, kib, processes }) => [name, `${kib}`, (kib / peer).toFixed(2), processes]),
      },
    ],
    panels: [
      {
        title: `memory, x ${base}`,
        better: 'less',
        bars: own.map(({ name, who, kib }) => {
          const bound = bounds.get(name)
          return { label: name, who, ratio: kib / peer, goal: bound === undefined ? null : (bound * 1024) / peer }
        }),
      },
    ],
    goals: Array.from(bounds, ([name, most]) => {
      const kib = measured.find((one) => one.name === name)?.kib ?? null
      return { what: `PSS of ${name}, MiB`, value: kib === null ? null : kib / 1024, bound: { most } }
    }),
    notes,
  }
}

async function measure(candidate: Candidate, place: Place): Promise<Measured> {
  const argv = await candidate.command(place.programs.stands, 'memory')
  const running = start(argv, { ...environmentOf(place), stdin: held })
  try {
    await running.printed('stands')
    const residents = residentsOf(running.pid, (pid) => isFile(`/proc/${pid}/exe`, place.programs.stands))
    const named = residents.map(({ name, pid, kib }) => {
      return `${candidate.who === 'palisade' ? roleOf(pid, running.pid) : name} ${kib}`
    })
    return { ...candidate, kib: sumOf(residents), processes: named.join(', ') }
  } finally {
    running.end()
    await running.outcome
  }
}

/** In the sandbox the program has other names than here. */
function isFile(path: string, other: string): boolean {
  const [one, two] = [statSync(path), statSync(other)]
  return one.dev === two.dev && one.ino === two.ino
}
