/**
 * A plan in a file, to be run later without the compiler: the plan, and all that was looked at to make it. The launcher
 * (native/start/, native/plan/kept.h) runs it if every bit of that is still so.
 */
import { machine } from 'node:os'
import { join } from 'node:path'
import { packageRoot } from '../core/package-root.js'
import { isWithin } from '../core/path.js'
import type { Arch, HostFacts } from '../host/facts.js'
import { kernelTypes } from '../host/mounts.js'
import { placeVariables } from '../host/plan-places.js'
import type { Looked, Witness } from '../host/witness.js'
import { managerVariables } from '../layers/service/service.js'
import { notOpenYet, withReportDescriptor } from '../layers/report/report.js'
import { encodePlan } from '../plan/codec.js'
import type { Step } from '../plan/descriptors.js'
import { answers, limitNumbers, nodeTypes, type ExpectNodes } from '../plan/start-steps.js'
import { variableNames } from '../policy/variables.js'
import type { Addon } from './addon.js'
import type { Prepared, ReportTarget } from './prepare.js'

/** A compiler asks these anew each time, because their answers may change from one moment to the next. */
const momentary: readonly Step['op'][] = ['network.open-route', 'resources.limit-cgroup', 'service.open-listeners']

/** Written by the build: another build may make another plan of the same policy. */
export const buildIdFile = 'dist/cli/parts/build-id'

/** How such a file begins, and one that is sealed. */
export const keptMagic = 'PALIKEPT'
const sealedMagic = 'PALISEAL'
/** The launcher reads no more. */
const contentBytesMax = 1 << 20
const mountsMax = 1024
const nativeArchs: readonly Arch[] = ['x86_64', 'i386', 'aarch64']

/**
 * The plan with all that is to be compared: `first` says for whom it is.
 * @throws PlanSizeError when it is too long with that.
 */
export function keptPlan(first: Step, prepared: Prepared, report: ReportTarget | null, witness: Witness): Uint8Array {
  const descriptor = report !== null && 'descriptor' in report ? report.descriptor : notOpenYet
  const open: readonly Step[] =
    report !== null && 'file' in report ? [{ op: 'start.open-report', origin: '', file: report.file }] : []
  const planned = withReportDescriptor(prepared.plan.steps, descriptor)
  // What is compiled into a file hides no place.
  const names = first.op === 'start.expect-words' ? placeVariables : []
  const variables = [...namesOf(prepared.policy), ...names]
  const steps = [first, ...expectations(prepared, witness, variables), ...open, ...planned]
  return encodePlan({ auditArch: prepared.plan.auditArch, steps })
}

/** The same for a launcher that this process starts itself, and which has none of its variables. */
export function comparedPlan(prepared: Prepared, witness: Witness): Uint8Array {
  const { auditArch, steps } = prepared.plan
  return encodePlan({ auditArch, steps: [...expectations(prepared, witness, []), ...steps] })
}

/** Whether the same facts make the same plan a moment later. */
export function lasts({ plan }: Prepared): boolean {
  return !plan.steps.some(({ op }) => momentary.includes(op))
}

/** Why what was seen cannot be compared later; null: it can. The build is one of the things that are seen. */
export function doubtOf({ facts, policy }: Prepared, witness: Witness): string | null {
  const { uid, gid, directory } = facts.caller
  const texts = [directory, ...namesOf(policy).map((name) => process.env[name] ?? '')]
  if (!nativeArchs.includes(facts.arch)) return `a launcher for ${facts.arch}: there is none`
  if (process.geteuid?.() !== uid || process.getegid?.() !== gid) return 'one user: the ids of this process differ'
  // Without it, the user database was asked.
  if (process.env['HOME'] === undefined) return 'HOME: it is not set'
  if (directory === '') return 'a working directory: it has been removed'
  if (texts.some((text) => text.includes('\ufffd'))) return 'a working directory and variables in UTF-8'
  if (facts.kernelMounts.length > mountsMax) return `no more than ${mountsMax} mounts of the kernel's own`
  witness.read(join(packageRoot(), buildIdFile), 64)
  const content = witness.pieces.reduce((sum, one) => sum + one.content.length, 0)
  if (content > contentBytesMax) return `no more than ${contentBytesMax} bytes of files to compare`
  const [doubt] = witness.doubts
  return doubt === undefined ? null : `files that can be compared: ${doubt}`
}

