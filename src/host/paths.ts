import { accessSync, constants, lstatSync, readlinkSync, type Stats } from 'node:fs'
import { HostError } from '../core/errors.js'
import type { PolicyKey } from '../core/policy-key.js'
import type { FileKind } from '../policy/resolved.js'
import type { PathFacts } from './facts.js'

/** What stands at a path, and the symlinks on the way to it. */
export interface Found {
  readonly facts: PathFacts | null
  readonly symlinks: ReadonlyMap<string, string>
}

/** As many as the kernel follows in one lookup (path_resolution(7)). */
const symlinksMax = 40

/**
 * Walks `path` component by component, as the kernel would, and notes every symlink. `key` is what asked for it.
 * @throws HostError when the walk is refused (EACCES) or does not end (ELOOP).
 */
export function lookUp(path: string, key: PolicyKey): Found {
  const symlinks = new Map<string, string>()
  let rest = path.split('/')
  let real = ''
  let followed = 0
  let last = stat('/', key)
  while (rest.length > 0) {
    const [part, ...after] = rest
    rest = after
    if (part === undefined || part === '' || part === '.') continue
    if (last === null || !last.isDirectory()) return { facts: null, symlinks }
    if (part === '..') {
      real = real.slice(0, Math.max(real.lastIndexOf('/'), 0))
      last = stat(real === '' ? '/' : real, key)
      continue
    }
    const here = `${real}/${part}`
    const next = stat(here, key)
    if (next === null) return { facts: null, symlinks }
    if (!next.isSymbolicLink()) {
      real = here
      last = next
      continue
    }
    followed += 1
    if (followed > symlinksMax) throw refused(path, key, 'ELOOP')
    const target = readlinkSync(here)
    symlinks.set(here, target)
    if (target.startsWith('/')) {
      real = ''
      last = stat('/', key)
    }
    rest = [...target.split('/'), ...rest]
  }
  return { facts: last === null ? null : factsOf(real === '' ? '/' : real, last), symlinks }
}

function stat(path: string, key: PolicyKey): Stats | null {
  try {
    return lstatSync(path)
  } catch (error) {
    const code = codeOf(error)
    if (code === 'ENOENT' || code === 'ENOTDIR') return null
    if (code === 'EACCES' || code === 'ENAMETOOLONG') throw refused(path, key, code)
    throw error
  }
}

function refused(path: string, key: PolicyKey, code: string): HostError {
  return new HostError(key, `a look at ${path}`, code, 'run as a user who may search the directories above it')
}

function factsOf(real: string, stats: Stats): PathFacts | null {
  const kind = kindOf(stats)
  if (kind === null) return null
  return {
    real,
    kind,
    uid: stats.uid,
    gid: stats.gid,
    mode: stats.mode & 0o7777,
    links: stats.nlink,
    callerWrites: mayWrite(real),
  }
}

function kindOf(stats: Stats): FileKind | null {
  if (stats.isDirectory()) return 'directory'
  if (stats.isFile()) return 'file'
  if (stats.isCharacterDevice() || stats.isBlockDevice()) return 'device'
  if (stats.isSocket()) return 'socket'
  return stats.isFIFO() ? 'fifo' : null
}

function mayWrite(path: string): boolean {
  try {
    accessSync(path, constants.W_OK)
    return true
  } catch (error) {
    const code = codeOf(error)
    if (code === 'EACCES' || code === 'EROFS' || code === 'EPERM' || code === 'ETXTBSY') return false
    throw error
  }
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined
}
