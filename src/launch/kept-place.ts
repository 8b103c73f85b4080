import { InternalError } from '../core/errors.js'
import type { Files } from '../host/files.js'
import { mayLook } from '../host/paths.js'
import { planDirectory, type PlanDirectory } from '../host/plan-directory.js'
import { planPlaces, usualDirectory } from '../host/plan-places.js'
import type { HiddenPath } from '../layers/filesystem/hide.js'
import { sealFailure, type Addon } from './addon.js'

/** Where a run leaves its plan, and what makes the next start believe it. */
export interface KeptPlace extends PlanDirectory {
  readonly trust: HiddenPath['trust']
}

/** Why there is no usual place. */
export type NoPlace =
  | { readonly lacks: 'key'; readonly syscall: string; readonly errno: string }
  | { readonly lacks: 'directory'; readonly found: readonly string[] }

/** The directory that the caller has named. @throws HostError when it is not fit. */
export function namedPlace(name: string): KeptPlace {
  return { ...planDirectory(name, userId()), trust: 'named' }
}

/** The place for whoever names none. Without a key to seal with there is none. */
export function usualPlace(addon: Addon): KeptPlace | NoPlace {
  const failure = sealFailure(addon)
  if (failure !== null) return { lacks: 'key', ...failure }
  const found = usualDirectory(process.env, userId())
  return 'none' in found ? { lacks: 'directory', found: found.none } : { ...found, trust: 'sealed' }
}

/** All usual places, there or not: a start with this environment looks into them. */
export function hiddenPlaces(files: Files): readonly HiddenPath[] {
  const places = planPlaces(process.env).map(({ path }) => path)
  // Where the caller may not look, no start of the caller's finds a plan.
  return places.filter((path) => mayLook(path, files)).map((path) => ({ path, trust: 'sealed' }))
}

function userId(): number {
  const uid = process.getuid?.()
  if (uid === undefined) throw new InternalError('no ids on this platform')
  return uid
}
