import { accessSync, constants, existsSync, readFileSync, realpathSync, statfsSync } from 'node:fs'
import { join } from 'node:path'
import { errorCode } from '../core/error-code.js'
import { directoriesAbove, isWithin } from '../core/path.js'
import type { NamedCgroup, OwnCgroup } from './facts.js'

const mountPoint = '/sys/fs/cgroup'
/** CGROUP2_SUPER_MAGIC of linux/magic.h. */
const magic = 0x63677270

/** Who will make a cgroup below its own: this process, or a child, beside which it stays there. */
export type Maker = 'this process' | 'a child'
/** Or a child, below a directory that is named. */
export type Launcher = Maker | { readonly below: string }

/** The cgroup of this process, and whether a limit can be set in it. */
export function ownCgroup(maker: Maker): OwnCgroup {
  const path = ownPath(readFileSync('/proc/self/cgroup', 'utf8'))
  if (!isCgroup(mountPoint)) return { kind: 'none' }
  if (path === null || !existsSync(join(mountPoint, path))) return { kind: 'unseen' }
  const place = join(mountPoint, path)
  if (processesIn(place)?.includes(`${process.pid}`) === false) return { kind: 'unseen' }
  return { kind: 'v2', path, ...stateOf(place, maker) }
}

/** One that is named, and whether a limit can be set in it. */
export function namedCgroup(named: string): NamedCgroup {
  if (!isCgroup(named)) return { kind: 'no cgroup', directory: named }
  const directory = realpathSync(named)
  const above = directoriesAbove(directory).filter(isCgroup).toReversed()
  const own = ownPath(readFileSync('/proc/self/cgroup', 'utf8'))
  // Where this process cannot find its own, the kernel alone knows.
  const around = own === null ? undefined : [directory, ...above].find((one) => isWithin(join(mountPoint, own), one))
  const isApart = around !== undefined && !isWritable(join(around, 'cgroup.procs'))
  return {
    kind: 'named',
    directory,
    above: above.map((one) => ({ directory: one, controllers: controllersOf(one) })),
    apartIn: isApart ? around : null,
    ...stateOf(directory, 'a child'),
  }
}

function stateOf(place: string, maker: Maker): Pick<Version2, 'controllers' | 'delegated' | 'shared'> {
  const processes = processesIn(place)
  const files = ['.', 'cgroup.procs', 'cgroup.subtree_control']
  const delegated = processes !== null && files.every((file) => isWritable(join(place, file)))
  // The root alone has no type.
  const isRoot = !existsSync(join(place, 'cgroup.type'))
  const shared = isRoot && delegated ? 'no' : sharedWith(processes ?? [], maker)
  return { controllers: controllersOf(place), delegated, shared }
}

type Version2 = Extract<OwnCgroup, { kind: 'v2' }>

function sharedWith(processes: readonly string[], maker: Maker): Version2['shared'] {
  const own = `${process.pid}`
  if (maker === 'a child' && processes.includes(own)) return 'with the caller'
  return processes.some((pid) => pid !== own) ? 'with others' : 'no'
}

/** Its files are on the same file system. */
function isCgroup(place: string): boolean {
  return existsSync(join(place, 'cgroup.controllers')) && statfsSync(place).type === magic
}

function controllersOf(cgroup: string): readonly string[] {
  return words(join(cgroup, 'cgroup.controllers'))
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
