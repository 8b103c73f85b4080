import t from 'tap'
import { goalTable, judge } from './goals.js'

for (const [bound, value, expected] of [
  [{ most: 1.15 }, 1.15, 'met'],
  [{ most: 1.15 }, 1.1501, 'missed'],
  [{ least: 2.4 }, 2.4, 'met'],
  [{ least: 2.4 }, 2.3999, 'missed'],
  [{ least: 2.4 }, null, 'not measured'],
  [{ most: 2.4 }, Number.NaN, 'not measured'],
] as const) {
  t.test(`goals: ${JSON.stringify(bound)}, measured ${value}: ${expected}`, (t) => {
    t.equal(judge({ what: 'x', value, bound }), expected)
    t.end()
  })
}

t.test('goals: a line for each, with what was wanted', (t) => {
  const lines = goalTable([
    { what: 'start', value: 1.2, bound: { most: 1.1 } },
    { what: 'rate', value: null, bound: { least: 2 } },
  ]).split('\n')
  t.match(lines[2], /^\| start +\| +1\.200 \| at most 1\.1 +\| missed +\|$/)
  t.match(lines[3], /^\| rate +\| +- \| at least 2 +\| not measured \|$/)
  t.end()
})
