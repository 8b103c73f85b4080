import t from 'tap'
import { Judge, matrixPoints, skipPoint } from './judge.js'
import { guests } from './matrix.js'

const whole = [
  'TAP version 14',
  '1..2',
  '# fact landlock 6 7',
  '# layer network',
  'ok 1 - one',
  '# layer seccomp',
  'ok 2 - two # SKIP not here',
  '# guest ended with 0',
]
const ended = { kind: 'ended' } as const

function judged(lines: readonly string[], ending: Parameters<Judge['verdict']>[0] = ended, text = '') {
  const judge = new Judge()
  for (const line of lines) judge.hear(line)
  return judge.verdict(ending, text)
}

t.test('a guest that told its plan, all points and its end has no fault', (t) => {
  const { points, faults, facts } = judged(whole)
  t.same(faults, [])
  t.same(points, [
    { layer: 'network', name: 'one', ok: true, skip: null, details: '' },
    { layer: 'seccomp', name: 'two', ok: true, skip: 'not here', details: '' },
  ])
  t.equal(facts.get('landlock'), '6 7')
  t.end()
})

const cases = [
  ['died before its first line', [], ended, '', ['it told no plan', 'it did not come to its end']],
  ['lost its end', whole.slice(0, -1), ended, '', ['it did not come to its end']],
  [
    'lost a point',
    whole.filter((line) => !line.startsWith('ok 1')),
    ended,
    '',
    ['its point 1 has the number 2', 'it told 1 of 2 points'],
  ],
  ['whose program failed', [...whole.slice(0, -1), '# guest ended with 3'], ended, '', ['its program ended with 3']],
  [
    'that panicked after its last point',
    whole,
    ended,
    '[ 1.0] x\n[ 2.0] Kernel panic - not syncing: dead\n[ 3.0] y\n',
    ['the kernel says: [ 2.0] Kernel panic - not syncing: dead'],
  ],
  [
    'whose init could not do something',
    whole,
    ended,
    'x\nguest: load /modules/001-veth.ko: Invalid argument\r\n',
    ['its init says: guest: load /modules/001-veth.ko: Invalid argument'],
  ],
  [
    'that hung',
    whole.slice(0, 5),
    { kind: 'limit', which: 'cpu' },
    '',
    ['ended by us: over its limit of cpu', 'it told 1 of 2 points', 'it did not come to its end'],
  ],
  [
    'with points before its first layer',
    whole.filter((line) => line !== '# layer network'),
    ended,
    '',
    ['1 points belong to no layer; the first: one'],
  ],
  [
    'that names a layer which there is not',
    whole.map((line) => line.replace('seccomp', 'secomp')),
    ended,
    '',
    ['it names a layer that there is not: secomp', '1 points belong to no layer; the first: two'],
  ],
  [
    'with failed points behind a plan in the middle',
    ['# layer network', 'ok 1 - a', '1..1', 'not ok 2 - b', '# guest ended with 0'],
    ended,
    '',
    ['it told 2 of 1 points'],
  ],
  ['with a second plan', [...whole.slice(0, 2), ...whole.slice(1)], ended, '', ['it told a second plan: 1..2']],
  [
    'that told one point twice in place of another',
    whole.map((line) => line.replace('ok 2', 'ok 1')),
    ended,
    '',
    ['its point 2 has the number 1'],
  ],
  [
    'with a point that has no number or no name',
    whole.map((line) => line.replace('ok 1 - one', 'ok')),
    ended,
    '',
    ['it told a point without its number or name: ok', 'its point 1 has the number 2', 'it told 1 of 2 points'],
  ],
  [
    'with a subtest that failed',
    [...whole.slice(0, 4), '    not ok 1 - inner', ...whole.slice(4)],
    ended,
    '',
    ['it said what is no result:     not ok 1 - inner'],
  ],
  [
    'that goes on behind its end',
    [...whole, 'not ok 3 - three', '# guest ended with 0'],
    ended,
    '',
    ['it went on behind its end: not ok 3 - three', 'it went on behind its end: # guest ended with 0'],
  ],
  [
    'whose details have no end',
    [...whole.slice(0, 4), 'not ok 1 - one', '  ---', '  found: |', ...whole.slice(5)],
    ended,
    '',
    ['it did not finish the details of a point: # layer seccomp'],
  ],
  [
    'that ends within details',
    [...whole.slice(0, 6), 'not ok 2 - two', '  ---', '  found: |'],
    ended,
    '',
    ['it did not finish the details of its last point', 'it did not come to its end'],
  ],
  [
    'that gave up',
    [...whole.slice(0, 5), 'Bail out! usage: Success', ...whole.slice(5)],
    ended,
    '',
    ['it gave up: usage: Success'],
  ],
  [
    'that says more than it is asked',
    [...whole.slice(0, 5), ...Array.from({ length: 20 }, () => 'hm'), ...whole.slice(5)],
    ended,
    '',
    [...Array.from({ length: 8 }, () => 'it said what is no result: hm'), 'and 12 more of its lines are wrong'],
  ],
] as const

