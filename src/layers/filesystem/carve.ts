import type { Problem } from '../../core/errors.js'
import { isWithin } from '../../core/path.js'
import type { PolicyKey } from '../../core/policy-key.js'
import type { HostFacts, PathFacts } from '../../host/facts.js'
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
    if (facts.kind !== 'directory' && facts.links > 1) return [hardLinked(key, spelled, facts.links)]
    const needed = [command.path, ...command.interpreters].find((path) => isWithin(path, facts.real))
    if (needed === undefined) return []
    return [{ key, message: `${spelled} is denied, but the command needs ${needed}`, fix: 'deny less' }]
  })
}

function hardLinked(key: PolicyKey, spelled: string, links: number): Problem {
  return {
    key,
    message: `${spelled} has ${links} hard links: the denial hides one name, and another could still be granted`,
    fix: `make it a file of its own (cp ${spelled} NEW && mv NEW ${spelled})`,
  }
}

/**
 * Our own files that a grant would make writable: they are bound read-only over themselves. What cannot be protected
 * that way is a problem: a grant inside such a file, a name where nothing stands yet, a file with a second name, or a
 * symlink to one that the program could point elsewhere.
 */
export function protect(
  ownPaths: readonly string[],
  writes: readonly Located[],
  grants: readonly Grant[],
  host: HostFacts,
): { readonly protected: readonly DeniedPath[]; readonly problems: readonly Problem[] } {
  const found = ownPaths.flatMap((path): readonly Own[] => {
    const facts = host.paths.get(path) ?? null
    return facts === null ? [] : [{ path, facts }]
  })
  const covered = outermostPaths(
    found.flatMap(({ facts }) => {
      const grant = grants.find(({ write, path }) => write && isWithin(facts.real, path))
      return grant === undefined ? [] : [{ key: grant.key, path: facts.real, kind: facts.kind, links: facts.links }]
    }),
  )
  const isCovered = (path: string) => covered.some((own) => isWithin(path, own.path))
  const absent = ownPaths.filter((path) => (host.paths.get(path) ?? null) === null && !isCovered(path))
  const problems = writes.flatMap((write) => {
    const owner = found.find(({ facts }) => isWithin(write.facts.real, facts.real))
    if (owner !== undefined) return [ownFile(write, owner.path)]
    const isReplaceable = (path: string) => isWithin(path, write.facts.real) && !isCovered(path)
    const link = ownPaths
      .flatMap((path) => symlinksOnTheWay(path, host.symlinks))
      .find((symlink) => isReplaceable(symlink.path))
    if (link !== undefined) return [throughLink(write, link.path)]
    const nothing = absent.find(isReplaceable)
    if (nothing !== undefined) return [notThere(write, nothing)]
    const linked = covered.find(({ path, kind, links }) => {
      return kind !== 'directory' && links > 1 && isWithin(path, write.facts.real)
    })
    return linked === undefined ? [] : [secondName(write, linked.path, linked.links)]
  })
  return { protected: covered.map(({ key, path, kind }) => ({ key, path, kind })), problems }
}

/** One of our own files, by the name used for it. */
interface Own {
  readonly path: string
  readonly facts: PathFacts
}

/** A read-only directory covers what lies in it. */
function outermostPaths<Entry extends { readonly path: string }>(entries: readonly Entry[]): readonly Entry[] {
  const unique = [...new Map(entries.map((entry) => [entry.path, entry])).values()]
  return unique.filter(({ path }) => !unique.some((other) => other.path !== path && isWithin(path, other.path)))
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
    message: `the symlink ${link} in ${spelled} leads to the policy, the Report or Palisade: the program could point it elsewhere`,
    fix: 'name what it leads to, or keep the link outside of what is writable',
  }
}

function notThere({ key, spelled }: Located, path: string): Problem {
  return {
    key,
    message: `${path} in ${spelled} does not exist, and this or the next run would use what the program puts there`,
    fix: `create ${path} before the run, or name a place outside of what is writable`,
  }
}

function secondName({ key, spelled }: Located, path: string, links: number): Problem {
  return {
    key,
    message: `${path} in ${spelled} has ${links} hard links: read-only by this name, it could be written by another`,
    fix: `make it a file of its own (cp ${path} NEW && mv NEW ${path})`,
  }
}
