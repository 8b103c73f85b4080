import { accessSync, constants, existsSync, readFileSync, statfsSync } from 'node:fs'
import { join } from 'node:path'
import { errorCode } from '../core/error-code.js'
import type { CgroupFacts } from './facts.js'

const mountPoint = '/sys/fs/cgroup'
/** CGROUP2_SUPER_MAGIC of linux/magic.h. */
const magic = 0x63677270

/** Who will make a cgroup below this one: this process, or a child, beside which it stays here. */
export type Launcher = 'this process' | 'a child'

/** The cgroup of this process, and whether a limit can be set in it. */
export function cgroupFacts(launcher: Launcher): CgroupFacts {
  const path = ownPath(readFileSync('/proc/self/cgroup', 'utf8'))
  if (!existsSync(mountPoint) || statfsSync(mountPoint).type !== magic) return { kind: 'none' }
  if (path === null || !existsSync(join(mountPoint, path))) return { kind: 'unseen' }
  const place = join(mountPoint, path)
  const processes = processesIn(place)
  if (processes?.includes(`${process.pid}`) === false) return { kind: 'unseen' }
  // The root alone has no type.
  const isRoot = !existsSync(join(place, 'cgroup.type'))
  const files = ['.', 'cgroup.procs', 'cgroup.subtree_control']
  return {
    kind: 'v2',
    path,
    controllers: words(join(place, 'cgroup.controllers')),
    delegated: processes !== null && files.every((file) => isWritable(join(place, file))),
    shared: isRoot || processes === null ? 'no' : sharedWith(processes, launcher),
  }
}

function sharedWith(processes: readonly string[], launcher: Launcher): 'no' | 'with others' | 'with the caller' {
  if (processes.some((pid) => pid !== `${process.pid}`)) return 'with others'
  return launcher === 'a child' ? 'with the caller' : 'no'
}

/** Null: it is threaded, and threads of one process may be in several. */
function processesIn(cgroup: string): readonly string[] | null {
  try {
    return words(join(cgroup, 'cgroup.procs'))
  } catch (error) {
    if (errorCode(error) === 'ENOTSUP') return null
    throw error
  }
}

function words(file: string): readonly string[] {
  return readFileSync(file, 'utf8')
    .split(/\s+/)
    .filter((word) => word !== '')
}

/** Of the hierarchy of version 2; null: it has none, or one outside of this process's cgroup namespace. */
export function ownPath(text: string): string | null {
  const [, path] = /^0::(\/.*)$/m.exec(text) ?? []
  return path === undefined || path.startsWith('/..') ? null : path
}

function isWritable(path: string): boolean {
  try {
    accessSync(path, constants.W_OK)
    return true
  } catch (error) {
    if (['EACCES', 'EROFS'].includes(errorCode(error))) return false
    throw error
  }
}
