import type { Problem } from '../../core/errors.js'
import type { HostFacts } from '../../host/facts.js'
import type { LayerClaims } from '../layer.js'
import type { Policy } from '../../policy/policy.js'
import { cgroupProblems, lowerCgroup } from './cgroup.js'
import type { LimitCgroup, LimitWallClock, SetLimit } from './steps.js'

export const claims: LayerClaims = {
  layer: 'resources',
  claims: [
    'limits.wall',
    'limits.cpu',
    'limits.files',
    'limits.processes',
    'limits.file-size',
    'limits.address-space',
    'limits.stack',
    'limits.memory',
    'limits.pids',
    'limits.cpus',
  ],
}

/** The `limits` part of a parsed policy. */
export type LimitsPolicy = Policy['limits']

/** RLIMIT_* of asm-generic/resource.h, which x86, ARM and RISC-V share. */
const resources = {
  cpu: 0,
  fileSize: 1,
  stack: 3,
  core: 4,
  processes: 6,
  files: 7,
  addressSpace: 9,
  realTimePriority: 14,
} as const

/** For people: `RLIMIT_NOFILE` as `files`. */
export function resourceName(number: number): string {
  return Object.entries(resources).find(([, value]) => value === number)?.[0] ?? String(number)
}

/** FD_SETSIZE: a program that still uses select(2) overflows above it, and Node raises the limit it was given. */
const filesDefault = 1024n
/** From SIGTERM to SIGKILL, when the time by the clock is over. */
export const graceMs = 5000

/** Soft and hard limits. A core dump would leave the sandbox through the host's core_pattern: never one. */
export function lower(
  limits: LimitsPolicy,
  { hardLimits, cgroup }: Pick<HostFacts, 'hardLimits' | 'cgroup'>,
): readonly (LimitCgroup | LimitWallClock | SetLimit)[] {
  const wall: readonly LimitWallClock[] =
    limits.wall === undefined
      ? []
      : [{ op: 'resources.limit-wall-clock', origin: 'limits.wall', milliseconds: BigInt(limits.wall), graceMs }]
  return [
    ...wall,
    ...lowerCgroup(limits, cgroup),
    // cpu.max is for the fair scheduler's processes alone (sched(7)): none inside becomes another one's.
    ...(limits.cpus === undefined ? [] : [setLimit('limits.cpus', resources.realTimePriority, 0n)]),
    setLimit('limits', resources.core, 0n),
    setLimit('limits.files', resources.files, limits.files === undefined ? filesFor(hardLimits) : BigInt(limits.files)),
    ...askedFor(limits)
      .filter(({ resource }) => resource !== resources.files)
      .map(({ key, resource, value }) => setLimit(key, resource, value)),
  ]
}

/** What this host cannot limit. */
export function limitProblems(
  limits: LimitsPolicy,
  host: Pick<HostFacts, 'arch' | 'hardLimits' | 'cgroup' | 'caller'>,
): readonly Problem[] {
  return [...hardLimitProblems(limits, host.hardLimits), ...cgroupProblems(limits, host)]
}

/** What setrlimit(2) would refuse: whoever starts a sandbox cannot raise its own hard limits. */
function hardLimitProblems(limits: LimitsPolicy, hardLimits: HostFacts['hardLimits']): readonly Problem[] {
  return askedFor(limits).flatMap(({ key, resource, value }): Problem[] => {
    const most = hardLimits.get(resource)
    if (most === undefined || value <= most) return []
    const message = `is above the caller's hard limit, which is ${most}${resource === resources.cpu ? ' seconds' : ''}`
    return [{ key, message, fix: 'ask for no more, or start it with a higher hard limit (ulimit -H)' }]
  })
}

interface Asked {
  readonly key: string
  readonly resource: number
  readonly value: bigint
}

/** The limits that a policy sets, in the units of setrlimit(2). */
function askedFor(limits: LimitsPolicy): readonly Asked[] {
  const { cpu, files, processes, stack } = limits
  const asked: readonly (readonly [string, number, bigint | undefined])[] = [
    ['limits.files', resources.files, files === undefined ? undefined : BigInt(files)],
    ['limits.cpu', resources.cpu, cpu === undefined ? undefined : BigInt(cpu) / 1000n],
    ['limits.file-size', resources.fileSize, limits['file-size']],
    ['limits.address-space', resources.addressSpace, limits['address-space']],
    ['limits.stack', resources.stack, stack],
    ['limits.processes', resources.processes, processes === undefined ? undefined : BigInt(processes)],
  ]
  return asked.flatMap(([key, resource, value]) => (value === undefined ? [] : [{ key, resource, value }]))
}

function filesFor(hardLimits: HostFacts['hardLimits']): bigint {
  const most = hardLimits.get(resources.files)
  return most === undefined || most > filesDefault ? filesDefault : most
}

function setLimit(origin: string, number: number, value: bigint): SetLimit {
  return { op: 'resources.set-limit', origin, resource: number, value }
}
