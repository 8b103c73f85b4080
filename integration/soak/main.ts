/**
 * `npm run soak [RUNS]`: that many runs through a pool, 100,000 by default, and a tenth of them by `Sandbox.run`. Prints what
 * was counted at the start and at the end; exit status 1: something has grown.
 */
import { rowsOf, tableOf } from './claims.js'
import { allCounters } from './counters.js'
import { soak, type Act, type Amounts } from './soak.js'
import { makeSubjects } from './subjects.js'

const runs = Number(process.argv[2] ?? 100_000)
const subjects = await makeSubjects()
try {
  await told(`pool.run, ${runs} times`, subjects.pool, runs)
  await told(`sandbox.run, ${runs / 10} times`, subjects.run, runs / 10)
} finally {
  await subjects.close()
}

async function told(title: string, act: Act, times: number): Promise<void> {
  const counters = allCounters()
  const rows = rowsOf(await soak(watched(title, act, times), subjects.bare, counters, amountsOf(times)), counters)
  process.stdout.write(tableOf(title, rows))
  if (rows.some(({ holds }) => !holds)) process.exitCode = 1
}

/** Says on standard error how far it is. */
function watched(title: string, act: Act, times: number): Act {
  let done = 0
  return async () => {
    await act()
    done += 1
    if (done % Math.ceil(times / 20) === 0) console.error(`${title}: ${done}`)
  }
}

/** `times` altogether. */
function amountsOf(times: number): Amounts {
  const window = Math.min(1000, Math.floor(times / 10))
  const warm = window
  return { warm, window, bulk: times - warm - 2 * window }
}
