import t from 'tap'
import { cell, table } from './table.js'

t.test('table: numbers to the right, words to the left, each column as wide as its widest cell', (t) => {
  const rows = [
    ['floor', '1.00', '12 (0.5)', 'nothing'],
    ['palisade', '-', '-', '4 layers'],
  ]
  t.equal(
    table({ head: ['who', 'ms', 'rate', 'what'], rows }),
    [
      '| who      |   ms |     rate | what     |\n',
      '| -------- | ---: | -------: | -------- |\n',
      '| floor    | 1.00 | 12 (0.5) | nothing  |\n',
      '| palisade |    - |        - | 4 layers |\n',
    ].join(''),
  )
  t.end()
})

t.test('table: what was not measured is no number', (t) => {
  t.equal(cell(null), '-')
  t.equal(cell(1.255), '1.25')
  t.equal(cell(12.6, 0), '13')
  t.end()
})
