import type { Problem } from '../../core/errors.js'
import type { PolicyKey } from '../../core/policy-key.js'
import { comparePaths, directoriesAbove, isWithin } from '../../core/path.js'
import type { PathFacts } from '../../host/facts.js'
import type { Grant } from '../../policy/resolved.js'
import type { Located } from './locate.js'

/** A file that is granted without being named: the command, or what execve(2) reads to start a program. */
export interface ImplicitProgram {
  readonly key: PolicyKey
  readonly facts: PathFacts
}

/**
 * One grant a path, sorted. Grants add up: what lies in a granted directory has the directory's rights and its own.
 * Writing and executing imply reading, because neither a mount nor execve(2) of a script can do without.
 */
export function mergeGrants(
  entries: readonly Located[],
  programs: readonly ImplicitProgram[],
  mapping: 'programs' | 'everything-read',
): readonly Grant[] {
  const byPath = new Map<string, Grant>()
  for (const grant of [...entries.map(grantOf), ...programs.map(programGrant)]) {
    const earlier = byPath.get(grant.path)
    byPath.set(grant.path, earlier === undefined ? grant : union(earlier, grant))
  }
  const sorted = [...byPath.values()].toSorted((left, right) => comparePaths(left.path, right.path))
  const inherited = sorted.map((grant) =>
    directoriesAbove(grant.path)
      .flatMap((directory) => byPath.get(directory) ?? [])
      .reduce(union, grant),
  )
  const holders = holdersOfPrograms(inherited)
  return inherited.map((grant) => ({ ...grant, map: mayMap(grant, holders, mapping) }))
}

function grantOf({ key, list, facts }: Located): Grant {
  return {
    key,
    path: facts.real,
    kind: facts.kind,
    read: true,
    write: list === 'write',
    execute: list === 'exec',
    map: list === 'exec',
    move: list === 'move',
  }
}

function programGrant({ key, facts }: ImplicitProgram): Grant {
  return { key, path: facts.real, kind: facts.kind, read: true, write: false, execute: true, map: true, move: false }
}

function union(one: Grant, other: Grant): Grant {
  return {
    ...one,
    read: one.read || other.read,
    write: one.write || other.write,
    execute: one.execute || other.execute,
    map: one.map || other.map,
    move: one.move || other.move,
  }
}

/** Every program's path and the directories above it. */
function holdersOfPrograms(grants: readonly Grant[]): ReadonlySet<string> {
  const programs = grants.filter(({ execute }) => execute)
  return new Set(programs.flatMap(({ path }) => [...directoriesAbove(path), path]))
}

/** Libraries beside a program must be mappable, and `noexec` is a property of the whole mount. */
function mayMap(grant: Grant, holders: ReadonlySet<string>, mapping: 'programs' | 'everything-read'): boolean {
  if (grant.map || holders.has(grant.path)) return true
  return mapping === 'everything-read' && !grant.write
}

/** `move` widens nothing: REFER is granted only where the policy lets the program write anyway. */
export function checkMoves(moves: readonly Located[], writes: readonly Located[]): readonly Problem[] {
  return moves.flatMap(({ key, spelled, facts }) => {
    if (facts.kind !== 'directory') {
      return [{ key, message: `${spelled} is no directory`, fix: 'name the directory that holds both places' }]
    }
    if (writes.some((write) => isWithin(facts.real, write.facts.real))) return []
    return [
      {
        key,
        message: `${spelled} lies in no entry of filesystem.write, so nothing can be moved there`,
        fix: `add ${spelled} to filesystem.write`,
      },
    ]
  })
}

/** execve(2) refuses a file without any x bit. */
export function checkPrograms(programs: readonly Located[]): readonly Problem[] {
  return programs
    .filter(({ facts }) => facts.kind !== 'directory' && (facts.kind !== 'file' || (facts.mode & 0o111) === 0))
    .map(({ key, spelled }) => ({
      key,
      message: `${spelled} is not executable`,
      fix: `make it executable (chmod +x ${spelled}), or take the entry out`,
    }))
}
