/**
 * Every system call that the launcher makes is made to fail, once with each of several errors, as root and as a user;
 * with names, datagrams and a published port, and without a network, once with the error that is likely there. Either the program never runs and a message says why, or the call is one of a short
 * reviewed list and the program finds every layer in force. Nothing is left behind in any case.
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import type { Call } from './faults/faults.js'
import { judge, type Verdict } from './faults/judge.js'
import { reviewed, reviewOf } from './faults/reviewed.js'
import { failing, makeSweep, trialsOf } from './faults/sweep.js'

const offline = `version: 1
name: sweep
filesystem: { read: [/usr], tmp: 1M }
syscalls: { promises: [stdio, rpath, wpath, cpath, inet] }
limits: { wall: 60s, files: 64 }
`
const online = `${offline}network: { egress: [{ host: 203.0.113.10, port: 443 }], loopback: true }\n`
const full = `${offline}network:
  egress:
    - { host: api.example.test, port: 443, tls: required }
    - { host: "2001:db8::10", port: 53, protocol: udp }
  dns: stub
  listen: [{ port: 8000, publish: 18000 }]
`
const plans = [
  { name: 'no network', policy: { text: offline, children: ['init'] }, errors: 'likely' },
  { name: 'one endpoint', policy: { text: online, children: ['init', 'relay'] }, errors: 'all' },
  {
    name: 'names and a published port',
    policy: { text: full, children: ['init', 'resolver', 'relay', 'publisher'] },
    errors: 'likely',
  },
] as const

const order = ['init', 'resolver', 'relay', 'publisher', 'sandboxee'] as const

t.setTimeout(600_000)
const sweep = await makeSweep()
const { world } = sweep.harness
const { tracer } = sweep.faults
t.teardown(() => sweep.harness.close())
const before = sweep.hostState()
const used = new Set<string>()

for (const uid of world.uids) {
  for (const { name, policy, errors } of plans) {
    t.test(`uid ${uid}, ${name}: a call that fails ends the launch, or is reviewed and harmless`, async (t) => {
      const plan = await sweep.plan(uid, policy, sweep.witness)
      // Two runs at a time cannot publish at one port.
      const beside = { ...policy, text: policy.text.replace('18000', '18001') }
      const planBeside = await sweep.plan(uid, beside, sweep.witness)
      const sound = await sweep.act(tracer, uid, plan, ['record'])
      t.match(sound, { status: 0, executed: true, left: 0, stderr: '' }, 'control: without a failure it runs')
      t.match(sound.stdout, /^witness\n[^]*NoNewPrivs:\t1\n[^]*Seccomp:\t2\n[^]*connect elsewhere: /)
      const trials = trialsOf(sound.calls, errors)
      const verdicts = await inPairs(trials, [plan, planBeside], async (trial, plan): Promise<Verdict> => {
        const verdict = judge(trial, await sweep.act(tracer, uid, plan, failing(trial)), sound)
        const review = reviewOf(trial.call, trial.error)
        if (review !== undefined && verdict !== 'refused' && verdict !== 'late') used.add(review.why)
        return sweep.hostState() === before ? verdict : { problem: `${trial.call.name} left a mount or a device` }
      })
      t.same(problems(verdicts), [])
      t.ok(count(verdicts, 'refused') > trials.length / 2, 'most failures are refusals')
      const kinds = (['refused', 'in force', 'told by another', 'late'] as const).map(
        (kind) => `${count(verdicts, kind)} ${kind}`,
      )
      t.comment(`${sound.calls.length} calls, ${trials.length} failures: ${kinds.join(', ')}`)
    })
  }

  t.test(`uid ${uid}: the calls that are made to fail are those that strace sees`, async (t) => {
    const plan = await sweep.plan(uid, { text: full, children: order.slice(0, -1) }, sweep.witness)
    const sound = await sweep.act(tracer, uid, plan, ['record'])
    const to = join(sweep.harness.own(uid), 'strace')
    const command = [
      'sh',
      '-c',
      'exec env -i strace -f -qq -o "$1" "$2" --plan-descriptor 3 3<"$3"',
      'sh',
      to,
      sweep.launcher,
      plan.file,
    ]
    const { code, stderr } = await world.run(command, { uid })
    t.equal(code, 0, stderr)
    const seen = parseStrace(await readFile(to, 'utf8'))
    const early = trialsOf(sound.calls, 'likely').filter(({ when }) => when === 'before')
    t.ok(early.length > 400, `${early.length} calls`)
    for (const [index, process] of (['supervisor', ...order] as const).entries()) {
      const own = early.filter(({ call }) => call.process === process).map(({ call }) => call.name)
      t.same(seen[index]?.slice(0, own.length), own, process)
    }
  })
}

t.test('every entry of the reviewed list is needed', (t) => {
  t.same(
    reviewed.map(({ why }) => why).filter((why) => !used.has(why)),
    [],
  )
  t.end()
})

for (const uid of world.uids) {
  t.test(`uid ${uid}: a launch that cannot be watched for kills is no launch`, async (t) => {
    const text = offline.replace('promises:', 'denied: kill, promises:')
    const plan = await sweep.plan(uid, { text, children: ['init'] }, sweep.witness, 2)
    // Whoever traces already keeps init from tracing.
    const { calls, ...watched } = await sweep.act(tracer, uid, plan, ['record'])
    t.match(watched, { status: 125, stdout: '', left: 0 })
    t.match(
      watched.stderr,
      /^sandbox-exec: syscalls\.denied: report\.watch-kills: ptrace: EPERM\n{"policy":.*"errno":"EPERM"/,
    )
    // The sandboxee's two calls so far, init's answer to them and its attempt.
    const handshake = [...firstOfSandboxee(calls), ...lastOfInit(calls)]
    t.same(
      handshake.map(({ name }) => name),
      ['prctl', 'sendmsg', 'recvmsg', 'ptrace'],
    )
    for (const call of handshake) {
      const run = await sweep.act(tracer, uid, plan, failing({ call, error: 'EIO', when: 'before' }))
      t.match(run, { status: 125, stdout: '', left: 0 }, call.name)
      t.match(run.stderr, new RegExp(`^sandbox-exec: syscalls\\.denied: report\\.watch-kills: ${call.name}: EIO\n`))
    }
  })
}

function firstOfSandboxee(calls: readonly Call[]): readonly Call[] {
  return calls.filter(({ process, name }) => process === 'sandboxee' && name !== 'close').slice(0, 2)
}

function lastOfInit(calls: readonly Call[]): readonly Call[] {
  const own = calls.filter(({ process }) => process === 'init')
  return own.slice(own.findIndex(({ name }) => name === 'ptrace') - 1).slice(0, 2)
}

/** Two at a time, each with an own one of `pair`. */
async function inPairs<A, B, C>(
  list: readonly A[],
  pair: readonly [B, B],
  act: (item: A, own: B) => Promise<C>,
): Promise<readonly C[]> {
  const results: C[] = []
  const left = list.entries()
  const work = async (own: B): Promise<void> => {
    for (const [index, item] of left) results[index] = await act(item, own)
  }
  await Promise.all(pair.map(work))
  return results
}

function problems(verdicts: readonly Verdict[]): readonly string[] {
  return verdicts.flatMap((verdict) => (typeof verdict === 'string' ? [] : [verdict.problem]))
}

function count(verdicts: readonly Verdict[], kind: string): number {
  return verdicts.filter((verdict) => verdict === kind).length
}

/** Names of the calls of each process, in the order in which the processes appear; the launcher's own execve left out. */
function parseStrace(text: string): readonly (readonly Call['name'][])[] {
  const lines = text.split('\n').flatMap((line) => {
    const [, pid = '', name = ''] = /^(\d+) +(\w+)\(/.exec(line) ?? []
    return name === '' ? [] : [{ pid, name }]
  })
  const pids = [...new Set(lines.map(({ pid }) => pid))]
  return pids.map((own, index) => {
    const names = lines.filter(({ pid }) => pid === own).map(({ name }) => name)
    return index === 0 ? names.slice(1) : names
  })
}
