import { lstatSync, realpathSync } from 'node:fs'
import { isAbsolute, normalize } from 'node:path'
import { errorCodeOrThrow } from '../core/error-code.js'
import { HostError } from '../core/errors.js'

/**
 * The directory that a caller names for kept plans. What lies there is run by the next start, so nobody else may have
 * put it there, and no symlink on the way may come to lead elsewhere.
 * @throws HostError when it is none of that kind.
 */
export function planDirectory(name: string, uid: number): string {
  const isPlain = isAbsolute(name) && normalize(name) === name && name !== '/' && !name.endsWith('/')
  if (!isPlain) throw unfit(name, 'another spelling', 'write its absolute path, without . and .. and doubled slashes')
  const found = whatIsWrong(name, uid)
  if (found !== null) throw unfit(name, found, `mkdir -m 0700 ${name}, at a path without symlinks`)
  return name
}

function unfit(name: string, found: string, fix: string): HostError {
  return new HostError('--plans', `a directory of the caller's own, with mode 0700, at ${name}`, found, fix)
}

function whatIsWrong(directory: string, uid: number): string | null {
  try {
    const stats = lstatSync(directory)
    if (realpathSync(directory) !== directory) return 'a symlink on the way'
    if (!stats.isDirectory()) return 'no directory'
    if (stats.uid !== uid) return `one that belongs to ${stats.uid}`
    return (stats.mode & 0o7777) === 0o700 ? null : `mode ${(stats.mode & 0o7777).toString(8).padStart(4, '0')}`
  } catch (error) {
    return errorCodeOrThrow(error)
  }
}
