import type { Problem } from '../../core/errors.js'
import { directoriesAbove, isWithin } from '../../core/path.js'
import type { PolicyKey } from '../../core/policy-key.js'
import type { HostFacts, Permissions } from '../../host/facts.js'
import type { ResolvedUser } from '../../policy/resolved.js'

/** A real path that the program's user has to walk to; `into`: and in which it has to find something. */
export interface Destination {
  readonly key: PolicyKey
  readonly path: string
  readonly into: boolean
}

export interface Search {
  /** Granted directories: what lies above one is the view's own. */
  readonly shown: readonly string[]
  /** Directories of which something else is told. */
  readonly told: readonly string[]
  readonly user: ResolvedUser
  readonly host: HostFacts
}

/**
 * Root may search every directory, and the program that it starts is another user: what lies in a directory that this one
 * may not search can be mounted, and neither be started nor read.
 */
export function checkSearchable(destinations: readonly Destination[], search: Search): readonly Problem[] {
  const { shown, told, user, host } = search
  // Nobody but root looks at a host on which more can be reached than by the program.
  if (host.caller.uid !== 0) return []
  const closed = destinations.flatMap(({ key, path, into }) => {
    const way = [...directoriesAbove(path), ...(into ? [path] : [])]
    const ofHost = way.filter((directory) => shown.some((grant) => isWithin(directory, grant)))
    const first = ofHost.find((directory) => !maySearch(host.closed.get(directory), user))
    return first === undefined || told.includes(first) ? [] : [[first, key] as const]
  })
  // One problem a directory, at the first key that leads there.
  const keys = new Map(closed.toReversed())
  return Array.from(keys, ([directory, key]) => problem(directory, key, user, host)).toReversed()
}

function maySearch(closed: Permissions | undefined, user: ResolvedUser): boolean {
  if (closed === undefined) return true
  const { uid, gid, mode } = closed
  const bits = uid === user.uid ? mode >> 6 : gid === user.gid ? mode >> 3 : mode
  return (bits & 1) !== 0
}

function problem(directory: string, key: PolicyKey, user: ResolvedUser, host: HostFacts): Problem {
  const { uid = 0, gid = 0, mode = 0 } = host.closed.get(directory) ?? {}
  const orElse = uid === 0 ? '' : `, or run as its owner (process.user: { uid: ${uid}, gid: ${gid} })`
  return {
    key,
    message:
      `${directory} may not be searched by uid ${user.uid}, which the program runs as ` +
      `(owner ${uid}:${gid}, mode ${mode.toString(8).padStart(4, '0')}): nothing in it could be reached`,
    fix: `let it in (chmod o+x ${directory})${orElse}`,
  }
}
