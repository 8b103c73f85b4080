import { constants, fstatSync, openSync, readlinkSync } from 'node:fs'
import { isAbsolute, normalize } from 'node:path'
import { errorCodeOrThrow } from '../core/error-code.js'
import { HostError } from '../core/errors.js'

/** A directory for kept plans. */
export interface PlanDirectory {
  readonly path: string
  /** The same as this process has it open, whatever `path` leads to later. */
  readonly opened: string
}

/**
 * The directory that a caller names for kept plans. What lies there is run by the next start, so nobody else may have
 * put it there, and no symlink on the way may come to lead elsewhere.
 * @throws HostError when it is none of that kind.
 */
export function planDirectory(name: string, uid: number): PlanDirectory {
  if (!isPlain(name))
    throw unfit(name, 'another spelling', 'write its absolute path, without . and .. and doubled slashes')
  const found = openPlanDirectory(name, uid)
  if ('wrong' in found) throw unfit(name, found.wrong, `mkdir -m 0700 ${name}, at a path without symlinks`)
  return found
}

/** Absolute, without `.`, `..` and empty components. */
export function isPlain(path: string): boolean {
  return isAbsolute(path) && normalize(path) === path && path !== '/' && !path.endsWith('/')
}

function unfit(name: string, found: string, fix: string): HostError {
  return new HostError('--plans', `a directory of the caller's own, with mode 0700, at ${name}`, found, fix)
}

/** Opens it for as long as this process is what it is, or says what is wrong with it. */
export function openPlanDirectory(path: string, uid: number): PlanDirectory | { readonly wrong: string } {
  try {
    const opened = `/proc/self/fd/${openSync(path, constants.O_RDONLY | constants.O_DIRECTORY)}`
    const wrong = whatIsWrong(path, opened, uid)
    return wrong === null ? { path, opened } : { wrong }
  } catch (error) {
    return { wrong: wordFor(errorCodeOrThrow(error)) }
  }
}

function whatIsWrong(path: string, opened: string, uid: number): string | null {
  const stats = fstatSync(Number(opened.slice(opened.lastIndexOf('/') + 1)))
  if (readlinkSync(opened) !== path) return 'a symlink on the way'
  if (stats.uid !== uid) return `one that belongs to ${stats.uid}`
  return (stats.mode & 0o7777) === 0o700 ? null : `mode ${(stats.mode & 0o7777).toString(8).padStart(4, '0')}`
}

function wordFor(code: string): string {
  return code === 'ENOTDIR' ? 'no directory' : code
}
