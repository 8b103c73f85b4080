/** Every run of the matrix as tests, for whoever runs all tests; `npm run test:vm` shows the same with its progress. */
import t from 'tap'
import { runAndReport } from './report/report.js'
import { runs } from './runs.js'

const nothing = (): void => {}
const told = await runAndReport(runs, { begun: nothing, told: nothing, ended: nothing })
for (const { name, release, points, faults } of told.runs) {
  t.test(`${name} (Linux ${release})`, (t) => {
    t.same(faults, [], 'it went to its end')
    for (const { name, ok, skip, details } of points) {
      if (skip === null || !ok) t.ok(ok, name, { details })
      else t.pass(name, { skip })
    }
    t.end()
  })
}
