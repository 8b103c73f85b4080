/** What gives a caller a cgroup in which limits can be set. */
import type { OwnCgroup } from './facts.js'

/** The root of the hierarchy lacks no controller that the other version does not hold (cgroups(7)). */
export function isHeldByV1(cgroup: OwnCgroup, controller: string): boolean {
  return (
    cgroup.kind === 'none' || (cgroup.kind === 'v2' && cgroup.path === '/' && !cgroup.controllers.includes(controller))
  )
}

/** kernel-command-line(7) of systemd. */
export const bootForV2 = 'boot this host with systemd.unified_cgroup_hierarchy=1'

/** For a container whose /sys/fs/cgroup is another's. */
export const mountOwn = 'mount cgroup2 at /sys/fs/cgroup in this cgroup namespace'

/** The command that gives a caller a cgroup of its own. */
export function delegatedScope(caller: 'root' | 'user'): string {
  return `${delegatedProcess(caller)} -- sandbox-exec ...`
}

/** The same for any program. */
export function delegatedProcess(caller: 'root' | 'user'): string {
  return `systemd-run ${caller === 'root' ? '' : '--user '}--scope -p Delegate=yes`
}
