/**
 * Plans that are kept for the next start of the same words, which then needs no compiler: the plan, and all that was
 * looked at to make it. The launcher (native/start/) runs a kept plan if every bit of that is still so.
 */
import { randomBytes } from 'node:crypto'
import { readdirSync, renameSync, statSync, unlinkSync, writeFileSync } from 'node:fs'
import { machine } from 'node:os'
import { join } from 'node:path'
import { packageRoot } from '../core/package-root.js'
import { isWithin } from '../core/path.js'
import { log } from '../core/log.js'
import type { Arch, HostFacts } from '../host/facts.js'
import { kernelTypes } from '../host/mounts.js'
import type { Looked, Witness } from '../host/witness.js'
import { notOpenYet, withReportDescriptor } from '../layers/report/report.js'
import { encodePlan, PlanSizeError } from '../plan/codec.js'
import type { Step } from '../plan/descriptors.js'
import { answers, limitNumbers, nodeTypes, type ExpectNodes } from '../plan/start-steps.js'
import { variableNames } from '../policy/variables.js'
import type { Prepared, ReportTarget } from './prepare.js'

/** Written by the build: another build may make another plan of the same policy. */
export const buildIdFile = 'dist/cli/parts/build-id'

/** What a kept plan is known by, and what was seen for it. */
export interface Seen {
  readonly words: readonly string[]
  readonly startedAs: string | null
  readonly witness: Witness
}

const magic = 'PALIKEPT'
/** The launcher reads no more. */
const contentBytesMax = 1 << 20
const mountsMax = 1024
const nativeArchs: readonly Arch[] = ['x86_64', 'i386', 'aarch64']
/** A compiler asks these anew each time, because their answers may change from one moment to the next. */
const momentary: readonly Step['op'][] = ['network.open-route', 'resources.limit-cgroup']
const keptMax = 512

/** Keeps the plan if that is sound; else the next start compiles again, which is what this one did. */
export function keepPlan(place: string, prepared: Prepared, report: ReportTarget | null, seen: Seen): void {
  if (seen.startedAs === null || !isSound(prepared, seen.witness)) return
  try {
    keep(place, prepared, report, { ...seen, startedAs: seen.startedAs })
  } catch (error) {
    // Too long with what is to be compared, a full disk, another run that makes room: this run needs none of it.
    const isOfHost = error instanceof Error && 'syscall' in error
    if (!isOfHost && !(error instanceof PlanSizeError)) throw error
    log('info', 'the plan is not kept', { place, error: error.message })
  }
}

type Started = Seen & { readonly startedAs: string }

function keep(place: string, prepared: Prepared, report: ReportTarget | null, seen: Started): void {
  const { startedAs, witness } = seen
  witness.read(join(packageRoot(), buildIdFile), 64)
  if (witness.doubts.length > 0) return
  const words = seen.words.slice(0, seen.words.indexOf('--') + 2)
  const { plan, facts } = prepared
  const descriptor = report !== null && 'descriptor' in report ? report.descriptor : notOpenYet
  const open: readonly Step[] =
    report !== null && 'file' in report ? [{ op: 'start.open-report', origin: '', file: report.file }] : []
  const steps = [
    ...expectations(facts, plan.steps, { ...seen, words }, namesOf(prepared.policy)),
    ...open,
    ...withReportDescriptor(plan.steps, descriptor),
  ]
  const bytes = encodePlan({ auditArch: plan.auditArch, steps })
  makeRoom(place)
  write(place, nameOf(startedAs, facts.caller.directory, words), fileOf(bytes))
}

/** The variables that a plan depends on. By PATH Node is found, which is protected where something could be written. */
function namesOf({ policy }: Prepared['policy']): readonly string[] {
  const finds = policy.filesystem.write.length === 0 ? [] : ['PATH']
  return [...new Set([...finds, ...variableNames, ...policy.process.environment.pass])]
}

function isSound({ plan, facts, policy }: Prepared, witness: Witness): boolean {
  const { directory } = facts.caller
  const names = namesOf(policy)
  const content = witness.pieces.reduce((sum, one) => sum + one.content.length, 0)
  return (
    nativeArchs.includes(facts.arch) &&
    process.geteuid?.() === facts.caller.uid &&
    process.getegid?.() === facts.caller.gid &&
    // Without it, the user database was asked.
    process.env['HOME'] !== undefined &&
    directory !== '' &&
    ![directory, ...names.map((name) => process.env[name] ?? '')].some((text) => text.includes('\ufffd')) &&
    content <= contentBytesMax &&
    facts.kernelMounts.length <= mountsMax &&
    !plan.steps.some(({ op }) => momentary.includes(op)) &&
    witness.doubts.length === 0
  )
}

function expectations(
  facts: HostFacts,
  steps: readonly Step[],
  { startedAs, words, witness }: Started,
  names: readonly string[],
): readonly Step[] {
  const { uid, gid, directory } = facts.caller
  const none = (1n << 64n) - 1n
  return [
    { op: 'start.expect-words', origin: '', startedAs, root: packageRoot(), words },
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
    { op: 'start.expect-mounts', origin: '', types: [...kernelTypes], points: mountsThatMatter(steps, facts) },
    {
      op: 'start.expect-variables',
      origin: '',
      variables: names.map((name) => {
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

/** The file that a start of these words looks for. */
function nameOf(startedAs: string, directory: string, words: readonly string[]): string {
  const bytes = new TextEncoder().encode([startedAs, directory, ...words].map((word) => `${word}\0`).join(''))
  return [1, 2].map((seed) => checksum(bytes, seed).toString(16).padStart(8, '0')).join('')
}

/** A plan as it is kept. */
export function fileOf(plan: Uint8Array): Uint8Array {
  const file = new Uint8Array(12 + plan.length)
  file.set(new TextEncoder().encode(magic))
  new DataView(file.buffer).setUint32(8, checksum(plan, 0), true)
  file.set(plan, 12)
  return file
}

/**
 * Over words of four bytes, the last one filled up with zeros. Each step can be undone, so no change of a single word
 * is missed. It is for broken disks: who may write to the directory may do all that the caller may.
 */
function checksum(bytes: Uint8Array, seed: number): number {
  let sum = (bytes.length ^ Math.imul(seed, 0x9e3779b1)) >>> 0
  for (let at = 0; at < bytes.length; at += 4) {
    const word =
      (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8) | ((bytes[at + 2] ?? 0) << 16) | ((bytes[at + 3] ?? 0) << 24)
    sum = Math.imul(sum ^ word, 0x01000193)
    sum ^= sum >>> 15
  }
  return sum >>> 0
}

/** At once, so that nobody finds a part of it. */
function write(place: string, name: string, bytes: Uint8Array): void {
  const making = join(place, `.${name}-${randomBytes(6).toString('hex')}`)
  writeFileSync(making, bytes, { flag: 'wx', mode: 0o600 })
  renameSync(making, join(place, name))
}

/** The half that was made first goes when there are too many. */
function makeRoom(place: string): void {
  const names = readdirSync(place)
  if (names.length < keptMax) return
  const made = names.map((name) => ({ name, time: statSync(join(place, name)).mtimeMs }))
  const oldest = made.toSorted((one, other) => one.time - other.time).slice(0, keptMax / 2)
  for (const { name } of oldest) unlinkSync(join(place, name))
}
