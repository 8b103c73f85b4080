import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { packageRoot } from '../../core/package-root.js'
import { allArches } from './arch.js'
import { openGrants } from './open-needs.js'
import {
  implicitNames,
  promiseDefinition,
  promiseNames,
  type Grant,
  type ImplicitPromise,
  type PromiseName,
} from './promises.js'
import { syscallTable } from './tables.js'

type Name = PromiseName | ImplicitPromise
const names: readonly Name[] = [...implicitNames, ...promiseNames]

/** Calls with whether a condition stands before them. */
type Calls = ReadonlyMap<string, 'whole' | 'conditional'>

const measured: ReadonlyMap<string, Calls> = new Map(
  readFileSync(join(packageRoot(), 'src/layers/seccomp/data/measured.tsv'), 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const [promise = '', calls = ''] = line.split('\t')
      const marked = calls.split(' ').map((call) => [call.replace('*', ''), call.endsWith('*')] as const)
      return [promise, new Map(marked.map(([call, isConditional]) => [call, isConditional ? 'conditional' : 'whole']))]
    }),
)

/** Rows of the first table: `promise call difference`. */
const reviewed = readFileSync(join(packageRoot(), 'docs/promises.md'), 'utf8')
  .split('Conditions that are there')[0]
  ?.split('\n')
  .flatMap((line) => {
    const [, promise, call, difference, why = ''] = line.split('|').map((cell) => cell.trim())
    const isRow = /^(?:added|left out|narrowed|widened)$/.test(difference ?? '')
    return isRow && why.length > 5 ? [`${promise} ${call} ${difference}`] : []
  })

function grantsOf(name: Name): readonly Grant[] {
  const opens = openGrants([name]).map(({ call, when }) =>
    when.length === 0 ? { calls: call } : { calls: call, when },
  )
  return [...promiseDefinition(name).grants, ...opens]
}

function callsOf(name: Name): Calls {
  const found = new Map<string, 'whole' | 'conditional'>()
  for (const grant of grantsOf(name)) {
    for (const call of grant.calls.split(' ')) {
      const isWhole = grant.when === undefined && grant.with === undefined
      if (isWhole || !found.has(call)) found.set(call, isWhole ? 'whole' : 'conditional')
    }
  }
  return found
}

t.test('promises: what differs from the measured calls is reviewed, and what is reviewed differs', (t) => {
  const differences = names.flatMap((name) => {
    const theirs = measured.get(name)
    if (theirs === undefined) return name === 'one-exec' ? [] : [`${name}: not measured`]
    const ours = callsOf(name)
    const left = [...theirs.keys()].filter((call) => !ours.has(call)).map((call) => `${name} ${call} left out`)
    const other = [...ours].flatMap(([call, kind]) => {
      const before = theirs.get(call)
      if (before === undefined) return [`${name} ${call} added`]
      return before === kind ? [] : [`${name} ${call} ${kind === 'whole' ? 'widened' : 'narrowed'}`]
    })
    return [...left, ...other]
  })
  t.ok(measured.size > 40, 'the measured calls are read')
  t.same(differences.toSorted(), reviewed?.toSorted(), 'docs/promises.md has exactly these')
  t.end()
})

t.test('promises: no condition stands beside a grant of the same promise that makes it void', (t) => {
  for (const name of names) {
    const grants = grantsOf(name)
    const whole = new Set(grants.filter((grant) => grant.when === undefined && grant.with === undefined).flatMap(words))
    const undone = grants
      .filter((grant) => grant.when !== undefined)
      .flatMap(words)
      .filter((call) => whole.has(call))
    t.same(undone, [], name)
  }
  t.end()
})

t.test('promises: each spelling of a call is granted where its kin is', (t) => {
  // What differs in width or generation and does the same; a program changes its choice with its libc.
  const kin: readonly (readonly string[])[] = [
    ['clock_gettime', 'clock_gettime64'],
    ['clock_nanosleep', 'clock_nanosleep_time64'],
    ['futex', 'futex_time64'],
    ['ppoll', 'ppoll_time64'],
    ['pselect6', 'pselect6_time64'],
    ['timerfd_settime', 'timerfd_settime64'],
    ['timer_settime', 'timer_settime64'],
    ['rt_sigtimedwait', 'rt_sigtimedwait_time64'],
    ['recvmmsg', 'recvmmsg_time64'],
    ['mq_timedsend', 'mq_timedsend_time64'],
    ['semtimedop', 'semtimedop_time64'],
    ['io_pgetevents', 'io_pgetevents_time64'],
    ['sched_rr_get_interval', 'sched_rr_get_interval_time64'],
    ['utimensat', 'utimensat_time64'],
    ['clock_settime', 'clock_settime64'],
    ['clock_adjtime', 'clock_adjtime64'],
    ['mmap', 'mmap2'],
    ['fcntl', 'fcntl64'],
    ['newfstatat', 'fstatat64'],
    ['stat', 'stat64'],
    ['fchmodat', 'fchmodat2'],
    ['epoll_wait', 'epoll_pwait', 'epoll_pwait2'],
    ['eventfd', 'eventfd2'],
    ['pipe', 'pipe2'],
    ['chown', 'chown32'],
    ['setuid', 'setuid32'],
    ['select', '_newselect'],
    ['sendfile', 'sendfile64'],
  ]
  for (const name of promiseNames) {
    const calls = callsOf(name)
    for (const group of kin) {
      const granted = group.filter((call) => calls.has(call))
      if (granted.length > 0) t.same(granted, group, `${name}: ${group.join(' ')}`)
    }
  }
  t.end()
})

t.test('promises: a call that no promise grants is one that nobody should make', (t) => {
  const granted = new Set(names.flatMap((name) => [...callsOf(name).keys()]))
  const known = new Set(allArches.flatMap((arch) => [...syscallTable(arch).byName.keys()]))
  const left = [...known].filter((call) => !granted.has(call)).toSorted()
  t.same(left, [...(measured.get('none')?.keys() ?? [])])
  t.end()
})

function words({ calls }: Grant): readonly string[] {
  return calls.split(' ')
}
