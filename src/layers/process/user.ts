import type { Problem } from '../../core/errors.js'
import type { HostFacts } from '../../host/facts.js'
import type { Policy } from '../../policy/policy.js'
import type { ResolvedUser } from '../../policy/resolved.js'
import type { Resolution } from '../layer.js'

/** `nobody` on every distribution: the kernel's own overflow id, which owns no files of value. */
const nobody = { uid: 65534, gid: 65534 } as const
const key = 'process.user'

/** Who the program is on the host. Only root can be somebody else, and stays root only under `unsafe`. */
export function resolveUser(
  { user }: Policy['process'],
  unsafe: Policy['unsafe'],
  host: HostFacts,
): Resolution<ResolvedUser> {
  const allowsRoot = unsafe['host-root'] !== undefined
  const named = typeof user === 'string' ? host.users.get(user) : user
  if (typeof user === 'string' && named === undefined) {
    const problem = { key, message: `${user} is no user of this host`, fix: 'write { uid, gid } in numbers' }
    return { resolved: { ...nobody, key }, problems: [problem] }
  }
  const wanted = named ?? defaultUser(host, allowsRoot)
  return {
    resolved: { ...wanted, key },
    problems: [...checkCaller(wanted, host), ...checkRoot(wanted, allowsRoot, host)],
  }
}

interface Ids {
  readonly uid: number
  readonly gid: number
}

function defaultUser({ caller }: HostFacts, allowsRoot: boolean): Ids {
  if (caller.uid !== 0) return { uid: caller.uid, gid: caller.gid }
  return allowsRoot ? { uid: 0, gid: 0 } : nobody
}

function checkCaller(wanted: Ids, { caller }: HostFacts): readonly Problem[] {
  if (caller.uid === 0 || (wanted.uid === caller.uid && wanted.gid === caller.gid)) return []
  return [
    {
      key,
      message: `only root can run a program as ${wanted.uid}:${wanted.gid}; the caller is ${caller.uid}:${caller.gid}`,
      fix: 'take process.user out, or start sandbox-exec as root',
    },
  ]
}

/** The group counts as well: files of /proc/sys and /sys are root's group's to write here and there. */
function checkRoot(wanted: Ids, allowsRoot: boolean, { caller }: HostFacts): readonly Problem[] {
  const isRoot = wanted.uid === 0 || wanted.gid === 0
  if (isRoot && !allowsRoot) {
    // An unprivileged caller in root's group brings that group along; it is no choice of the policy.
    if (caller.uid !== 0) return []
    return [
      {
        key,
        message: `${wanted.uid}:${wanted.gid} is root, which writes what root owns without any capability`,
        fix: 'choose another user, or say why in unsafe.host-root.reason',
      },
    ]
  }
  if (isRoot || !allowsRoot) return []
  return [
    {
      key: 'unsafe.host-root',
      message: `opens nothing: the program runs as ${wanted.uid}:${wanted.gid}`,
      fix: 'take it out',
    },
  ]
}
