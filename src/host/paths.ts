import { errorCode } from '../core/error-code.js'
import { HostError, InternalError } from '../core/errors.js'
import type { PolicyKey } from '../core/policy-key.js'
import type { FileKind } from '../policy/resolved.js'
import type { PathFacts, Permissions } from './facts.js'
import type { Files, Node } from './files.js'

/** What stands at a path, and what there is on the way to it, as in `HostFacts`. */
export interface Found {
  readonly facts: PathFacts | null
  readonly symlinks: ReadonlyMap<string, string>
  readonly closed: ReadonlyMap<string, Permissions>
}

const everybodySearches = 0o111

/** As many as the kernel follows in one lookup (path_resolution(7)). */
const symlinksMax = 40

/**
 * Walks `path` component by component, as the kernel would, and notes symlinks and closed directories. `key` is what asked for it.
 * @throws HostError when the walk is refused (EACCES) or does not end (ELOOP).
 */
export function lookUp(path: string, key: PolicyKey, files: Files): Found {
  const symlinks = new Map<string, string>()
  const closed = new Map<string, Permissions>()
  let rest = path.split('/')
  let real = ''
  let followed = 0
  const look = (place: string): Node | null => lookAt(place, key, files)
  let last = look('/')
  while (rest.length > 0) {
    const [part, ...after] = rest
    rest = after
    if (part === undefined || part === '' || part === '.') continue
    if (last?.type !== 'directory') return { facts: null, symlinks, closed }
    if (part === '..') {
      real = real.slice(0, Math.max(real.lastIndexOf('/'), 0))
      last = look(real === '' ? '/' : real)
      continue
    }
    const here = `${real}/${part}`
    const next = look(here)
    if (next === null) return { facts: null, symlinks, closed }
    if (next.type !== 'symlink') {
      real = here
      last = next
      const { type, uid, gid, mode } = next
      if (type === 'directory' && (mode & everybodySearches) !== everybodySearches) closed.set(here, { uid, gid, mode })
      continue
    }
    followed += 1
    if (followed > symlinksMax) throw refused(path, key, 'ELOOP')
    const target = files.target(here)
    symlinks.set(here, target)
    if (target.startsWith('/')) {
      real = ''
      last = look('/')
    }
    rest = [...target.split('/'), ...rest]
  }
  return { facts: last === null ? null : factsOf(real === '' ? '/' : real, last, files), symlinks, closed }
}

function lookAt(path: string, key: PolicyKey, files: Files): Node | null {
  try {
    return files.look(path)
  } catch (error) {
    const code = errorCode(error)
    if (code === 'EACCES' || code === 'ENAMETOOLONG') throw refused(path, key, code)
    throw error
  }
}

function refused(path: string, key: PolicyKey, code: string): HostError {
  return new HostError(key, `a look at ${path}`, code, 'run as a user who may search the directories above it')
}

function factsOf(real: string, node: Node, files: Files): PathFacts {
  const { uid, gid, mode, links } = node
  return { real, kind: kindOf(node), uid, gid, mode, links, callerWrites: files.mayWrite(real) }
}

/** The walk has followed every symlink. */
function kindOf({ type }: Node): FileKind {
  if (type === 'symlink') throw new InternalError('the end of a walk is a symlink')
  return type
}

/** Whether something is there that the caller may look at. */
export function isThere(path: string, files: Files): boolean {
  return mayLook(path, files) && lookUp(path, '', files).facts !== null
}

/** Whether the caller may walk there. */
export function mayLook(path: string, files: Files): boolean {
  try {
    lookUp(path, '', files)
    return true
  } catch (error) {
    if (error instanceof HostError) return false
    throw error
  }
}
