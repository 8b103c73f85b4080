import type { ResolvedUser } from '../../policy/resolved.js'
import type { LayerClaims } from '../layer.js'
import type { Clone, SetHostname } from './steps.js'

export const claims: LayerClaims = { layer: 'namespaces', claims: ['name', 'process.user', 'unsafe.host-root'] }

/** CLONE_NEW* of linux/sched.h. */
export const namespaceFlag = {
  mount: 0x0002_0000n,
  cgroup: 0x0200_0000n,
  uts: 0x0400_0000n,
  ipc: 0x0800_0000n,
  user: 0x1000_0000n,
  pid: 0x2000_0000n,
  net: 0x4000_0000n,
} as const

const all = Object.values(namespaceFlag).reduce((flags, flag) => flags | flag, 0n)

/**
 * All namespaces in one clone3(2), with the user's ids as the only ones that exist inside. They are the same inside
 * and outside: a program that looks at the owner of its files sees what the host would tell it.
 */
export function lower(user: ResolvedUser, hostname: string): readonly (Clone | SetHostname)[] {
  return [
    {
      op: 'namespaces.clone',
      origin: user.key,
      flags: all,
      uidInside: user.uid,
      uidOutside: user.uid,
      gidInside: user.gid,
      gidOutside: user.gid,
    },
    { op: 'namespaces.set-hostname', origin: 'name', hostname },
  ]
}
