import { constants, openSync } from 'node:fs'
import { errorCode } from '../core/error-code.js'
import { HostError, UsageError } from '../core/errors.js'
import { log } from '../core/log.js'
import { hostFiles } from '../host/files.js'
import { descriptorKind, isInherited } from '../host/inherited.js'
import type { Kernel } from '../host/probe.js'
import { Witness } from '../host/witness.js'
import { launcherPath, launcherWords, loadAddon } from '../launch/addon.js'
import { keepPlan } from '../launch/keep.js'
import { hiddenPlaces, namedPlace, usualPlace, type KeptPlace } from '../launch/kept-place.js'
import { callerVariables, prepare, readPolicy, type Prepared, type ReportTarget } from '../launch/prepare.js'
import { withReportDescriptor } from '../layers/report/report.js'
import { encodePlan, type Plan } from '../plan/codec.js'
import type { Policy } from '../policy/policy.js'
import type { RunInvocation } from './command-line.js'

/** How this was started. */
export interface Starter {
  /** The name that the launcher was started by; null: Node was. */
  readonly startedAs: string | null
  /** Its parent then. */
  readonly parent: number
}

/** Who asks, by the words after `sandbox-exec`. */
export interface Caller extends Starter {
  readonly words: readonly string[]
}

/** Makes the plan and becomes the launcher: on success this process is another program and nothing returns. */
export async function run(invocation: RunInvocation, caller: Caller): Promise<never> {
  const { plan, target, passed } = await planRun(invocation, caller, loadAddon())
  // From here on the launcher watches it.
  if (process.ppid !== caller.parent)
    throw new HostError('', 'its caller', `it has ended (process ${caller.parent})`, 'start it again')
  // Last, so that nothing of the caller's is cut before it is known that the program can start.
  const descriptor = target === null ? null : openReport(target)
  const steps = descriptor === null ? plan.steps : withReportDescriptor(plan.steps, descriptor)
  const keep = descriptor === null ? passed : [...passed, descriptor]
  return loadAddon().execLauncher(launcherPath(), launcherWords(), encodePlan({ ...plan, steps }), keep)
}

/** What the launcher is given. */
interface PlannedRun {
  readonly plan: Plan
  readonly target: ReportTarget | null
  /** Descriptors of the caller's that the program gets. */
  readonly passed: readonly number[]
}

/** Makes the plan, and keeps it. */
export async function planRun(invocation: RunInvocation, caller: Caller, kernel: Kernel): Promise<PlannedRun> {
  const { argv } = invocation
  const target = invocation.report === null ? null : reportTarget(invocation.report)
  const named = typeof invocation.plans === 'string' ? null : namedPlace(invocation.plans.named)
  // Made before the host is looked at, so that it is hidden.
  const place = named ?? (invocation.plans === 'usual' && caller.startedAs !== null ? usual() : null)
  // Somebody has to remember what is looked at, if the plan is to be kept.
  const witness = place === null ? null : new Witness(hostFiles)
  const files = witness ?? hostFiles
  const hiddenPaths = [...(named === null ? [] : [named]), ...hiddenPlaces(files)]
  const startedAs = caller.startedAs ?? process.argv[1]
  const loaded = readPolicy(invocation.policy, callerVariables(), files)
  const start = { argv, report: target, startedAs, hiddenPaths, timings: invocation.timings }
  const prepared = await prepare(loaded, start, files, kernel)
  const { policy, plan } = prepared
  for (const descriptor of [0, 1, 2]) refuseDirectory('', descriptor)
  const passed = [...passedDescriptors(policy.policy, target), ...managersDescriptors(prepared, target)]
  // A start without the compiler would log nothing.
  if (place !== null && witness !== null && invocation.log === null)
    keepPlan(place, prepared, target, { ...caller, witness })
  return { plan, target, passed }
}

/** Where the plan is kept if the caller has named no directory; null: nowhere. */
function usual(): KeptPlace | null {
  const place = usualPlace(loadAddon())
  if (!('lacks' in place)) return place
  log('info', 'no place to keep plans in', place)
  return null
}

export function reportTarget(report: string): ReportTarget {
  if (!/^[0-9]+$/.test(report)) return { file: report }
  const descriptor = Number(report)
  // Standard output and error are the program's own, but the caller may want the Report there.
  if (descriptor === 1 || descriptor === 2 || isInherited(descriptor)) return { descriptor }
  throw new HostError('--report', `an open descriptor ${report}`, 'none', `open it: sandbox-exec ... ${report}>FILE`)
}

function openReport(target: ReportTarget): number {
  if ('descriptor' in target) return target.descriptor
  const { O_WRONLY, O_CREAT, O_TRUNC, O_NOFOLLOW, O_NOCTTY } = constants
  try {
    return openSync(target.file, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_NOCTTY, 0o600)
  } catch (error) {
    const found = errorCode(error) === 'ELOOP' ? 'a symlink' : errorCode(error)
    throw new HostError('--report', `a file that can be written at ${target.file}`, found, 'name another file')
  }
}

function passedDescriptors(policy: Policy, report: ReportTarget | null): readonly number[] {
  return Object.entries(policy.process.descriptors).map(([name, descriptor]) => {
    const key = `process.descriptors.${name}`
    if (report !== null && 'descriptor' in report && report.descriptor === descriptor) {
      throw new UsageError(`--report ${descriptor}: the policy gives this descriptor to the program (${key})`)
    }
    if (!isInherited(descriptor)) {
      throw new HostError(
        key,
        `an open descriptor ${descriptor}`,
        'none',
        `open it: sandbox-exec ... ${descriptor}<FILE`,
      )
    }
    refuseDirectory(key, descriptor)
    return descriptor
  })
}

/** What the service manager passes, and the policy names. */
function managersDescriptors({ policy, facts }: Prepared, report: ReportTarget | null): readonly number[] {
  if (policy.policy.service.sockets.length === 0) return []
  return facts.passed.map(({ descriptor, name }) => {
    const key = 'service.sockets'
    if (report !== null && 'descriptor' in report && report.descriptor === descriptor)
      throw new UsageError(`--report ${descriptor}: the service manager passes this descriptor as "${name}" (${key})`)
    refuseDirectory(key, descriptor)
    return descriptor
  })
}

/** Names are looked up from a directory's descriptor as the host has them, past every mount of the view. */
function refuseDirectory(key: string, descriptor: number): void {
  if (descriptorKind(descriptor) !== 'directory') return
  const needed = `a file, a pipe or a socket as descriptor ${descriptor}`
  const found = "a directory, which would carry the host's own view of the files into the sandbox"
  throw new HostError(key, needed, found, `redirect it from a file or a pipe: sandbox-exec ... ${descriptor}<FILE`)
}
