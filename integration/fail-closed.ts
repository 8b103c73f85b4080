import { constants } from 'node:os'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { launcherPath } from '../src/launch/addon.js'
import { buildFaults, parseTrace, processes, type Call, type Faults, type Traced } from './faults/faults.js'
import { makeHarness, type Harness } from './run.js'
import { addresses, ports } from './world/addresses.js'
import { must, type Outcome } from './world/process.js'

/** Plans whose program is the witness, and a tracer to run them under. */
export interface Sweep {
  readonly harness: Harness
  readonly faults: Faults
  /** Compiles `policy` as `uid`; the file of the plan. */
  plan(uid: number, policy: string): Promise<string>
  /** Runs a plan under the tracer, which is told `what` to do. */
  trace(uid: number, plan: string, what: readonly string[]): Promise<Run>
  /** Mounts and network devices of the host that the sandboxes are started on. */
  hostState(): string
}

export interface Run extends Traced, Pick<Outcome, 'stdout' | 'stderr'> {}

export async function makeSweep(): Promise<Sweep> {
  const harness = await makeHarness()
  const { world } = harness
  const faults = await buildFaults(world.directory)
  // Readable by every user, wherever the checkout is.
  const launcher = join(world.directory, 'palisade-launcher')
  await must(['cp', launcherPath(), launcher])
  let plans = 0
  return {
    harness,
    faults,
    async plan(uid, policy) {
      const to = join(harness.own(uid), `plan-${(plans += 1)}`)
      const options = JSON.stringify({ policy: await harness.policyFile(policy), to })
      const denied = [addresses.denied, String(ports.https)]
      const argv = [process.execPath, launchPlan, options, faults.witness, '/etc/hostname', ...denied]
      const { code, stderr } = await world.run(argv, { uid })
      if (code !== 0) throw new Error(`plan for ${uid}: ${stderr}`)
      return to
    },
    async trace(uid, plan, what) {
      const outcome = await world.run([faults.tracer, ...what, launcher, plan], { uid, descriptor3: 'pipe' })
      return { ...parseTrace(outcome), stdout: outcome.stdout, stderr: outcome.stderr }
    },
    hostState: () => ['mountinfo', 'net/dev'].map((file) => describe(world.holder, file)).join('\n'),
  }
}

/** Counters of traffic change; the names of devices must not. */
function describe(pid: number, file: string): string {
  const text = readFileSync(`/proc/${pid}/${file}`, 'utf8')
  return file === 'net/dev' ? text.replaceAll(/:.*/g, '') : text
}

/**
 * Of calls that repeat without another between them, which differ in nothing that the launcher looks at, the first, the
 * middle one and the last: dispositions of signals, capabilities of the bounding set.
 */
export function collapse(calls: readonly Call[]): readonly Call[] {
  const own = processes.map((name) => calls.filter(({ process }) => process === name))
  return own.flatMap((list) => streaks(list).flatMap(ends))
}

function streaks(calls: readonly Call[]): readonly (readonly Call[])[] {
  return calls.reduce<readonly (readonly Call[])[]>((done, call) => {
    const last = done.at(-1)
    if (last?.[0] === undefined || likeness(last[0]) !== likeness(call)) return [...done, [call]]
    return [...done.slice(0, -1), [...last, call]]
  }, [])
}

/** Of prctl the option counts; the first argument of rt_sigaction is the signal. */
function likeness({ name, first }: Call): string {
  return name === 'prctl' ? `${name} ${first}` : name
}

function ends(streak: readonly Call[]): readonly Call[] {
  if (streak.length <= 3 || !['prctl', 'rt_sigaction'].includes(streak[0]?.name ?? '')) return streak
  return [0, Math.floor(streak.length / 2), -1].flatMap((index) => streak.at(index) ?? [])
}

/** An error that the kernel could give there and that no code of ours expects. */
export function errorFor({ name }: Call): keyof typeof constants.errno {
  const found = Object.entries(likely).find(([, names]) => names.includes(name))
  return found === undefined ? 'EPERM' : (found[0] as keyof typeof constants.errno)
}

const likely: Readonly<Record<string, readonly string[]>> = {
  ENOMEM: ['brk', 'mmap', 'mprotect', 'poll', 'ppoll', 'seccomp'],
  EAGAIN: ['clone3'],
  EMFILE: ['socket', 'socketpair', 'signalfd4', 'fsopen', 'open_tree', 'fsmount', 'openat', 'openat2'],
  EIO: ['read', 'write', 'close', 'sendmsg', 'recvmsg', 'sendto', 'recvfrom', 'wait4'],
}

const launchPlan = join(import.meta.dirname, 'launch-plan.js')
