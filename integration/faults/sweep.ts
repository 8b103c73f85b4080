import { readFileSync } from 'node:fs'
import { constants } from 'node:os'
import { join } from 'node:path'
import { launcherPath } from '../../src/launch/addon.js'
import { makeHarness, type Harness } from '../run.js'
import { addresses, ports } from '../world/addresses.js'
import { must, type Outcome } from '../world/process.js'
import { buildFaults, parseTrace, processes, type Call, type Faults, type Process, type Traced } from './faults.js'
import type { Trial } from './judge.js'

/** Plans, and programs that run the launcher on them to act at one moment. */
export interface Sweep {
  readonly harness: Harness
  readonly faults: Faults
  /** A copy of the launcher that every user can run, wherever the checkout is. */
  readonly launcher: string
  /** The witness with its arguments. */
  readonly witness: readonly string[]
  plan(uid: number, policy: SweepPolicy, program: readonly string[], report?: number): Promise<Plan>
  compared(uid: number, policy: SweepPolicy, program: readonly string[]): Promise<Plan>
  /** Runs a plan under `actor`, the tracer or the killer, which is told `what` to do. */
  act(actor: string, uid: number, plan: Plan, what: readonly string[]): Promise<Run>
  /** Mounts and network devices of the host on which the sandboxes are started. */
  hostState(): string
}

export interface SweepPolicy {
  readonly text: string
  /** Processes that the supervisor makes for it, in their order. */
  readonly children: readonly Process[]
}

/** A policy that is compiled for one program and user, in a file. */
export interface Plan extends Pick<SweepPolicy, 'children'> {
  readonly file: string
  /** Whether it is one of `compile`, which the launcher compares with the host. */
  readonly compared: boolean
}

export interface Run extends Traced, Pick<Outcome, 'stdout' | 'stderr'> {}

export async function makeSweep(): Promise<Sweep> {
  const harness = await makeHarness()
  const { world } = harness
  const faults = await buildFaults(world.directory)
  const launcher = join(world.directory, 'palisade-launcher')
  await must(['cp', launcherPath(), launcher])
  const homeOf = (uid: number) => ({ HOME: harness.own(uid) })
  let plans = 0
  return {
    harness,
    faults,
    launcher,
    witness: [faults.witness, '/etc/hostname', addresses.denied, String(ports.https)],
    async plan(uid, { text, children }, program, report) {
      const to = join(harness.own(uid), `plan-${(plans += 1)}`)
      const options = { policy: await harness.policyFile(text), to, ...(report === undefined ? {} : { report }) }
      const argv = [process.execPath, launchPlan, JSON.stringify(options), ...program]
      const { code, stderr } = await world.run(argv, { uid })
      if (code !== 0) throw new Error(`plan for ${uid}: ${stderr}`)
      return { file: to, children, compared: false }
    },
    async compared(uid, { text, children }, program) {
      const to = join(harness.own(uid), `plan-${(plans += 1)}`)
      const words = ['compile', '--policy', await harness.policyFile(text), '-o', to, '--', ...program]
      const { code, stderr } = await world.run([...harness.command, ...words], { uid, env: homeOf(uid) })
      if (code !== 0) throw new Error(`plan for ${uid}: ${stderr}`)
      return { file: to, children, compared: true }
    },
    async act(actor, uid, plan, what) {
      // A compiled plan is for the launcher of its package alone.
      const start = plan.compared ? [launcherPath(), '--plan', plan.file] : [launcher, plan.file]
      const outcome = await world.run([actor, plan.children.join(), ...what, ...start], {
        uid,
        env: homeOf(uid),
        descriptor3: 'pipe',
      })
      return { ...parseTrace(outcome), stdout: outcome.stdout, stderr: outcome.stderr }
    },
    hostState: () => `${read(world.holder, 'mountinfo')}${read(world.holder, 'net/dev').replaceAll(/:.*/g, '')}`,
  }
}

/**
 * Every call with the errors that are tried there: the likely one, or also those that are tried everywhere. The turns of
 * a loop between its first and its last have the likely one only.
 */
export function trialsOf(calls: readonly Call[], errors: 'likely' | 'all'): readonly Trial[] {
  return processes.flatMap((process) => {
    const own = calls.filter((call) => call.process === process)
    const late = new Set(callsAfterStart(own))
    return own.flatMap((call, index) => {
      const between = [own[index - 1], own[index + 1]].every((other) => other !== undefined && isTurn(call, other))
      const tried = new Set([likelyError(call), ...(between || errors === 'likely' ? [] : everywhere)])
      return [...tried].map((error): Trial => ({ call, error, when: late.has(call) ? 'late' : 'before' }))
    })
  })
}

/** Whether two calls in a row are turns of one loop: over signals, capabilities or descriptors. */
function isTurn(call: Call, other: Call): boolean {
  return call.name === other.name && (call.name === 'prctl' ? call.first === other.first : loops.includes(call.name))
}

const loops: readonly string[] = ['rt_sigaction', 'close']

/** The error that the kernel is most likely to give there. */
function likelyError({ name }: Call): string {
  return Object.entries(likely).find(([, names]) => names.includes(name))?.[0] ?? 'EPERM'
}

/** Those that an older kernel, an outer sandbox or a signal gives, and that code is tempted to pass over. */
const everywhere = ['EINTR', 'EINVAL', 'ENOSYS']

const likely: Readonly<Record<string, readonly string[]>> = {
  ENOMEM: ['brk', 'mmap', 'mprotect', 'poll', 'ppoll', 'seccomp'],
  EAGAIN: ['clone3'],
  EMFILE: ['socket', 'socketpair', 'signalfd4', 'fsopen', 'open_tree', 'fsmount', 'openat', 'openat2'],
  EIO: ['read', 'write', 'close', 'sendmsg', 'recvmsg', 'sendto', 'recvfrom', 'wait4'],
}

/** After these the process does nothing more for the start: it waits for the end of the program. */
function callsAfterStart(own: readonly Call[]): readonly Call[] {
  const [first] = own
  switch (first?.process) {
    case 'supervisor': // the second message to init: start; without relays there is only the first
      return own.slice(own.findLastIndex(({ name, nth }) => name === 'sendmsg' && nth <= 2) + 1)
    case 'init': // SECCOMP_IOCTL_NOTIF_SEND: the execve goes on
      return own.slice(own.findLastIndex(({ name }) => name === 'ioctl') + 1)
    case 'resolver': // waits for a name
      return own.slice(own.findIndex(({ name }) => name === 'recvmsg'))
    case 'relay':
    case 'publisher': // the message that it is ready
      return own.slice(own.findIndex(({ name }) => name === 'sendmsg') + 1)
    case 'sandboxee':
    case undefined:
      return []
  }
}

/** What the tracer is told for a trial. */
export function failing({ call, error }: Trial): readonly string[] {
  const number = Object.entries(constants.errno).find(([name]) => name === error)?.[1]
  return ['fail', call.process, String(call.number), String(call.nth), String(number)]
}

function read(pid: number, file: string): string {
  return readFileSync(`/proc/${pid}/${file}`, 'utf8')
}

const launchPlan = join(import.meta.dirname, '../launch-plan.js')
