import { openSync, readFileSync } from 'node:fs'
import { HostError } from '../core/errors.js'
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

/**
 * Whether the caller gave us this descriptor. Node's own are close-on-exec (fcntl(2)), and none that crossed an execve
 * is: without this test a policy could name, and the sandbox get, one of Node's.
 */
function isInherited(descriptor: number): boolean {
  const closeOnExec = 0o2000000
  try {
    const flags = /^flags:\s*([0-7]+)$/m.exec(readFileSync(`/proc/self/fdinfo/${descriptor}`, 'utf8'))?.[1]
    return flags !== undefined && (Number.parseInt(flags, 8) & closeOnExec) === 0
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return false
    throw error
  }
}