for (const [what, lines, ending, text, faults] of cases) {
  t.test(`a guest ${what} has a fault, whatever QEMU's status`, (t) => {
    t.same(judged(lines, ending, text).faults, faults)
    t.end()
  })
}

for (const text of [
  'kernel BUG at mm/slub.c:123!',
  'Oops: 0000 [#1] PREEMPT SMP',
  'invalid opcode: 0000 [#1] PREEMPT SMP NOPTI',
  'general protection fault, probably for non-canonical address',
  'Internal error: synchronous external abort: 96000210 [#1] SMP',
  'Unable to handle kernel NULL pointer dereference at virtual address 0',
  'WARNING: CPU: 0 PID: 1 at kernel/x.c:1 f+0x1/0x2',
  'rcu: INFO: rcu_sched self-detected stall on CPU',
  'INFO: task init:1 blocked for more than 120 seconds.',
]) {
  t.test(`a kernel that says "${text}" is at fault`, (t) => {
    t.same(judged(whole, ended, `[ 1.0] Linux\n[ 2.0] ${text}\n`).faults, [`the kernel says: [ 2.0] ${text}`])
    t.same(judged(whole, ended, '[ 1.0] Linux\n').faults, [], 'control')
    t.end()
  })
}

t.test('a point is of the last layer named above it, whatever stands in what it found', (t) => {
  const failing = ['not ok 1 - one', '  ---', '  found: |', '    # layer seccomp', '  ...']
  const { points } = judged([
    '1..3',
    '# layer network',
    ...failing,
    'ok 2 - two',
    '# layer landlock',
    'ok 3 - three',
    '# layer process',
  ])
  t.same(
    points.map(({ layer }) => layer),
    ['network', 'network', 'landlock'],
  )
  t.end()
})

t.test('a failed point keeps what was expected and found', (t) => {
  const { points } = judged([
    '1..1',
    '# layer network',
    'not ok 1 - one',
    '  ---',
    '  expected: |',
    '    a',
    '  found: |',
    '    b',
    '  ...',
  ])
  t.equal(points[0]?.ok, false)
  t.equal(points[0]?.details, 'expected: |\n  a\nfound: |\n  b')
  t.end()
})

t.test('a kernel other than the reviewed one is a failure', (t) => {
  const guest = guests[0]
  if (guest === undefined) throw new Error('no guest')
  const facts = new Map([
    ['release', '6.1.0-50-cloud-amd64'],
    ['machine', 'x86_64'],
    ['landlock', '2 0'],
  ])
  t.same(
    matrixPoints(guest, facts).filter(({ ok }) => !ok),
    [],
  )
  const older = matrixPoints(guest, new Map([...facts, ['landlock', '1 0']]))
  t.same(
    older.filter(({ ok }) => !ok).map(({ details }) => details),
    ['expected ABI and errata 2 0, found 1 0'],
  )
  t.end()
})

t.test('a skip that nobody expects is a failure, and so is an expected one that did not come', (t) => {
  const [some] = guests
  if (some === undefined) throw new Error('no guest')
  const guest = { ...some, skips: { command: { 'no such call': 2 } } }
  const skipped = { layer: 'seccomp', name: 'one', ok: true, skip: 'no such call', details: '' } as const
  t.ok(skipPoint(guest, 'command', [skipped, skipped]).ok)
  t.equal(skipPoint(guest, 'command', []).details, 'no such call: 0 skipped, 2 expected')
  t.equal(skipPoint(guest, 'native', [skipped]).details, 'no such call: 1 skipped, 0 expected')
  t.equal(skipPoint(some, 'command', [skipped]).details, 'no such call: 1 skipped, 0 expected')
  t.end()
})
