import { compile, type CompiledPlan } from '../compiler/compile.js'
import { questionsOf } from '../compiler/questions.js'
import type { TrialName } from '../host/doctor.js'
import { hostFiles } from '../host/files.js'
import { probe, type Kernel } from '../host/probe.js'
import { namespaceFlag } from '../layers/namespaces/namespaces.js'
import type { Plan } from '../plan/codec.js'
import type { Op, Step } from '../plan/descriptors.js'
import { parsePolicyObject } from '../policy/load.js'

/** Where the launcher writes its Report in a trial. */
export const reportDescriptor = 4

/** A plan of few steps around a program that only ends: the launcher itself, without a plan. */
export interface Trial {
  readonly name: TrialName
  readonly plan: Plan
}

/** All trials: parts of the plan of one whole sandbox, and at last the whole of it. */
export async function makeTrials(launcher: string, kernel: Kernel): Promise<readonly Trial[]> {
  const whole = await wholePlan(launcher, kernel)
  const parts = selections.map(({ name, flags, ops }): Trial => {
    return { name, plan: { ...whole, steps: whole.steps.flatMap((step) => select(step, flags, ops)) } }
  })
  return [...parts, { name: 'whole', plan: whole }]
}

/** No address of the Internet: nothing is dialled, because nobody connects. */
const policy = {
  version: 1,
  name: 'doctor',
  network: { egress: [{ host: '192.0.2.1', port: 443 }] },
  syscalls: { promises: ['stdio'] },
}

/** The program is the launcher: it may see itself. */
const nothing = { ownPaths: [], hiddenPaths: [] }

async function wholePlan(launcher: string, kernel: Kernel): Promise<CompiledPlan> {
  const loaded = parsePolicyObject(policy, new Map())
  const facts = await probe(questionsOf(loaded.policy, launcher, nothing), kernel, hostFiles)
  // The trials are to find out what the compiler would refuse to plan for.
  const landlock = { ...facts.landlock, abi: Math.max(facts.landlock.abi, 1) }
  const command = { path: launcher, arguments: ['palisade-launcher', '--plan-descriptor'] }
  return compile(loaded, { ...facts, landlock, userNamespaces: 'allowed' }, command, { reportDescriptor, ...nothing })
}

interface Selection {
  readonly name: TrialName
  /** Namespaces besides that of users. */
  readonly flags: readonly (keyof typeof namespaceFlag)[]
  /** Prefixes of operations that are tried. */
  readonly ops: readonly string[]
}

const view = ['filesystem.create', 'filesystem.make', 'filesystem.bind', 'filesystem.pin', 'filesystem.enter']
const selections: readonly Selection[] = [
  { name: 'user', flags: [], ops: [] },
  { name: 'capabilities', flags: ['uts'], ops: ['namespaces.set-hostname'] },
  { name: 'pid', flags: ['pid'], ops: [] },
  { name: 'mount', flags: ['mount'], ops: [] },
  { name: 'net', flags: ['net'], ops: [] },
  { name: 'ipc', flags: ['ipc'], ops: [] },
  { name: 'uts', flags: ['uts'], ops: [] },
  { name: 'cgroup', flags: ['cgroup'], ops: [] },
  { name: 'veth', flags: ['net'], ops: ['network.'] },
  { name: 'view', flags: ['mount'], ops: view },
  { name: 'procfs', flags: ['mount', 'pid'], ops: [...view, 'filesystem.mount-proc'] },
  { name: 'keyring', flags: [], ops: ['process.new-keyring'] },
  { name: 'descriptors', flags: [], ops: ['process.close-descriptors'] },
  { name: 'landlock', flags: [], ops: ['process.no-new-privileges', 'landlock.'] },
  { name: 'filter', flags: [], ops: ['process.no-new-privileges', 'seccomp.load-filter'] },
  { name: 'notification', flags: [], ops: ['process.no-new-privileges', 'seccomp.allow-one-exec'] },
]

const always: readonly Op[] = ['report.write', 'process.execute']

function select(step: Step, flags: Selection['flags'], ops: readonly string[]): readonly Step[] {
  if (step.op === 'namespaces.clone') {
    const bits = flags.reduce<bigint>((all, flag) => all | namespaceFlag[flag], namespaceFlag.user)
    return [{ ...step, flags: bits }]
  }
  // Its rules name places of the view; without them the program is not started, which the trial is not about.
  if (step.op === 'landlock.restrict-self' && ops.includes('landlock.')) return [{ ...step, paths: [] }]
  return always.includes(step.op) || ops.some((prefix) => step.op.startsWith(prefix)) ? [step] : []
}
