import type { Problem } from '../../core/errors.js'
import type { PolicyKey } from '../../core/policy-key.js'
import type { HostFacts, PathFacts } from '../../host/facts.js'
import { whyNever } from '../never-granted.js'

export type List = 'read' | 'write' | 'exec' | 'deny' | 'move'

/** One entry of a list, found on the host. */
export interface Located {
  readonly key: PolicyKey
  readonly list: List
  /** As the policy spells it, before symlinks. */
  readonly spelled: string
  readonly facts: PathFacts
}

/** Finds every entry of `list`; what is absent or can never be granted becomes a problem. */
export function locate(
  list: List,
  spelled: readonly string[],
  host: HostFacts,
): { readonly located: readonly Located[]; readonly problems: readonly Problem[] } {
  const located: Located[] = []
  const problems: Problem[] = []
  for (const [index, path] of spelled.entries()) {
    const key = `filesystem.${list}[${index}]`
    const found = locateOne(list, key, path, host)
    if ('message' in found) problems.push(found)
    else located.push(found)
  }
  return { located, problems }
}

function locateOne(list: List, key: PolicyKey, spelled: string, host: HostFacts): Located | Problem {
  const refused = whyNever(spelled)
  if (refused !== null) return { key, ...refused }
  const facts = host.paths.get(spelled) ?? null
  if (facts === null) return { key, ...absent(list, spelled) }
  const refusedReal = whyNever(facts.real)
  if (refusedReal !== null) return { key, ...refusedReal, message: `${spelled} leads to ${refusedReal.message}` }
  return { key, list, spelled, facts }
}

function absent(list: List, path: string): Omit<Problem, 'key'> {
  if (list === 'deny') {
    return {
      message: `${path} does not exist, so nothing can be mounted over it: the denial would not hold once it appears`,
      fix: 'create it before the run, or grant the siblings that are needed instead of the directory above',
    }
  }
  return { message: `${path} does not exist`, fix: 'create it, or take the entry out' }
}
