/** How a sandbox ends: by any of its processes, its caller, a signal or its time; nothing of it stays. */
import { readFileSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { setTimeout as passes } from 'node:timers/promises'
import t from 'tap'
import type { Call } from './faults/faults.js'
import { makeSweep, type Plan, type Run } from './faults/sweep.js'
import { seededRandom, type Random } from './faults/random.js'

t.setTimeout(280_000)
const sweep = await makeSweep()
const { harness, faults } = sweep
const { world } = harness
t.teardown(() => harness.close())

const programs = `version: 1
name: lifecycle
filesystem: { read: [/usr], tmp: 1M }
network: { egress: [{ host: api.example.test, port: 443 }], listen: [{ port: 8000, publish: 18000 }] }
syscalls: { promises: [stdio, rpath, wpath, cpath, inet, proc, threads, exec] }
`
/** What the supervisor makes for that, in this order. */
const children = ['init', 'resolver', 'relay', 'publisher'] as const
const executable = programs.replace('tmp: 1M', 'tmp: 1M, exec: [/usr/bin]')

t.test('SIGKILL of any process at any time leaves nothing', async (t) => {
  const random = seededRandom(20_26)
  const plans: (NapPlans & { readonly uid: number })[] = []
  for (const uid of world.uids) plans.push({ uid, ...(await napPlans(uid)) })
  const [host, files] = [sweep.hostState(), await filesOf(world.uids)]
  const kills = Array.from({ length: 200 }, (_, index) => index)
  for (const index of kills) {
    const { uid, nap, calls } = pick(plans, index)
    const victim = pick(victims, Math.floor(index / plans.length))
    // Every other time at a call of ours, traced until then; else after some time of a run that nobody watches.
    const traced = Math.floor(index / plans.length / victims.length) % 2 === 0
    const run = traced ? await killAtCall(uid, nap, calls, victim, random) : await killAtTime(uid, nap, victim, random)
    const what = `${index}: ${victim} of uid ${uid}, ${run.moment}: status ${run.status}, left ${run.left} ${run.stderr}`
    t.ok(run.killed, `${what}: it was there`)
    t.equal(run.left, 0, what)
    t.ok(expectedStatus[victim].includes(run.status ?? -1), what)
    t.equal(sweep.hostState(), host, `${what}: mounts and devices`)
  }
  t.same(await filesOf(world.uids), files, 'no file')
  t.same(await ownProcesses(), [], 'no process')
})

const victims = ['supervisor', ...children, 'program'] as const
type Victim = (typeof victims)[number]

/** 137 is the signal itself. 125: a part of ours died, or the program before it was one. */
const expectedStatus: Readonly<Record<Victim, readonly number[]>> = {
  supervisor: [137],
  init: [125],
  resolver: [125],
  relay: [125],
  publisher: [125],
  program: [137, 125],
}

interface NapPlans {
  /** Never ends. */
  readonly nap: Plan
  /** Those of its launch. */
  readonly calls: readonly Call[]
}

async function napPlans(uid: number): Promise<NapPlans> {
  const policy = { text: programs, children } as const
  const nap = await sweep.plan(uid, policy, [faults.nap])
  const brief = await sweep.plan(uid, policy, [faults.nap, 'brief'])
  const { calls, callsBeforeExec } = await sweep.act(faults.tracer, uid, brief, ['record'])
  return { nap, calls: calls.slice(0, callsBeforeExec) }
}

interface Kill extends Run {
  readonly moment: string
}

async function killAtCall(
  uid: number,
  plan: Plan,
  calls: readonly Call[],
  victim: Victim,
  random: Random,
): Promise<Kill> {
  const call = pick(calls, random(calls.length))
  // As long as it is not the program yet, the sandboxee is what there is of it.
  const target = victim === 'program' ? 'sandboxee' : victim
  const what = ['kill', call.process, String(call.number), String(call.nth), target]
  const run = await sweep.act(faults.tracer, uid, plan, what)
  return { ...run, moment: `at ${call.process} ${call.name} ${call.nth}` }
}

async function killAtTime(uid: number, plan: Plan, victim: Victim, random: Random): Promise<Kill> {
  const microseconds = random(25_000)
  const run = await sweep.act(faults.killer, uid, plan, [victim, String(microseconds)])
  return { ...run, moment: `after ${microseconds} us` }
}

for (const uid of world.uids) {
  const start = async (policy: string, argv: readonly string[], before: readonly string[] = []) => {
    const file = await harness.policyFile(policy)
    return world.start([...before, ...harness.command, '--policy', file, '--report', '3', '--', ...argv], {
      uid,
      descriptor3: 'pipe',
    })
  }

  t.test(`uid ${uid}: when the caller is killed, so is the sandbox`, async (t) => {
    const running = await start(programs, [faults.nap], ['sh', '-c', '"$@"; true', 'sh'])
    t.equal(await running.firstLine, 'napping')
    t.equal((await ownProcesses()).length, 2, 'control: the program and its child are there')
    running.signal('SIGKILL')
    t.equal((await running.outcome).signal, 'SIGKILL')
    t.ok(await eventually(async () => (await ownProcesses()).length === 0))
  })

  t.test(`uid ${uid}: when only the thread that called has ended, the sandbox goes on`, async (t) => {
    const script = `import subprocess, sys, threading
made = []
thread = threading.Thread(target=lambda: made.append(subprocess.Popen(sys.argv[1:], pass_fds=[3])))
thread.start(); thread.join()
sys.exit(made[0].wait())`
    const shell = ['sh', '-c', 'echo started; read line; exit 4']
    const running = await start(executable, shell, ['/usr/bin/python3', '-c', script])
    t.match(await running.outcome, { code: 4, stdout: 'started\n' })
  })

  t.test(`uid ${uid}: signals of the caller reach the program`, async (t) => {
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGUSR1'] as const) {
      const name = signal.slice(3)
      const script = `trap 'echo got ${name}; exit 5' ${name}; echo ready; sleep 1000 & wait`
      const running = await start(executable, ['sh', '-c', script])
      t.equal(await running.firstLine, 'ready')
      running.signal(signal)
      t.match(await running.outcome, { code: 5, stdout: `ready\ngot ${name}\n` }, signal)
    }
  })

  t.test(`uid ${uid}: a signal that the program does not catch ends it, and is its status`, async (t) => {
    for (const [signal, number] of [
      ['SIGTERM', 15],
      ['SIGHUP', 1],
    ] as const) {
      const running = await start(programs, [faults.nap])
      await running.firstLine
      running.signal(signal)
      const { code, descriptor3 } = await running.outcome
      t.equal(code, 128 + number)
      t.match(JSON.parse(descriptor3), { status: 128 + number, signal: number, timedOut: false })
      t.same(await ownProcesses(), [], 'its child, which takes no signal, has ended too')
    }
  })

  t.test(`uid ${uid}: a program that ignores SIGTERM is killed when its time is up`, async (t) => {
    const script = `trap 'echo got TERM' TERM; echo ready; while :; do sleep 1000 & wait; done`
    const running = await start(`${executable}limits: { wall: 500ms }\n`, ['sh', '-c', script])
    const { code, stdout, descriptor3 } = await running.outcome
    t.equal(code, 128 + 9)
    t.equal(stdout, 'ready\ngot TERM\n')
    const report: unknown = JSON.parse(descriptor3)
    t.match(report, { status: 137, timedOut: true })
    t.match(report, { durationMs: /^(5[5-9]|[6-9]\d)\d\d$/ }, 'half a second, and the grace of five')
  })

  t.test(`uid ${uid}: orphans are reaped`, async (t) => {
    // Until nobody but pid 1 and the shell is left; a zombie would stay for ever.
    const script = (tries: number) => `(true & true & (true &) &)
      for try in $(seq ${tries}); do
        others=0
        for entry in /proc/[0-9]*; do
          case $entry in /proc/1|/proc/$$) ;; *) [ -d $entry ] && others=1;; esac
        done
        [ $others = 0 ] && echo alone && exit 0
        sleep .02
      done
      exit 9`
    const { code, stdout } = await (await start(executable, ['sh', '-c', script(500)])).outcome
    t.match({ code, stdout }, { code: 0, stdout: 'alone\n' })
    const unreaped = [
      'unshare',
      '--map-root-user',
      '--pid',
      '--fork',
      '--mount-proc',
      '/usr/bin/python3',
      '-c',
      control,
    ]
    const free = await world.run([...unreaped, script(25)], { uid })
    t.equal(free.stdout, '9\n', `control: below a pid 1 that reaps nobody ${free.stderr}`)
  })

  t.test(`uid ${uid}: descriptors that the policy names are open in the program, others are not`, async (t) => {
    const policy = `${programs}process: { descriptors: { journal: 5 } }\n`
    const opened = ['sh', '-c', 'exec "$@" 4</dev/null 5</etc/hostname 6</dev/null', 'sh']
    const running = await start(policy, [harness.probes.glibc, 'descriptors'], opened)
    t.match(await running.outcome, { code: 0, stdout: '0\n1\n2\n5\nok\n' })
    const free = [...opened, harness.probes.glibc, 'descriptors']
    t.match((await world.run(free, { uid })).stdout, /^4\n5\n6\n/m, 'control')
  })

  t.test(`uid ${uid}: the program has no terminal to push input into`, async (t) => {
    const file = await harness.policyFile(programs)
    const onTerminal = async (argv: readonly string[]): Promise<string> => {
      const { stdout } = await world.run(['script', '--quiet', '--command', argv.join(' '), '/dev/null'], { uid })
      return stdout.replaceAll('\r', '').trimEnd().split('\n').at(-1) ?? ''
    }
    const sandboxed = (act: readonly string[]) =>
      onTerminal([...harness.command, '--policy', file, '--', harness.probes.glibc, ...act])
    t.equal(await sandboxed(['push-input']), 'errno 1')
    t.equal(await sandboxed(['push-input', '0xdead00000000']), 'errno 1', 'dirty high bits')
    t.equal(await sandboxed(['read', '/dev/tty']), 'errno 2')
    // EIO where the host has dev.tty.legacy_tiocsti = 0: the terminal was asked.
    for (const bits of [[], ['0xdead00000000']]) {
      t.match(
        await onTerminal([harness.probes.glibc, 'push-input', ...bits]),
        /ok$|^errno 5$/,
        `control ${bits.join()}`,
      )
    }
  })

  t.test(
    `uid ${uid}: no process of ours has an environment`,
    { skip: process.getuid?.() !== 0 && 'needs root' },
    async (t) => {
      const running = await start(programs, [faults.nap])
      await running.firstLine
      const made = childrenOf(running.pid)
      t.equal(made.length, children.length)
      for (const pid of [running.pid, ...made]) {
        t.match(commandLine(String(pid)), /palisade-launcher/)
        t.equal(readFileSync(`/proc/${pid}/environ`, 'utf8'), '', commandLine(String(pid)))
      }
      running.signal('SIGTERM')
      await running.outcome
    },
  )
}

