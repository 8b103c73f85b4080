import type { Problem } from '../../core/errors.js'
import { isWithin } from '../../core/path.js'
import type { HostFacts } from '../../host/facts.js'
import type { Command, DeniedPath, Grant } from '../../policy/resolved.js'
import type { Located } from './locate.js'
import { symlinksOnTheWay } from './symlinks.js'

/** Every denial must take something away, and must not take away what the policy grants by name. */
export function checkDenied(
  denied: readonly Located[],
  named: readonly Located[],
  command: Command,
): readonly Problem[] {
  return denied.flatMap(({ key, spelled, facts }) => {
    if (!named.some((grant) => isWithin(facts.real, grant.facts.real))) {
      return [{ key, message: `${spelled} lies in no grant, so there is nothing to deny`, fix: 'take the entry out' }]
    }
    const hidden = named.find((grant) => isWithin(grant.facts.real, facts.real))
    if (hidden !== undefined) {
      return [
        {
          key,
          message: `${spelled} is denied here and ${hidden.spelled} is granted by ${hidden.key}`,
          fix: 'take one of the two entries out',
        },
      ]
    }
    const needed = [command.path, ...command.interpreters].find((path) => isWithin(path, facts.real))
    if (needed === undefined) return []
    return [{ key, message: `${spelled} is denied, but the command needs ${needed}`, fix: 'deny less' }]
  })
}

/**
 * Our own files that a grant would make writable: they are bound read-only over themselves. What cannot be protected
 * that way is a problem: a grant inside such a file, or a symlink to one that the program could point elsewhere.
 */
export function protect(
  ownPaths: readonly string[],
  writes: readonly Located[],
  grants: readonly Grant[],
  host: HostFacts,
): { readonly protected: readonly DeniedPath[]; readonly problems: readonly Problem[] } {
  const found = ownPaths.flatMap((path) => {
    const facts = host.paths.get(path) ?? null
    return facts === null ? [] : [{ path, facts }]
  })
  const problems = writes.flatMap((write) => {
    const owner = found.find(({ facts }) => isWithin(write.facts.real, facts.real))
    if (owner !== undefined) return [ownFile(write, owner.path)]
    const link = found
      .flatMap(({ path }) => symlinksOnTheWay(path, host.symlinks))
      .find((symlink) => isWithin(symlink.path, write.facts.real))
    return link === undefined ? [] : [throughLink(write, link.path)]
  })
  const covered = found.flatMap(({ facts }) => {
    const grant = grants.find(({ write, path }) => write && isWithin(facts.real, path))
    return grant === undefined ? [] : [{ key: grant.key, path: facts.real, kind: facts.kind }]
  })
  return { protected: [...new Map(covered.map((entry) => [entry.path, entry])).values()], problems }
}

function ownFile({ key, spelled }: Located, path: string): Problem {
  return {
    key,
    message: `${spelled} belongs to ${path}, which the sandbox runs from: it is never writable from inside`,
    fix: 'write to a directory outside it',
  }
}

function throughLink({ key, spelled }: Located, link: string): Problem {
  return {
    key,
    message: `the symlink ${link} in ${spelled} leads to the policy or to Palisade: the program could point it elsewhere`,
    fix: 'name the policy by its real path, or keep the link outside of what is writable',
  }
}
