import { openSync } from 'node:fs'
import { HostError } from '../core/errors.js'
import { isInherited } from '../host/inherited.js'
import { launcherPath, loadAddon } from '../launch/addon.js'
import { prepare } from '../launch/prepare.js'
import { encodePlan } from '../plan/codec.js'
import type { Policy } from '../policy/policy.js'
import type { RunInvocation } from './command-line.js'

/** Makes the plan and becomes the launcher: on success this process is another program and nothing returns. */
export async function run({ policy: file, argv, report }: RunInvocation): Promise<never> {
  const reportDescriptor = report === null ? null : openReport(report)
  const { policy, plan } = await prepare(file, argv, reportDescriptor)
  const passed = passedDescriptors(policy.policy)
  const keep = reportDescriptor === null ? passed : [...passed, reportDescriptor]
  const launcher = launcherPath()
  return loadAddon().execLauncher(launcher, [launcher], encodePlan(plan), keep)
}

function openReport(report: string): number {
  if (!/^[0-9]+$/.test(report)) return openFile(report)
  const descriptor = Number(report)
  // Standard output and error are the program's own, but the caller may want the Report there.
  if (descriptor === 1 || descriptor === 2 || isInherited(descriptor)) return descriptor
  throw new HostError('--report', `an open descriptor ${report}`, 'none', `open it: sandbox-exec ... ${report}>FILE`)
}

function openFile(report: string): number {
  try {
    return openSync(report, 'w', 0o600)
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error)
    throw new HostError('--report', `a file that can be written at ${report}`, code, 'name another file')
  }
}

function passedDescriptors(policy: Policy): readonly number[] {
  return Object.entries(policy.process.descriptors).map(([name, descriptor]) => {
    if (isInherited(descriptor)) return descriptor
    const key = `process.descriptors.${name}`
    throw new HostError(key, `an open descriptor ${descriptor}`, 'none', `open it: sandbox-exec ... ${descriptor}<FILE`)
  })
}
