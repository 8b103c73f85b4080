/** What runs could leave behind. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { descendants, descriptorsOf, namespacesOf, processes } from './processes.js'

export interface Counter {
  readonly name: string
  /** How many more at the end are no leak. */
  readonly tolerance: number
  readonly count: () => number
}

/** Others of this machine come and go; what is left behind by every tenth run of 300 is more. */
const byOthers = 30

export const counters: readonly Counter[] = [
  { name: 'descriptors of Node', tolerance: 0, count: () => descriptorsOf(process.pid) },
  { name: 'descendants', tolerance: 0, count: () => descendants(processes()).length },
  { name: 'descriptors of these', tolerance: 0, count: () => sum(ours().map(descriptorsOf)) },
  { name: 'zombies of Node', tolerance: 0, count: () => processes().filter(isOurZombie).length },
  { name: 'orphans', tolerance: byOthers, count: () => processes().filter(isOrphan).length },
  { name: 'namespaces', tolerance: 0, count: () => new Set([process.pid, ...ours()].flatMap(namespacesOf)).size },
  { name: 'mounts', tolerance: 0, count: () => readFileSync('/proc/self/mountinfo', 'utf8').split('\n').length },
  { name: 'cgroups', tolerance: byOthers, count: () => cgroupsBelow('/sys/fs/cgroup') },
  { name: 'files in /tmp', tolerance: byOthers, count: () => entriesOf(tmpdir()) + entriesOf('/dev/shm') },
]

/** Of those slab caches that a sandbox uses; nobody but root may count them, and then there are none of these. */
const caches = ['net_namespace', 'user_namespace', 'pid_namespace', 'uts_namespace', 'mnt_cache', 'task_struct']
/** Freed some time after their last user is gone, and others' come and go by the hundred. */
const inKernel = 100

export function allCounters(): readonly Counter[] {
  const known = activeObjects()
  const kernel = caches
    .filter((name) => known.has(name))
    .map((name) => ({ name: `kernel: ${name}`, tolerance: inKernel, count: () => activeObjects().get(name) ?? 0 }))
  return [...counters, ...kernel]
}

/** Bytes of this process, after its garbage is collected. */
export interface Memory {
  readonly resident: number
  readonly heap: number
}

export function memory(): Memory {
  setFlagsFromString('--expose-gc')
  const collect: unknown = runInNewContext('gc')
  if (typeof collect !== 'function') throw new Error('no gc')
  // What the first one finalizes the second one frees.
  for (const _ of [1, 2]) Reflect.apply(collect, null, [])
  const { rss, heapUsed } = process.memoryUsage()
  return { resident: rss, heap: heapUsed }
}

const ours = (): readonly number[] => descendants(processes()).map(({ pid }) => pid)
const isOurZombie = ({ parent, state }: ReturnType<typeof processes>[number]): boolean =>
  parent === process.pid && state === 'Z'
/** A part of a sandbox that has lost its supervisor. */
const isOrphan = ({ parent, name }: ReturnType<typeof processes>[number]): boolean =>
  parent === 1 && name === 'palisade-launch'

function activeObjects(): ReadonlyMap<string, number> {
  if (process.getuid?.() !== 0 || !existsSync('/proc/slabinfo')) return new Map()
  const lines = readFileSync('/proc/slabinfo', 'utf8').split('\n')
  return new Map(lines.map((line) => line.split(/ +/)).map(([name = '', active]) => [name, Number(active)]))
}

/** Those of the launcher's names (native/launcher/cgroup.cc). */
function cgroupsBelow(place: string): number {
  const directories = readdirSync(place, { withFileTypes: true }).filter((entry) => entry.isDirectory())
  return sum(directories.map(({ name }) => Number(name.startsWith('palisade-')) + cgroupsBelow(`${place}/${name}`)))
}

function entriesOf(directory: string): number {
  return existsSync(directory) ? readdirSync(directory).length : 0
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((all, one) => all + one, 0)
}
