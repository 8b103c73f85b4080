import { accessSync, constants, existsSync, readFileSync, statfsSync } from 'node:fs'
import { join } from 'node:path'
import type { CgroupFacts } from './facts.js'

const mountPoint = '/sys/fs/cgroup'
/** CGROUP2_SUPER_MAGIC of linux/magic.h. */
const magic = 0x63677270

/** The cgroup of this process, and whether a limit can be set in it. */
export function cgroupFacts(): CgroupFacts {
  const path = ownPath(readFileSync('/proc/self/cgroup', 'utf8'))
  const place = path === null ? null : join(mountPoint, path)
  if (path === null || place === null || !existsSync(place) || statfsSync(place).type !== magic) return { kind: 'none' }
  const words = (file: string): readonly string[] => readFileSync(join(place, file), 'utf8').split(/\s+/)
  const others = words('cgroup.procs').some((pid) => pid !== '' && pid !== `${process.pid}`)
  // The root alone has no type.
  const isRoot = !existsSync(join(place, 'cgroup.type'))
  return {
    kind: 'v2',
    path,
    controllers: words('cgroup.controllers').filter((word) => word !== ''),
    delegated: ['.', 'cgroup.procs', 'cgroup.subtree_control'].every((file) => isWritable(join(place, file))),
    shared: others && !isRoot,
  }
}

/** Of the hierarchy of version 2; one outside of this process's cgroup namespace cannot be seen. */
export function ownPath(text: string): string | null {
  const [, path] = /^0::(\/.*)$/m.exec(text) ?? []
  return path === undefined || path.startsWith('/..') ? null : path
}

function isWritable(path: string): boolean {
  try {
    accessSync(path, constants.W_OK)
    return true
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'EACCES' || error.code === 'EROFS')) return false
    throw error
  }
}
