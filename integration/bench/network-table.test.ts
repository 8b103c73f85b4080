import t from 'tap'
import { ahead, floor, inOneLine, table, verdict, type Mode, type Sample } from './network-table.js'

/** Rounds of made-up numbers: one value a round. */
function measured(candidate: string, mode: Mode, values: readonly number[]): readonly Sample[] {
  return values.map((value, round) => ({ round, candidate, mode, value }))
}

/** The same value of every mode, rates in Gbit/s and times in us. */
function everywhere(candidate: string, rate: number, time: number): readonly Sample[] {
  const rates = (['up1', 'up4', 'down1'] as const).flatMap((mode) => measured(candidate, mode, [rate * 1e9]))
  const times = (['rr', 'crr'] as const).flatMap((mode) => measured(candidate, mode, [time * 1e3]))
  return [...rates, ...times]
}

t.test('network table: the floor in its units, the others as ratios, what failed as -', (t) => {
  const samples = [...everywhere(floor, 10, 40), ...measured('relay', 'up1', [8e9])]
  const [head = '', first = '', second = ''] = table(samples).split('\n')
  t.same(head.trim().split(/ +/), ['up1', 'up4', 'down1', 'rr', 'crr'])
  t.match(first, /^direct veth +10\.00 Gbit\/s +10\.00 Gbit\/s +10\.00 Gbit\/s +40\.0 us +40\.0 us$/)
  t.match(second, /^relay, x +0\.80 +- +- +- +-$/)
  t.end()
})

t.test('network table: one column as a line', (t) => {
  const samples = [...measured(floor, 'rr', [20e3, 20e3]), ...measured('relay', 'rr', [50e3, 50e3])]
  t.equal(inOneLine(samples, 'rr'), 'direct veth 20.0 us, relay x 2.50')
  t.end()
})

t.test('network table: of a rate a goal wants at least, of a time at most', (t) => {
  const samples = [...everywhere(floor, 10, 40), ...everywhere('relay', 8, 60)]
  const own = { candidate: 'relay', against: floor }
  t.equal(verdict(samples, { ...own, what: 'bulk', modes: ['up1'], bound: 0.8 }), 'bulk: up1 0.80 met\n')
  t.equal(verdict(samples, { ...own, what: 'bulk', modes: ['up1'], bound: 0.81 }), 'bulk: up1 0.80 missed\n')
  t.equal(verdict(samples, { ...own, what: 'time', modes: ['rr'], bound: 1.5 }), 'time: rr 1.50 met\n')
  t.equal(verdict(samples, { ...own, what: 'time', modes: ['rr'], bound: 1.3 }), 'time: rr 1.50 missed\n')
  t.equal(verdict(samples, { ...own, candidate: 'none', what: 'x', modes: ['rr'], bound: 1 }), 'x: rr not measured\n')
  t.end()
})

t.test('network table: ahead in every row, or in which rows not', (t) => {
  const samples = [...everywhere(floor, 10, 40), ...everywhere('relay', 8, 60)]
  t.equal(ahead([...samples, ...everywhere('peer', 5, 90)], 'relay', 'peer'), 'ahead of peer in every row: yes\n')
  t.equal(
    ahead([...samples, ...everywhere('peer', 5, 50)], 'relay', 'peer'),
    'ahead of peer in every row: no; not in rr, crr\n',
  )
  t.match(ahead(samples, 'relay', 'peer'), /no; not measured: up1, up4, down1, rr, crr/)
  t.end()
})

t.test('network table: an upload that stalls is named and not compared', (t) => {
  const slow = everywhere('peer', 9, 90).filter(({ mode }) => mode !== 'up1' && mode !== 'up4')
  const samples = [
    ...everywhere(floor, 10, 40),
    ...everywhere('relay', 8, 60),
    ...slow,
    ...measured('peer', 'up1', [0.1e9]),
    ...measured('peer', 'up4', [0.1e9]),
  ]
  t.equal(
    ahead(samples, 'relay', 'peer'),
    'ahead of peer in every row: no; not in down1; its upload stalls on this kernel and is not compared\n',
  )
  t.end()
})
