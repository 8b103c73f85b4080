import { lstatSync, mkdirSync } from 'node:fs'
import { dirname, isAbsolute, join, normalize } from 'node:path'

/** The variables that name a place for plans; the launcher reads the same ones (native/start/directory.cc). */
export const directoryVariables = ['XDG_RUNTIME_DIR', 'XDG_CACHE_HOME', 'HOME'] as const

/** Where plans may be kept, the best place first: none of them is ever seen inside a sandbox. */
export function planDirectories(environment: Readonly<Record<string, string | undefined>>): readonly string[] {
  const places = directoryVariables.flatMap((name) => {
    const value = environment[name] ?? ''
    const isPlain = isAbsolute(value) && normalize(value) === value && value !== '/' && !value.endsWith('/')
    return isPlain ? [join(value, name === 'HOME' ? '.cache' : '', 'palisade/plans')] : []
  })
  return [...new Set(places)]
}

/** Makes those that it can, so that no program in a sandbox can make them; gives the first that plans can be kept in. */
export function makePlanDirectories(directories: readonly string[], uid: number): string | null {
  const made = directories.filter((directory) => make(directory, uid))
  return made[0] ?? null
}

/** True when it is there, and nobody but `uid` can have put anything into it. */
function make(directory: string, uid: number): boolean {
  const parts = [dirname(dirname(directory)), dirname(directory), directory]
  if (!isOwn(dirname(parts[0] ?? '/'), uid) && !isOwn(parts[0] ?? '/', uid)) return false
  for (const part of parts) {
    try {
      mkdirSync(part, { mode: 0o700 })
    } catch (error) {
      if (!isRefusal(error)) throw error
    }
    if (!isOwn(part, uid)) return false
  }
  return (lstatSync(directory).mode & 0o7777) === 0o700
}

function isOwn(directory: string, uid: number): boolean {
  try {
    const stats = lstatSync(directory)
    return stats.isDirectory() && stats.uid === uid && (stats.mode & 0o022) === 0
  } catch (error) {
    if (isRefusal(error)) return false
    throw error
  }
}

/** It is there already, or cannot be there: what follows tells. */
function isRefusal(error: unknown): boolean {
  const codes: readonly unknown[] = [
    'EEXIST',
    'ENOENT',
    'ENOTDIR',
    'EACCES',
    'EPERM',
    'EROFS',
    'ENOSPC',
    'EDQUOT',
    'ELOOP',
  ]
  return error instanceof Error && 'code' in error && codes.includes(error.code)
}
