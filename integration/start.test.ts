/** What the program starts with, how it ends, and what the caller sees of both. */
import { readdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { answerOf } from './probes/probes.js'
import { makeHarness } from './run.js'
import { addresses } from './world/addresses.js'

const harness = await makeHarness()
const { world, probes } = harness
const uid0 = world.uids.includes(0)
const plain = `version: 1
name: plain
syscalls: { promises: [stdio, rpath, proc, threads] }
`
/** What dynamic programs of the host need. */
const programs = `${plain}filesystem: { read: [/usr] }
`

for (const uid of world.uids) {
  const probe = (policy: string, act: readonly string[], options = {}) =>
    harness.sandboxed({ text: policy }, [probes.glibc, ...act], { uid, ...options })
  const free = (act: readonly string[], options = {}) => world.run([probes.glibc, ...act], { uid, ...options })

  t.test(`uid ${uid}: the program has no capability, no way to new ones, a filter and its own session`, async (t) => {
    const { stdout, stderr } = await probe(plain, ['credentials'])
    for (const set of ['CapInh', 'CapPrm', 'CapEff', 'CapBnd', 'CapAmb']) {
      t.match(stdout, new RegExp(`^${set}:\\s+0000000000000000$`, 'm'), `${set} ${stderr}`)
    }
    t.match(stdout, /^NoNewPrivs:\s+1$/m)
    t.match(stdout, /^Seccomp:\s+2$/m)
    t.match(stdout, /^Groups:\s*$/m)
    t.match(stdout, new RegExp(`^Uid:\\s+${harness.programUid(uid)}\\s`, 'm'))
    t.match(stdout, /leader 1$/m)
    t.match((await free(['credentials'])).stdout, /^NoNewPrivs:\s+0$/m, 'control')
  })

  t.test(`uid ${uid}: seen from the host, the program is no root`, async (t) => {
    const running = world.start(
      [...harness.command, '--policy', await harness.policyFile(programs), '--', 'sleep', nap(uid)],
      {
        uid,
      },
    )
    t.teardown(() => running.signal('SIGKILL'))
    const status = await statusOf(nap(uid))
    t.match(status, new RegExp(`^Uid:\\s+${harness.programUid(uid)}\\s`, 'm'))
    running.signal('SIGTERM')
    t.equal((await running.outcome).code, 128 + 15, 'a forwarded SIGTERM ends it')
    t.equal(await findProcess(nap(uid)), null, 'and nothing of it is left')
  })

  t.test(`uid ${uid}: whose caller ends while the plan is made does not run`, async (t) => {
    const policy = await harness.policyFile(programs)
    const words = [...harness.command, '--no-plans', '--policy', policy, '--', 'echo', 'ran']
    // Once it is Node the launcher knows who its caller is.
    const untilNode = 'until tr "\\0" " " <"/proc/$!/cmdline" | grep -q main.cjs; do :; done'
    const left = await world.run(['sh', '-c', `"$@" & ${untilNode}`, 'sh', ...words], { uid })
    t.match(left, { stdout: '', stderr: /^sandbox-exec: needs its caller, found it has ended \(process \d+\)/ })
    const kept = await world.run(['sh', '-c', `"$@" & ${untilNode}; wait`, 'sh', ...words], { uid })
    t.match(kept, { code: 0, stdout: 'ran\n', stderr: '' }, 'control')
  })

  t.test(`uid ${uid}: only descriptors 0, 1 and 2 are open`, async (t) => {
    t.equal((await probe(plain, ['descriptors'])).stdout, '0\n1\n2\nok\n')
    t.match((await free(['descriptors'], { descriptor3: 'pipe' })).stdout, /^3$/m, 'control')
  })

  t.test(`uid ${uid}: the environment holds what the policy names, and nothing else`, async (t) => {
    const env = { PASSED: 'yes', LD_PRELOAD: '/x.so', NODE_OPTIONS: '', SECRET: 'no' }
    const policy = `${plain}process: { environment: { pass: [PASSED, UNSET], set: { MADE: here } } }\n`
    const { stdout } = await probe(policy, ['environment'], { env })
    t.same(stdout.trim().split('\n').toSorted(), ['MADE=here', 'PASSED=yes', 'ok'])
    t.match((await free(['environment'], { env: { SECRET: 'no' } })).stdout, /SECRET=no/, 'control')
  })

  t.test(`uid ${uid}: the working directory grants nothing`, async (t) => {
    const directory = harness.own(uid)
    await writeFile(join(directory, 'here'), 'x')
    t.equal(answerOf(await probe(plain, ['read', 'here'], { directory })), 'ENOENT')
    t.equal(answerOf(await free(['read', 'here'], { directory })), 'ok', 'control')
  })

  t.test(`uid ${uid}: an empty list of endpoints is no network`, async (t) => {
    const policy = `version: 1
name: empty
network: { egress: [] }
syscalls: { promises: [stdio, inet] }
`
    t.equal(answerOf(await probe(policy, ['tcp', addresses.allowed, '443'])), 'EACCES')
    t.equal(answerOf(await free(['tcp', addresses.allowed, '443'])), 'ok', 'control')
  })

  t.test(
    `uid ${uid}: exit status, signal, missing and not executable programs are told as a shell would`,
    async (t) => {
      const status = async (...argv: string[]) => (await harness.sandboxed({ text: programs }, argv, { uid })).code
      t.equal(await status('sh', '-c', 'exit 7'), 7)
      t.equal(await status('sh', '-c', 'kill -KILL $$'), 128 + 9)
      t.equal(await status('/usr/no/such/program'), 127)
      t.equal(await status('no-such-program'), 127)
      t.equal(await status('/etc/passwd'), 126)
      t.equal(await status('--policy'), 127, 'what follows -- is the command, also when it looks like an option')
    },
  )

  t.test(`uid ${uid}: --timings tells when each step was done, in their order`, async (t) => {
    const argv = ['sh', '-c', 'echo out']
    const { stdout, stderr, report } = await harness.sandboxed({ text: programs }, argv, { uid, flags: ['--timings'] })
    t.equal(stdout, 'out\n')
    const lines = stderr.trimEnd().split('\n')
    const told = lines.map((line) => /^sandbox-exec: timing: +(\d+) us +[+-]\d+  (.+)$/.exec(line)?.slice(1) ?? [line])
    const whats = told.map(([, what]) => what)
    // Landlock is while the kernel detaches the host's tree.
    const order = ['plan read', 'init cloned', 'filesystem.create-root', 'landlock.restrict-self', 'process.execute']
    const expected = [...order, 'program has ended', 'everything removed']
    t.ok(whats.includes('filesystem.enter-root'))
    t.same(
      whats.filter((what) => expected.includes(what ?? '')),
      expected,
    )
    const times = told.map(([us]) => Number(us))
    t.same(
      times,
      times.toSorted((one, other) => one - other),
    )
    const timings = told.map(([us, what]) => ({ us: Number(us), what }))
    t.match(report, `"timings":${JSON.stringify(timings)}`)
    const control = await harness.sandboxed({ text: programs }, argv, { uid })
    t.equal(control.stderr, '')
    t.notMatch(control.report, /timings/)
  })

  t.test(`uid ${uid}: nothing of ours is on the program's stdout and stderr`, async (t) => {
    const outcome = await harness.sandboxed(
      { text: programs },
      ['sh', '-c', 'echo out; echo err >&2; read line; echo $line'],
      {
        uid,
        stdin: 'in\n',
      },
    )
    t.match(outcome, { code: 0, stdout: 'out\nin\n', stderr: 'err\n' })
    t.match(JSON.parse(outcome.report), { status: 0, exit: 0, policy: { name: 'plain' } })
  })

  t.test(`uid ${uid}: limits hold`, async (t) => {
    const limited = (limits: string) => `${plain}limits: { ${limits} }\n`
    t.equal(answerOf(await probe(limited('processes: 8'), ['forks', '64'])), 'EAGAIN')
    t.equal(answerOf(await free(['forks', '64'])), 'ok', 'control')
    t.equal(answerOf(await probe(limited('address-space: 64M'), ['allocate', '0x8000000'])), 'ENOMEM')
    t.equal(answerOf(await probe(plain, ['allocate', '0x8000000'])), 'ok', 'control: without the limit')
    const slow = await harness.sandboxed({ text: `${programs}limits: { wall: 1s }\n` }, ['sleep', '50'], { uid })
    t.match(slow, { code: 128 + 15, signal: null })
    t.match(JSON.parse(slow.report), { timedOut: true, limitsHit: ['limits.wall'] })
    const busy = await harness.sandboxed(
      { text: `${programs}limits: { cpu: 1s }\n` },
      ['sh', '-c', 'while :; do :; done'],
      { uid },
    )
    t.equal(busy.code, 128 + 24, 'SIGXCPU')
    t.match(JSON.parse(busy.report), { limitsHit: ['limits.cpu'] })
    const calm = await harness.sandboxed({ text: `${programs}limits: { cpu: 1s }\n` }, ['true'], { uid })
    t.match(calm.report, '"limitsHit":[]', 'control: nothing was hit')
  })

  t.test(`uid ${uid}: files move between directories of the own /tmp, and elsewhere as the policy says`, async (t) => {
    const policy = (filesystem: string) => `version: 1
name: moves
filesystem: { read: [/usr], exec: [/usr], ${filesystem} }
syscalls: { promises: [stdio, rpath, wpath, cpath, proc, exec, threads] }
`
    const link = async (directory: string, filesystem: string) => {
      const script = 'cd "$0" && mkdir one two && echo x >one/file && ln one/file two/file && cat two/file'
      const text = policy(filesystem)
      const { code, stdout, stderr } = await harness.sandboxed({ text }, ['sh', '-c', script, directory], { uid })
      return `${code} ${stdout}${stderr}`
    }
    t.equal(await link('/tmp', 'tmp: 1M'), '0 x\n')
    const own = join(harness.own(uid), 'moves')
    await world.run(['mkdir', '-m', '0777', own], { uid })
    t.match(await link(own, `write: [${own}]`), /^1 .*Invalid cross-device link/, 'control: no filesystem.move')
  })

  t.test(`uid ${uid}: a policy that cannot be enforced runs nothing`, async (t) => {
    const own = harness.own(uid)
    const cases = {
      'filesystem.deny[0]': `filesystem: { write: [${own}], deny: [${own}/absent] }`,
      'filesystem.read[0]': `filesystem: { read: [${own}/absent] }`,
      'filesystem.exec': 'filesystem: { exec: [/usr/bin/env] }',
      'network.egress[0].host': 'network: { egress: [{ host: "*.example.test", port: 443 }] }',
    }
    for (const [key, section] of Object.entries(cases)) {
      const { code, stdout, stderr } = await harness.sandboxed({ text: plain + section }, ['echo', 'ran'], { uid })
      t.equal(code, 125, key)
      t.match(stderr, key)
      t.notMatch(stdout, 'ran')
    }
  })

  t.test(`uid ${uid}: a source that becomes a symlink after the plan was made is refused`, async (t) => {
    const own = harness.own(uid)
    const [granted, plan] = [join(own, 'granted'), join(own, 'moved.plan')]
    await writeFile(granted, 'granted')
    const file = await harness.policyFile(`${plain}filesystem: { read: [${granted}] }\n`)
    const launchPlan = [process.execPath, join(import.meta.dirname, 'launch-plan.js')]
    const made = await world.run(
      [...launchPlan, JSON.stringify({ policy: file, to: plan }), probes.glibc, 'read', granted],
      {
        uid: harness.programUid(uid),
      },
    )
    t.equal(made.code, 0, made.stderr)
    const launch = [
      'sh',
      '-c',
      `exec "$0" --plan-descriptor 9 9<${plan}`,
      join(import.meta.dirname, '../../build/Release/palisade-launcher'),
    ]
    t.equal(answerOf(await world.run(launch, { uid: harness.programUid(uid) })), 'ok', 'control: the plan runs')
    await world.run(['rm', granted], { uid })
    await symlink('/etc/passwd', granted)
    const refused = await world.run(launch, { uid: harness.programUid(uid) })
    t.match(refused, { code: 125, stdout: '', stderr: /filesystem\.read\[0\]: filesystem\.bind: .*ELOOP/ })
  })
}

t.test('without user namespaces nothing runs', async (t) => {
  const file = await harness.policyFile(programs)
  const run = (setup: string) =>
    world.run([
      'unshare',
      '--user',
      '--map-root-user',
      'sh',
      '-c',
      `${setup}; exec "$@"`,
      'sh',
      ...harness.command,
      '--policy',
      file,
      '--',
      'echo',
      'ran',
    ])
  t.match(await run('echo 0 > /proc/sys/user/max_user_namespaces'), {
    code: 125,
    stdout: '',
    stderr: /user namespaces/,
  })
  t.match((await run('true')).stderr, /^(?!.*needs user namespaces)/, 'control')
})

t.test('no other program takes part in a run', async (t) => {
  const log = join(world.directory, 'executed')
  const strace = [
    'strace',
    '-f',
    '-qq',
    '-s',
    '4096',
    '-e',
    'trace=execve,execveat',
    '-e',
    'status=successful',
    '-o',
    log,
  ]
  const outcome = await world.run([
    ...strace,
    ...harness.command,
    '--policy',
    await harness.policyFile(programs),
    '--',
    'true',
  ])
  t.equal(outcome.code, 0, outcome.stderr)
  // strace also tells of processes that are killed, as init is when its time has come.
  const executed = (await readFile(log, 'utf8')).split('\n').filter((line) => /exec/.test(line))
  const [launcher, node, again, program] = executed
  t.match(launcher, /palisade-launcher"/)
  t.match(node, /node", .*main\.cjs"/)
  t.match(again, /palisade-launcher"/)
  // An unprivileged strace cannot read the arguments of the undumpable process that becomes the program.
  t.match(program, uid0 ? /true"/ : /execve/)
  t.equal(executed.length, 4, executed.join('\n'))
})

t.teardown(() => harness.close())

/** A duration that no other process sleeps, so that it can be found. */
function nap(uid: number): string {
  return `${50_000_000 + process.pid * 10 + (uid === 0 ? 0 : 1)}`
}

async function statusOf(argument: string): Promise<string> {
  for (let tries = 0; tries < 400; tries += 1) {
    const pid = await findProcess(argument)
    if (pid !== null) return await readFile(`/proc/${pid}/status`, 'utf8')
    await new Promise((resolve) => setTimeout(resolve, 25))
  }
  throw new Error(`no process sleeps ${argument}`)
}

async function findProcess(argument: string): Promise<string | null> {
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')
    if (command === `sleep\0${argument}\0`) return pid
  }
  return null
}
