/**
 * Where plans are kept if the caller names no directory: what lies there is sealed, so it need not be a place where
 * nobody else could write.
 */
import { lstatSync, mkdirSync, realpathSync } from 'node:fs'
import { dirname } from 'node:path'
import { isPlain, openPlanDirectory, type PlanDirectory } from './plan-directory.js'

export interface Candidate {
  readonly path: string
  /** Directories that may be made where they are missing, outermost first, `path` at last. */
  readonly makes: readonly string[]
}

/** What is left by a start: a directory, or for each of the places why it is none. */
export type UsualDirectory = PlanDirectory | { readonly none: readonly string[] }

/** What decides where they are. */
export const placeVariables = ['XDG_RUNTIME_DIR', 'XDG_CACHE_HOME', 'HOME'] as const

/** In the order in which the launcher looks there (native/start/directory.cc). */
export function planPlaces(environment: Readonly<Record<string, string | undefined>>): readonly Candidate[] {
  const { XDG_RUNTIME_DIR: runtime = '', XDG_CACHE_HOME: cache = '', HOME: home = '' } = environment
  const places = [
    // The user's session makes it, and takes it away.
    [runtime, `${runtime}/palisade`],
    [cache, cache, `${cache}/palisade`],
    [home, `${home}/.cache`, `${home}/.cache/palisade`],
  ] as const
  return places.flatMap(([above, ...makes]) => {
    const path = makes.at(-1)
    // Bytes that are no UTF-8 are lost in it.
    return path === undefined || !isPlain(above) || above.includes('\ufffd') ? [] : [{ path, makes }]
  })
}

/** The first of the places that the caller can use, made where it is missing. */
export function usualDirectory(environment: NodeJS.ProcessEnv, uid: number): UsualDirectory {
  const none: string[] = []
  for (const { path, makes } of planPlaces(environment)) {
    const wrong = makes.map((directory) => makeMissing(directory, uid)).find((one) => one !== null) ?? null
    const found = wrong === null ? openPlanDirectory(path, uid) : { wrong }
    if (!('wrong' in found)) return found
    none.push(`${path}: ${found.wrong}`)
  }
  return { none }
}

/** Only in a directory of the caller's own: root's start with a user's HOME leaves nothing there. */
function makeMissing(directory: string, uid: number): string | null {
  try {
    if (lstatSync(directory, { throwIfNoEntry: false }) !== undefined) return null
    const above = dirname(directory)
    const { uid: owner } = lstatSync(above)
    if (owner !== uid) return `${above} belongs to ${owner}`
    // A program that may write here could have what is made be made elsewhere.
    if (realpathSync(above) !== above) return `${above} is reached by a symlink`
    mkdirSync(directory, 0o700)
    return null
  } catch (error) {
    if (!(error instanceof Error) || !('code' in error)) throw error
    // Another start has made it.
    return error.code === 'EEXIST' ? null : String(error.code)
  }
}