/** The variables that a plan depends on. By PATH Node is found, which is protected where something could be written. */
export function namesOf({ policy }: Prepared['policy']): readonly string[] {
  const finds = policy.filesystem.write.length === 0 ? [] : ['PATH']
  const told = policy.service.notify ? managerVariables : []
  return [...new Set([...finds, ...variableNames, ...told, ...policy.process.environment.pass])]
}

function expectations({ facts, plan }: Prepared, witness: Witness, variables: readonly string[]): readonly Step[] {
  const { uid, gid, directory } = facts.caller
  const none = (1n << 64n) - 1n
  return [
    {
      op: 'start.expect-host',
      origin: '',
      release: facts.release,
      machine: machine(),
      uid,
      gid,
      directory,
      landlockAbi: facts.landlock.abi,
      landlockErrata: facts.landlock.errata,
      lowestPort: facts.lowestPort,
      ipv6: facts.ipv6 ? 1 : 0,
      hardLimits: limitNumbers.map((number) => facts.hardLimits.get(number) ?? none),
    },
    { op: 'start.expect-mounts', origin: '', types: [...kernelTypes], points: mountsThatMatter(plan.steps, facts) },
    {
      op: 'start.expect-variables',
      origin: '',
      variables: [...new Set(variables)].map((name) => {
        const value = process.env[name]
        return { name, isSet: value === undefined ? 0 : 1, value: value ?? '' }
      }),
    },
    {
      op: 'start.expect-nodes',
      origin: '',
      nodes: Array.from(witness.looked, ([path, looked]) => nodeOf(path, looked)),
    },
    {
      op: 'start.expect-contents',
      origin: '',
      pieces: witness.pieces.map(({ path, offset, length, content }) => ({
        path,
        offset: BigInt(offset),
        length,
        content,
      })),
    },
  ]
}

/** Those in or above what is bound, as the launcher finds them. */
function mountsThatMatter(steps: readonly Step[], { kernelMounts }: HostFacts): readonly string[] {
  const bound = steps.flatMap((step) => (step.op === 'filesystem.bind' ? [step.source] : []))
  return kernelMounts.filter((point) => bound.some((path) => isWithin(point, path) || isWithin(path, point)))
}

function nodeOf(path: string, { node, target, writable }: Looked): ExpectNodes['nodes'][number] {
  const { type, uid = 0, gid = 0, mode = 0, links = 0 } = node ?? { type: 'nothing' }
  return {
    path,
    type: nodeTypes.indexOf(type),
    uid,
    gid,
    mode,
    links: type === 'directory' ? 0 : links,
    writable: answers.indexOf(writable === null ? 'not asked' : writable ? 'yes' : 'no'),
    target,
  }
}

/** A plan where nobody else can write: a checksum, for broken disks. */
export function fileOf(plan: Uint8Array): Uint8Array {
  const sum = new Uint8Array(4)
  new DataView(sum.buffer).setUint32(0, checksum(plan, 0), true)
  return Buffer.concat([Buffer.from(keptMagic), sum, plan])
}

/** A plan where others may write too: a tag that only a caller outside of all sandboxes can make. */
export function sealedFileOf(plan: Uint8Array, addon: Addon): Uint8Array {
  return Buffer.concat([Buffer.from(sealedMagic), addon.sealPlan(plan), plan])
}

/**
 * Over words of four bytes, the last one filled up with zeros. Each step can be undone, so no change of a single word
 * is missed.
 */
export function checksum(bytes: Uint8Array, seed: number): number {
  let sum = (bytes.length ^ Math.imul(seed, 0x9e3779b1)) >>> 0
  for (let at = 0; at < bytes.length; at += 4) {
    const word =
      (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8) | ((bytes[at + 2] ?? 0) << 16) | ((bytes[at + 3] ?? 0) << 24)
    sum = Math.imul(sum ^ word, 0x01000193)
    sum ^= sum >>> 15
  }
  return sum >>> 0
}
