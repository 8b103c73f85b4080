import type { Problem } from '../../core/errors.js'
import { isWithin } from '../../core/path.js'
import type { HostFacts, PathFacts } from '../../host/facts.js'
import type { DeniedPath, Grant } from '../../policy/resolved.js'
import type { Located } from './locate.js'

/** A directory where plans are kept for the next start: nobody inside may see it. */
export interface HiddenPath {
  readonly path: string
  /**
   * Why a start believes what lies there: it is `sealed` with a key that no sandbox has, or the caller has `named` a
   * place that nobody else can write.
   */
  readonly trust: 'sealed' | 'named'
}

/** Those that a program could do harm to by writing there. */
export function believedByName(hiddenPaths: readonly HiddenPath[]): readonly string[] {
  return hiddenPaths.flatMap(({ path, trust }) => (trust === 'named' ? [path] : []))
}

/**
 * They are covered where a grant would show them. A grant inside one is a problem. So is one to write around one that is
 * believed by its name: a cover goes when what it covers is removed outside.
 */
export function hide(
  hiddenPaths: readonly HiddenPath[],
  named: readonly Located[],
  grants: readonly Grant[],
  host: HostFacts,
): { readonly hidden: readonly DeniedPath[]; readonly problems: readonly Problem[] } {
  const found = hiddenPaths.flatMap((one): readonly Found[] => {
    const facts = host.paths.get(one.path) ?? null
    return facts === null || !isPlace(one, facts, host) ? [] : [{ ...one, facts }]
  })
  const hidden = found.flatMap(({ facts }) => {
    const grant = grants.find(({ path }) => isWithin(facts.real, path))
    return grant === undefined ? [] : [{ key: grant.key, path: facts.real, kind: facts.kind }]
  })
  return { hidden, problems: named.flatMap((grant) => found.flatMap((place) => problemOf(grant, place)).slice(0, 1)) }
}

interface Found extends HiddenPath {
  readonly facts: PathFacts
}

/** Whether a start would look there at all. */
function isPlace({ path, trust }: HiddenPath, { real, kind, uid, mode }: PathFacts, { caller }: HostFacts): boolean {
  return trust === 'named' || (real === path && kind === 'directory' && uid === caller.uid && mode === 0o700)
}

function problemOf({ key, list, spelled, facts }: Located, { path, trust, facts: place }: Found): readonly Problem[] {
  if (isWithin(facts.real, place.real)) {
    const message = `${spelled} belongs to ${path}, where plans are kept for the next start: it is never seen inside`
    return [{ key, message, fix: 'name a place outside of it' }]
  }
  if (trust === 'sealed' || list !== 'write' || !isWithin(place.real, facts.real)) return []
  const message = `${spelled} holds ${path}, where plans are kept for the next start`
  return [{ key, message, fix: 'name another directory with --plans, or grant less' }]
}
