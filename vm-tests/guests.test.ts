/** Every run of the matrix as tests, for whoever runs all tests; `npm run test:vm` shows the same with its progress. */
import t from 'tap'
import { runAll } from './run-all.js'
import { runs } from './runs.js'

const nothing = (): void => {}
const results = await runAll(runs, { begun: nothing, told: nothing, ended: nothing })
for (const { run, release, points, faults } of results) {
  t.test(`${run.name} (Linux ${release})`, (t) => {
    t.same(faults, [], 'it went to its end')
    for (const { name, ok, skip, details } of points) {
      if (skip === null || !ok) t.ok(ok, name, { details })
      else t.pass(name, { skip })
    }
    t.end()
  })
}
