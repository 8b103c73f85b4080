/**
 * Makes the calls of every promise in real processes: within each condition, just outside of it, and without the
 * promise. An allowed call fails by itself, with an error that no marked filter gives (samples.ts, marks.ts).
 */
import t from 'tap'
import { encodeProgram } from '../../src/layers/seccomp/code/bpf.js'
import { promiseNames } from '../../src/layers/seccomp/promises.js'
import { compileFilter } from '../../src/layers/seccomp/seccomp.js'
import { buildCaller, entries, skipOf } from './calls.js'
import { changedOf, notAsked, notMade, passedOf, refusedOf, unknownNumbers, x32Numbers } from './live.js'
import { markedProgram, printed } from './marks.js'
import { callsOf, granting, meaningWith, refusedBy, without } from './requests.js'
import { sampleText } from './samples.js'

const caller = buildCaller()
t.teardown(() => caller[Symbol.dispose]())

const allowAll = encodeProgram([{ code: 0x06, jt: 0, jf: 0, k: 0x7fff0000 }])

/** Their calls are all granted by other promises too: what they add is that those others need not be promised. */
const contained = ['dpath', 'tmppath', 'inet_client', 'inet_server', 'dns', 'sendfd', 'recvfd', 'ps', 'vminfo']

for (const entry of entries) {
  t.test(
    `${entry.name}: promises let what they grant through to the kernel, and nothing beside it`,
    { skip: skipOf(entry) },
    (t) => {
      for (const { promises, by } of granting) {
        const name = promises.length === 0 ? 'no promise' : promises.join(' + ')
        const meaning = meaningWith(promises, 'x86_64')
        const { inside, outside } = callsOf(meaning, entry.arch, by)
        const marked = markedProgram(meaning)
        t.ok(inside.length > 0, `${name}: ${inside.length} calls inside, ${outside.length} outside`)
        t.same(refusedOf(caller, marked, entry, inside), [], `${name}: what it grants reaches the kernel`)
        t.same(changedOf(caller, marked, allowAll, entry, inside), [], `${name}: and gets the kernel's own answer`)
        t.same(
          passedOf(caller, { program: marked, answers: 'marked' }, entry, outside),
          [],
          `${name}: the rest does not`,
        )
        const { program } = compileFilter({ arch: 'x86_64', promises, denied: 'EPERM' })
        const plain = passedOf(caller, { program, answers: 'plain' }, entry, outside)
        t.same(plain, [], `${name}: the rest gets the answers of the policy`)
      }
      t.end()
    },
  )

  t.test(
    `${entry.name}: without a promise its calls are refused, alone and among all others`,
    { skip: skipOf(entry) },
    (t) => {
      const none = meaningWith([], 'x86_64')
      const nothing = { program: markedProgram(none), answers: 'marked' } as const
      for (const taken of promiseNames) {
        const { inside } = callsOf(meaningWith([taken], 'x86_64'), entry.arch, new Set([taken]))
        const refused = refusedBy(none, entry.arch, inside)
        t.ok(refused.length > 0, `${taken} grants something that no policy has by itself`)
        t.same(passedOf(caller, nothing, entry, refused), [], `${taken}: no promise at all`)
        const rest = meaningWith(without(taken), 'x86_64')
        const own = refusedBy(rest, entry.arch, inside)
        t.equal(own.length === 0, contained.includes(taken), `${taken}: ${own.length} calls are its own`)
        const others = { program: markedProgram(rest), answers: 'marked' } as const
        t.same(passedOf(caller, others, entry, own), [], `${taken}: all others`)
      }
      t.end()
    },
  )

  t.test(`${entry.name}: control: without the filter no call gets its answers`, { skip: skipOf(entry) }, (t) => {
    const outside = granting.flatMap(({ promises, by }) => {
      return callsOf(meaningWith(promises, 'x86_64'), entry.arch, by).outside
    })
    const once = [...new Map(outside.map((sample) => [sampleText(sample), sample])).values()]
    t.same(refusedOf(caller, allowAll, entry, once), [], `${once.length} calls`)
    t.end()
  })

  t.test(
    `${entry.name}: where denied calls kill, each known call without a promise does or is tried for`,
    { skip: skipOf(entry) },
    (t) => {
      const { outside } = callsOf(meaningWith([], 'x86_64', 'kill'), entry.arch, new Set())
      const { program } = compileFilter({ arch: 'x86_64', promises: [], denied: 'kill' })
      t.ok(outside.filter(({ answer }) => answer === 'kill_process').length > 300)
      t.same(passedOf(caller, { program, answers: 'plain' }, entry, outside), [])
      t.end()
    },
  )

  t.test(
    `${entry.name}: what refuses nobody refuses the user of the test too, root or not`,
    { skip: skipOf(entry) },
    (t) => {
      const meaning = meaningWith([], 'x86_64')
      const { outside } = callsOf(meaning, entry.arch, new Set())
      const filter = { program: markedProgram(meaning), answers: 'marked', user: 'caller' } as const
      t.same(passedOf(caller, filter, entry, outside), [])
      t.end()
    },
  )

  t.test(
    `${entry.name}: numbers that no call has are unknown, and x32 numbers of every kind refused`,
    { skip: skipOf(entry) },
    (t) => {
      const meaning = meaningWith(promiseNames, 'x86_64')
      const answers = (numbers: readonly number[]): readonly string[] => {
        return [...new Set(caller.make(markedProgram(meaning), 'together', entry, numbers.map(String)))]
      }
      t.same(answers(unknownNumbers(entry)), [printed({ errno: 'ENOSYS' }, 'marked')], 'unknown')
      // To the 32-bit table these are unknown numbers like others.
      t.same(answers(x32Numbers()), [printed({ errno: 'ENOSYS' }, 'marked')], 'x32, -1')
      if (entry.arch === 'x86_64') {
        const { program } = compileFilter({ arch: 'x86_64', promises: promiseNames, denied: 'kill' })
        const some = [0x4000_0000, 0x4000_0027, 0x4000_0208, 0xffff_ffff].map(String)
        t.same(
          caller.make(program, 'alone', entry, some),
          some.map(() => 'killed 31'),
          'x32, -1 where denied calls kill',
        )
        const control = caller.make(allowAll, 'alone', entry, some)
        t.notOk(control.includes('killed 31'), `control: without the filter ${control.join(', ')}`)
      }
      t.end()
    },
  )
}

t.test('every call of every promise is made, except those that say why not', (t) => {
  for (const entry of entries) {
    const names = granting.flatMap(({ promises, by }) => {
      return callsOf(meaningWith(promises, 'x86_64'), entry.arch, by).inside.map(({ call }) => call.name)
    })
    t.same(
      [...notMade.keys()].filter((name) => !names.includes(name)),
      [],
      'an exception is granted somewhere',
    )
  }
  // A kernel older than the call, or than its exception, asks: then the mark comes back.
  const native = entries[0]
  const { outside } = callsOf(meaningWith([], 'x86_64'), 'x86_64', new Set())
  const exempt = outside.filter(({ call }) => notAsked.includes(call.name))
  t.equal(exempt.length, notAsked.length)
  const program = markedProgram(meaningWith([], 'x86_64'))
  for (const line of caller.make(
    program,
    'alone',
    native,
    exempt.map(({ call }) => `${call.number}`),
  )) {
    t.match(line, new RegExp(`^(?:failed 6|killed (?:4|11)|${printed({ errno: 'EPERM' }, 'marked')})$`))
  }
  t.end()
})