/** pid 1 that starts its argument in a shell and waits for that one child alone. */
const control = `import os, subprocess, sys
shell = subprocess.Popen(['sh', '-c', sys.argv[1]])
print(os.waitstatus_to_exitcode(os.waitpid(shell.pid, 0)[1]))`

function pick<A>(list: readonly A[], index: number): A {
  const found = list[index % list.length]
  if (found === undefined) throw new RangeError('nothing to pick from')
  return found
}

async function filesOf(uids: readonly number[]): Promise<readonly string[]> {
  const directories = [world.directory, ...uids.map((uid) => harness.own(uid))]
  return (await Promise.all(directories.map((directory) => readdir(directory)))).flat()
}

/** Pids of our processes and of the naps they run, by the directory that only this test has. */
async function ownProcesses(): Promise<readonly string[]> {
  const marks = [sweep.launcher, faults.nap]
  return (await readdir('/proc')).filter(
    (name) => /^\d+$/.test(name) && marks.includes(commandLine(name).split('\0')[0] ?? ''),
  )
}

function commandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8')
  } catch (error) {
    // It has ended meanwhile.
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ESRCH')) return ''
    throw error
  }
}

function childrenOf(pid: number): readonly string[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ')
}

/** Whether it comes true within 10 seconds. */
async function eventually(condition: () => Promise<boolean>): Promise<boolean> {
  for (let tries = 0; tries < 400; tries += 1) {
    if (await condition()) return true
    await passes(25)
  }
  return false
}
