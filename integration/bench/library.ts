/** What a run of the library costs in a process of Node, against spawn() of the same program, and of bubblewrap. */
import { setTimeout as passes } from 'node:timers/promises'
import type { Place } from './candidates.js'
import { poolSize, runners, type Runner, type RunnerKind } from './library-runners.js'
import type { Part } from './part.js'
import type { Bar } from './plot.js'
import { medianOf, ratio, type Sample } from './samples.js'
import { cell } from './table.js'
import { batches, levels, rateTable } from './throughput.js'

/** `runs`: of each candidate in each of the batches. */
export async function library({ programs: { program } }: Place, runs: number): Promise<Part> {
  const single = await oneAtATime(program, Math.ceil(runs / 3))
  const rates = await severalAtATime(program, runs)
  const bars = (samples: readonly Sample[], base: string, mode: string, goal: number): readonly Bar[] =>
    runners.map(({ name, who }) => {
      return { label: name, who, ratio: ratio(samples, name, base, mode), goal: name === 'pool.run' ? goal : null }
    })
  return {
    title: 'The library',
    method: [
      'In one process of Node, in the normal class. The first table has single runs with a pause before each, in which a',
      `pool stands again. The second has runs a second as above. The pool keeps ${poolSize}, and its quarter that is not counted`,
      'goes over into the batch without a pause: within the time as many worlds are made as are used.',
    ].join('\n'),
    tables: [
      {
        head: ['one at a time', 'ms', 'x spawn', 'x bubblewrap'],
        rows: runners.map(({ name }) => {
          const ratios = ['spawn', 'bubblewrap'].map((base) => cell(ratio(single, name, base, 'single')))
          return [name, cell(medianOf(single, name, 'single')), ...ratios]
        }),
      },
      rateTable(
        'runs/s',
        runners.map(({ name }) => ({ name, runs: batches * runs })),
        rates,
        'bubblewrap',
      ),
    ],
    panels: [
      { title: 'library: a single run, x spawn', better: 'less', bars: bars(single, 'spawn', 'single', 1.5) },
      {
        title: 'library: runs a second, 4 at a time, x bubblewrap by spawn',
        better: 'more',
        bars: bars(rates, 'bubblewrap', '4', 2.4),
      },
    ],
    goals: [
      { what: 'pool.run, x spawn', value: ratio(single, 'pool.run', 'spawn', 'single'), bound: { most: 1.5 } },
      {
        what: 'runs a second of pool.run, 4 at a time, x bubblewrap by spawn',
        value: ratio(rates, 'pool.run', 'bubblewrap', '4'),
        bound: { least: 2.4 },
      },
    ],
    notes: [],
  }
}

/** Milliseconds. */
async function oneAtATime(program: string, rounds: number): Promise<readonly Sample[]> {
  const samples: Sample[] = []
  const all = await Promise.all(runners.map(async ({ name, open }) => ({ name, runner: await open(program) })))
  try {
    for (let round = 0; round < rounds; round += 1) {
      for (const { name: candidate, runner } of all) {
        // Whatever the one before has left to do, worlds of the pool included.
        await passes(50)
        const start = performance.now()
        await runner.run()
        samples.push({ round, candidate, mode: 'single', value: performance.now() - start })
      }
    }
    return samples
  } finally {
    await Promise.all(all.map(({ runner }) => runner[Symbol.asyncDispose]()))
  }
}

async function severalAtATime(program: string, runs: number): Promise<readonly Sample[]> {
  const samples: Sample[] = []
  for (const level of levels) {
    for (let round = 0; round < batches; round += 1) {
      for (const candidate of round % 2 === 0 ? runners : runners.toReversed()) {
        const value = await rate(candidate, program, runs, level)
        samples.push({ round, candidate: candidate.name, mode: `${level}`, value })
      }
    }
  }
  return samples
}

/** Runs a second, after a quarter as many that are not counted: what stood ready at first is used up by then. */
async function rate({ open }: RunnerKind, program: string, runs: number, atOnce: number): Promise<number> {
  await using runner = await open(program)
  await work(runner, Math.floor(runs / 4), atOnce)
  const start = performance.now()
  await work(runner, runs, atOnce)
  return (runs / (performance.now() - start)) * 1000
}

async function work({ run }: Runner, runs: number, atOnce: number): Promise<void> {
  let left = runs
  const worker = async (): Promise<void> => {
    for (; left > 0;) {
      left -= 1
      await run()
    }
  }
  await Promise.all(Array.from({ length: atOnce }, worker))
}
