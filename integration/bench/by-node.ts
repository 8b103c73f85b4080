/** What a start by Node costs: one for which nothing was compiled, and the compiling of a plan. */
import { join } from 'node:path'
import { launcherPath } from '../../src/launch/addon.js'
import { must } from '../world/process.js'
import { environmentOf, policyFile, type Candidate, type Place } from './candidates.js'
import { phases } from './compile-once.js'
import type { Part } from './part.js'
import { endpoint, offline } from './policies.js'
import { median, medianOf, ratio } from './samples.js'
import { realTime } from './scheduling.js'
import { cell } from './table.js'
import { single, timed } from './timed.js'

const base = 'node -e 0'
const cold = 'palisade, cold'
const compileTimes = 40
const processes = 10

/** Node reads the policy and looks at the host. */
export async function byNode(place: Place, rounds: number): Promise<Part> {
  const [plain, veth] = [await policyFile(place, 'offline', offline), await policyFile(place, 'endpoint', endpoint)]
  const candidates: readonly Candidate[] = [
    candidate(base, 'floor', () => [process.execPath, '-e', '0']),
    candidate(cold, 'palisade', (program) => [launcherPath(), '--no-plans', '--policy', plain, '--', program]),
    candidate('palisade+veth, cold', 'palisade', (program) => [
      launcherPath(),
      '--no-plans',
      '--policy',
      veth,
      '--',
      program,
    ]),
    candidate('compile', 'palisade', (program) => compiling(place, plain, 'cold', program)),
    candidate('compile +veth', 'palisade', (program) => compiling(place, veth, 'cold-veth', program)),
  ]
  const { samples, notes } = await timed(candidates, { ...single, rounds }, place)
  const times = candidates.map(({ name }) => {
    const time = medianOf(samples, name, '1')
    return [name, cell(time === null ? null : time / 1e6), cell(ratio(samples, name, base, '1'))]
  })
  const inside = [await inProcess(place, 'policy', plain), await inProcess(place, 'policy +veth', veth)]
  const value = ratio(samples, cold, base, '1')
  return {
    title: 'By Node',
    method: [
      'Whole processes, medians in ms; cold: the policy is read, the host looked at, the plan compiled, the program run.',
      'Then the parts of a compile within a process, in ms: the policy read, the host looked at, the plan compiled, and',
      `encoded; each the first time in a process, and later, of ${compileTimes} times.`,
    ].join('\n'),
    tables: [
      { head: ['process', 'ms', `x ${base}`], rows: times },
      { head: ['in process', ...phases.flatMap((phase) => [`${phase}, first`, 'later'])], rows: inside },
    ],
    panels: [
      {
        title: `by Node, x ${base}`,
        better: 'less',
        bars: candidates.map(({ name, who }) => {
          return { label: name, who, ratio: ratio(samples, name, base, '1'), goal: name === cold ? 1.25 : null }
        }),
      },
    ],
    goals: [{ what: `start of palisade for which nothing was compiled, x ${base}`, value, bound: { most: 1.25 } }],
    notes,
  }
}

function candidate(name: string, who: Candidate['who'], command: (program: string) => readonly string[]): Candidate {
  return { name, who, gives: '', every: 1, command: (program) => Promise.resolve(command(program)) }
}

function compiling({ directory }: Place, policy: string, name: string, program: string): readonly string[] {
  return [launcherPath(), 'compile', '--policy', policy, '-o', join(directory, `${name}.plan`), '--', program]
}

/** A row: for each phase the median of its first times, of several processes, and of all its later ones. */
async function inProcess(place: Place, name: string, policy: string): Promise<readonly string[]> {
  const times: (readonly string[])[] = []
  const prefix = await realTime()
  const script = join(import.meta.dirname, 'compile-once.js')
  for (let count = 0; count < processes; count += 1) {
    const command = [...prefix, process.execPath, script, policy, place.programs.program, `${compileTimes}`]
    const output = await must(command, environmentOf(place))
    times.push(
      ...output
        .trimEnd()
        .split('\n')
        .map((line) => line.split(' ')),
    )
  }
  const cells = phases.flatMap((phase) => {
    const own = times.filter(([, one]) => one === phase)
    const first = own.filter(([time]) => time === '0').map(([, , ms]) => Number(ms))
    const later = own.filter(([time]) => time !== '0').map(([, , ms]) => Number(ms))
    return [cell(median(first)), cell(median(later))]
  })
  return [name, ...cells]
}
