/**
 * Every system call that the launcher makes is made to fail, once with each of several errors, as root and as a user;
 * with names, datagrams and a published port, and without a network, once with the error that is likely there. Either the program never runs and a message says why, or the call is one of a short
 * reviewed list and the program finds every layer in force. Nothing is left behind in any case.
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { processes, type Call, type Process } from './faults/faults.js'
import { judge, type Verdict } from './faults/judge.js'
import { reviewed, reviewOf } from './faults/reviewed.js'
import { failing, makeSweep, trialsOf, type Plan, type SweepPolicy } from './faults/sweep.js'

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
  { name: 'a compiled plan', policy: { text: offline, children: ['init'] }, errors: 'likely', compared: true },
  {
    name: 'names and a published port',
    policy: { text: full, children: ['init', 'resolver', 'relay', 'publisher'] },
    errors: 'likely',
  },
] as const

const ofSupervisor = ['init', 'resolver', 'relay', 'publisher'] as const

t.setTimeout(600_000)
const sweep = await makeSweep()
const { world } = sweep.harness
const { tracer } = sweep.faults
t.teardown(() => sweep.harness.close())
const before = sweep.hostState()
const used = new Set<string>()

for (const uid of world.uids) {
  for (const { name, policy, errors, ...how } of plans) {
    t.test(`uid ${uid}, ${name}: a call that fails ends the launch, or is reviewed and harmless`, async (t) => {
      const make = (given: SweepPolicy): Promise<Plan> =>
        'compared' in how ? sweep.compared(uid, given, sweep.witness) : sweep.plan(uid, given, sweep.witness)
      const plan = await make(policy)
      // Two runs at a time cannot publish at one port.
      const beside = { ...policy, text: policy.text.replace('18000', '18001') }
      const planBeside = await make(beside)
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
    const plan = await sweep.plan(uid, { text: full, children: ofSupervisor }, sweep.witness)
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
    for (const process of processes) {
      const own = early.filter(({ call }) => call.process === process).map(({ call }) => call.name)
      t.same(seen.get(process)?.slice(0, own.length), own, process)
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
    // The sandboxee's last two calls, init's answer to them and its attempt.
    const handshake = [...lastOfSandboxee(calls), ...lastOfInit(calls)]
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

for (const uid of world.uids) {
  t.test(`uid ${uid}: an execve that a signal takes back is asked about again`, async (t) => {
    const plan = await sweep.plan(uid, { text: offline, children: ['init'] }, sweep.witness)
    const { calls } = await sweep.act(tracer, uid, plan, ['record'])
    const [received, sent] = calls.filter(({ process, name }) => process === 'init' && name === 'ioctl').slice(-2)
    for (const [call, what] of [
      [received, 'SECCOMP_IOCTL_NOTIF_RECV'],
      [sent, 'SECCOMP_IOCTL_NOTIF_SEND'],
    ] as const) {
      const at = ['nudge', 'init', String(call?.number), String(call?.nth), 'sandboxee']
      const run = await sweep.act(tracer, uid, plan, at)
      t.match(run, { status: 0, acted: true, executed: true, left: 0, stderr: '' }, what)
    }
  })
}

function lastOfSandboxee(calls: readonly Call[]): readonly Call[] {
  const own = calls.filter(({ process, name }) => process === 'sandboxee' && name !== 'close')
  return own.slice(own.findLastIndex(({ name }) => name === 'prctl')).slice(0, 2)
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

/**
 * Names of the calls of each process, the launcher's own execve left out. The supervisor tells its children, one after the
 * other; who else is there is the sandboxee, whenever init makes it.
 */
function parseStrace(text: string): ReadonlyMap<Process, readonly Call['name'][]> {
  const lines = text.split('\n').flatMap((line) => {
    const [, pid = '', rest = ''] = /^(\d+) +(.*)$/.exec(line) ?? []
    return pid === '' ? [] : [{ pid, rest }]
  })
  const supervisor = lines[0]?.pid
  const children = lines.flatMap(({ pid, rest }) =>
    pid === supervisor ? (/^(?:clone3\(|<\.\.\. clone3 resumed>).* = (\d+)$/.exec(rest)?.slice(1) ?? []) : [],
  )
  const namesOf = (own: string) =>
    lines.flatMap(({ pid, rest }) => (pid === own ? (/^(\w+)\(/.exec(rest)?.slice(1) ?? []) : []))
  return new Map(
    [...new Set(lines.map(({ pid }) => pid))].map((pid) => {
      if (pid === supervisor) return ['supervisor', namesOf(pid).slice(1)]
      return [ofSupervisor[children.indexOf(pid)] ?? 'sandboxee', namesOf(pid)]
    }),
  )
}
