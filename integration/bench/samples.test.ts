import t from 'tap'
import { median, medianOf, ratio, type Sample } from './samples.js'

/** Rounds of made-up numbers: one value a round. */
function measured(candidate: string, values: readonly number[], mode = 'start'): readonly Sample[] {
  return values.map((value, round) => ({ round, candidate, mode, value }))
}

t.test('samples: a median is the middle one, of two the upper one, of none null', (t) => {
  t.equal(median([30, 1, 2]), 2)
  t.equal(median([2, 1]), 2)
  t.equal(median([]), null)
  t.end()
})

t.test('samples: a ratio is the median of pairs of one round, not a ratio of medians', (t) => {
  const samples = [...measured('floor', [10, 20, 40]), ...measured('own', [9, 10, 36])]
  t.equal(ratio(samples, 'own', 'floor', 'start'), 0.9)
  t.equal(medianOf(samples, 'floor', 'start'), 20)
  t.end()
})

t.test('samples: a round in which one of the two was not measured does not count', (t) => {
  const samples = [...measured('floor', [10, 10]), ...measured('own', [20])]
  t.equal(ratio(samples, 'own', 'floor', 'start'), 2)
  t.equal(ratio(samples, 'own', 'nobody', 'start'), null)
  t.end()
})

t.test('samples: each mode by itself', (t) => {
  const samples = [...measured('own', [1], '1'), ...measured('own', [8], '8')]
  t.equal(medianOf(samples, 'own', '8'), 8)
  t.equal(ratio(samples, 'own', 'own', '4'), null)
  t.end()
})
