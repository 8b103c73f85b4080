/** Limits of everything inside together: a cgroup (cgroups(7), version 2) below the caller's own, or one that it names. */
import { InternalError, type Problem } from '../../core/errors.js'
import type { PolicyKey } from '../../core/policy-key.js'
import { bootForV2, delegatedScope, isHeldByV1, mountOwn } from '../../host/cgroup-fixes.js'
import type { Arch, HostFacts, OwnCgroup } from '../../host/facts.js'
import type { Policy } from '../../policy/policy.js'
import { obstacleInNamed, type Obstacle } from './named-cgroup.js'
import type { LimitCgroup } from './steps.js'

type Asked = 'memory' | 'pids' | 'cpus'

interface Controller {
  readonly key: Asked
  readonly name: string
  /** What of setrlimit(2) is nearest, for a host that has no cgroup to give. */
  readonly instead: string
}

const controllers: readonly Controller[] = [
  { key: 'memory', name: 'memory', instead: 'limits.address-space, which is of each process' },
  { key: 'pids', name: 'pids', instead: "limits.processes, which counts all of the user's" },
  { key: 'cpus', name: 'cpu', instead: 'limits.cpu, which is the seconds of each process' },
]

/** Of cpu.max, in microseconds. */
const periodUs = 100_000

/** The key that a setting of the step comes from. */
export function keyOfSetting(file: string): PolicyKey {
  const controller = controllers.find(({ name }) => file.startsWith(`${name}.`))
  if (controller === undefined) throw new InternalError(`${file} is of no controller`)
  return `limits.${controller.key}`
}

export function lowerCgroup(limits: Policy['limits'], cgroup: HostFacts['cgroup']): readonly LimitCgroup[] {
  const { memory, pids, cpus } = limits
  const names = askedFor(limits).map(({ name }) => name)
  if (names.length === 0) return []
  const settings = [
    ...(memory === undefined ? [] : memorySettings(memory)),
    // Palisade's own pid 1 is one of them.
    ...(pids === undefined ? [] : [{ file: 'pids.max', value: `${pids + 1}` }]),
    ...(cpus === undefined ? [] : [{ file: 'cpu.max', value: `${Math.round(cpus * periodUs)} ${periodUs}` }]),
  ]
  const [enable, disable] = ['+', '-'].map((sign) => names.map((name) => `${sign}${name}`).join(' '))
  const above = cgroup.kind === 'named' ? cgroup.directory : ''
  const words = { above, enable: enable ?? '', disable: disable ?? '' }
  return [{ op: 'resources.limit-cgroup', origin: 'limits', ...words, settings }]
}

/** What is left of a group that lost one process is of no use to anybody: all of it ends. */
function memorySettings(bytes: bigint): LimitCgroup['settings'] {
  return [
    { file: 'memory.max', value: `${bytes}` },
    { file: 'memory.swap.max', value: '0' },
    { file: 'memory.oom.group', value: '1' },
  ]
}

export function cgroupProblems(
  limits: Policy['limits'],
  { arch, cgroup, caller }: Pick<HostFacts, 'arch' | 'cgroup' | 'caller'>,
): readonly Problem[] {
  const obstacles = askedFor(limits).flatMap((controller): Problem[] => {
    const isNamed = cgroup.kind === 'named' || cgroup.kind === 'no cgroup'
    const found = isNamed
      ? obstacleInNamed(cgroup, controller.name, caller.uid)
      : obstacleInOwn(cgroup, controller, caller.uid)
    return found === null ? [] : [{ key: `limits.${controller.key}`, ...found }]
  })
  if (!is32Bit(arch) || (limits.pids ?? 0) <= pidsOf32Bit) return obstacles
  const message = `is more than a 32-bit kernel can count, which is ${pidsOf32Bit} and Palisade's own`
  return [...obstacles, { key: 'limits.pids', message, fix: `write ${pidsOf32Bit} or less` }]
}

/** PID_MAX_LIMIT there is 32768. */
const pidsOf32Bit = 32_767

function is32Bit(arch: Arch): boolean {
  return arch === 'i386' || arch === 'arm'
}

function askedFor(limits: Policy['limits']): readonly Controller[] {
  return controllers.filter(({ key }) => limits[key] !== undefined)
}

function obstacleInOwn(cgroup: OwnCgroup, controller: Controller, uid: number): Obstacle | null {
  const message = obstacle(cgroup, controller.name)
  return message === null ? null : { message, fix: fixFor(cgroup, controller, uid) }
}

function obstacle(cgroup: OwnCgroup, controller: string): string | null {
  if (cgroup.kind === 'none') return 'needs cgroup v2 at /sys/fs/cgroup, where this host has v1, or nothing'
  if (cgroup.kind === 'unseen')
    return "needs the caller's own cgroup, which is not in what is mounted at /sys/fs/cgroup"
  const { path, controllers: present, delegated, shared } = cgroup
  if (isHeldByV1(cgroup, controller)) return `needs the ${controller} controller, which cgroup v2 does not have here`
  if (shared === 'with the caller')
    return `needs a cgroup without processes, and cgroup ${path} is the one that this process is in`
  if (!delegated) return `needs a cgroup that this user may divide, and cgroup ${path} is not`
  if (!present.includes(controller)) return `needs the ${controller} controller, which cgroup ${path} does not have`
  if (shared === 'with others')
    return `needs a cgroup with nothing but sandbox-exec in it, and cgroup ${path} has other processes`
  return null
}

function fixFor(cgroup: OwnCgroup, { name, instead }: Controller, uid: number): string {
  if (isHeldByV1(cgroup, name)) return `${bootForV2}, or use ${instead}`
  if (cgroup.kind === 'unseen') return mountOwn
  const scope = delegatedScope(uid === 0 ? 'root' : 'user')
  if (cgroup.kind === 'v2' && cgroup.shared === 'with the caller')
    return `name one that this user was given (option cgroup), or use ${instead}`
  return `start it by ${scope}`
}
