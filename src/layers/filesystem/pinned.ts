import type { Problem } from '../../core/errors.js'
import { isWithin } from '../../core/path.js'
import type { HostFacts } from '../../host/facts.js'
import type { Endpoint, PinnedFile, ResolvedUser } from '../../policy/resolved.js'
import type { Located } from './locate.js'

/** Paths whose content is ours in every sandbox. */
export const pinnedPaths = ['/etc/group', '/etc/hosts', '/etc/nsswitch.conf', '/etc/passwd'] as const

/** The four files of /etc that name hosts and users: the endpoints, and the one user there is. */
export function pinFiles(
  user: ResolvedUser,
  endpoints: readonly Endpoint[],
  home: string,
  host: HostFacts,
): readonly PinnedFile[] {
  const name = [...host.users].find(([, { uid }]) => uid === user.uid)?.[0] ?? 'user'
  return [
    { key: user.key, path: '/etc/group', content: `${name}:x:${user.gid}:\n` },
    { key: 'network.egress', path: '/etc/hosts', content: hosts(endpoints) },
    { key: 'network.egress', path: '/etc/nsswitch.conf', content: 'passwd: files\ngroup: files\nhosts: files\n' },
    { key: user.key, path: '/etc/passwd', content: `${name}:x:${user.uid}:${user.gid}:${name}:${home}:/bin/sh\n` },
  ]
}

/** hosts(5): a literal needs no line. */
function hosts(endpoints: readonly Endpoint[]): string {
  const lines = endpoints.filter(({ host, inside }) => host !== inside).map(({ host, inside }) => `${inside} ${host}\n`)
  return ['127.0.0.1 localhost\n', ...new Set(lines)].join('')
}

/** A grant that brings the host's /etc along must bring plain files to mount over: nothing can be created in it. */
export function checkPinned(
  named: readonly Located[],
  denied: readonly Located[],
  host: HostFacts,
): readonly Problem[] {
  return [
    ...named.flatMap(({ key, spelled, facts }) => {
      const path = pinnedPaths.find((pinned) => isWithin(pinned, facts.real) && host.paths.get(pinned)?.real !== pinned)
      if (path === undefined) return []
      const fix = 'grant the files that are needed instead of the directory above them'
      return [{ key, message: `${spelled} brings no plain ${path} that Palisade could mount its own over`, fix }]
    }),
    ...denied.flatMap(({ key, spelled, facts }) => {
      const path = pinnedPaths.find((pinned) => isWithin(pinned, facts.real))
      if (path === undefined) return []
      return [{ key, message: `${spelled} holds ${path}, which is always Palisade's own`, fix: 'deny less' }]
    }),
  ]
}
