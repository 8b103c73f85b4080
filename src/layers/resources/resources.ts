import type { LayerClaims } from '../layer.js'
import type { Policy } from '../../policy/policy.js'
import type { LimitWallClock, SetLimit } from './steps.js'

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
  ],
}

/** The `limits` part of a parsed policy. */
export type LimitsPolicy = Policy['limits']

/** RLIMIT_* of asm-generic/resource.h, which x86, ARM and RISC-V share. */
const resources = { cpu: 0, fileSize: 1, stack: 3, core: 4, processes: 6, files: 7, addressSpace: 9 } as const

/** For people: `RLIMIT_NOFILE` as `files`. */
export function resourceName(number: number): string {
  return Object.entries(resources).find(([, value]) => value === number)?.[0] ?? String(number)
}

/** FD_SETSIZE: a program that still uses select(2) overflows above it, and Node raises the limit it was given. */
const filesDefault = 1024
/** From SIGTERM to SIGKILL. */
const graceMs = 5000

/** Soft and hard limits. A core dump would leave the sandbox through the host's core_pattern: never one. */
export function lower(limits: LimitsPolicy): readonly (LimitWallClock | SetLimit)[] {
  const wall: readonly LimitWallClock[] =
    limits.wall === undefined
      ? []
      : [{ op: 'resources.limit-wall-clock', origin: 'limits.wall', milliseconds: BigInt(limits.wall), graceMs }]
  return [
    ...wall,
    setLimit('limits', resources.core, 0n),
    setLimit('limits.files', resources.files, BigInt(limits.files ?? filesDefault)),
    ...optional('limits.cpu', resources.cpu, limits.cpu === undefined ? undefined : BigInt(limits.cpu) / 1000n),
    ...optional('limits.file-size', resources.fileSize, limits['file-size']),
    ...optional('limits.address-space', resources.addressSpace, limits['address-space']),
    ...optional('limits.stack', resources.stack, limits.stack),
    ...optional(
      'limits.processes',
      resources.processes,
      limits.processes === undefined ? undefined : BigInt(limits.processes),
    ),
  ]
}

function optional(origin: string, number: number, value: bigint | undefined): readonly SetLimit[] {
  return value === undefined ? [] : [setLimit(origin, number, value)]
}

function setLimit(origin: string, number: number, value: bigint): SetLimit {
  return { op: 'resources.set-limit', origin, resource: number, value }
}
