import { rmSync, truncateSync, writeFileSync } from 'node:fs'
import { HostError, UsageError } from '../core/errors.js'
import { packageRoot } from '../core/package-root.js'
import { hostFiles } from '../host/files.js'
import { Witness } from '../host/witness.js'
import { doubtOf, fileOf, keptMagic, keptPlan } from '../launch/kept-file.js'
import { absolute, callerVariables, prepare, readPolicy } from '../launch/prepare.js'
import { PlanSizeError } from '../plan/codec.js'
import type { CompileInvocation } from './command-line.js'
import { reportTarget, type Caller } from './run.js'

/** Writes the plan of a run into a file that the launcher runs by itself while nothing has changed. */
export async function compile(invocation: CompileInvocation, caller: Caller): Promise<number> {
  const file = absolute(invocation.output, 'the plan')
  const isNew = holdPlace(file)
  try {
    write(file, await planFor(invocation, file, caller))
    return 0
  } catch (error) {
    if (isNew) rmSync(file, { force: true })
    throw error
  }
}

/** The plan protects its own file, so that is there before the host is looked at. Whether it was not there yet. */
function holdPlace(file: string): boolean {
  const node = hostFiles.look(file)
  if (node === null) {
    writeFileSync(file, '', { flag: 'wx', mode: 0o600 })
    return true
  }
  const isFit = node.type === 'file' && node.uid === process.geteuid?.() && node.mode === 0o600 && node.links === 1
  const start = isFit ? hostFiles.read(file, keptMagic.length).toString('latin1') : 'unfit'
  // Empty: an earlier one that failed.
  if (start === '' || start === keptMagic) return false
  throw new HostError('-o', `an earlier plan, or nothing, at ${file}`, `another ${node.type}`, 'name another file')
}

async function planFor(invocation: CompileInvocation, file: string, caller: Caller): Promise<Uint8Array> {
  const { policy, argv, report } = invocation
  const target = report === null ? null : reportTarget(report)
  const witness = new Witness(hostFiles)
  const loaded = readPolicy(policy, callerVariables(), witness)
  const startedAs = caller.startedAs ?? process.argv[1] ?? ''
  const start = { argv, report: target, startedAs, hiddenPaths: [], ownFiles: [file], timings: invocation.timings }
  const prepared = await prepare(loaded, start, witness)
  // Its rules hold addresses, which are looked up at each start.
  if (prepared.plan.steps.some(({ op }) => op === 'network.open-route'))
    throw new UsageError('compile: network.via: route needs the policy at each start: run it with --policy')
  if (prepared.plan.steps.some(({ op }) => op === 'service.open-listeners'))
    throw new UsageError('compile: service.sockets needs the policy at each start: run it with --policy')
  const doubt = doubtOf(prepared, witness)
  if (doubt !== null) throw new HostError('', `for a plan in a file, ${doubt}`, 'none', 'run it with --policy')
  const isFree = loaded.policy.filesystem.write.length === 0
  const names = isFree ? { file: '', startedAs: '' } : { file, startedAs }
  const place = { op: 'start.expect-place', origin: '', root: packageRoot(), ...names } as const
  return bytesOf(() => fileOf(keptPlan(place, prepared, target, witness)))
}

function bytesOf(make: () => Uint8Array): Uint8Array {
  try {
    return make()
  } catch (error) {
    if (!(error instanceof PlanSizeError)) throw error
    throw new HostError(
      '',
      'a plan that fits a file with all that is to be compared',
      error.message,
      'name fewer paths',
    )
  }
}

/**
 * Into the file that is there: another one of its name would not be what the mounts of a sandbox that runs protect from
 * its program. A part of a plan is no plan: it has a checksum.
 */
function write(file: string, bytes: Uint8Array): void {
  writeFileSync(file, bytes, { flag: 'r+' })
  truncateSync(file, bytes.length)
}
