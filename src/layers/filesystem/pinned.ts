import type { Problem } from '../../core/errors.js'
import { isWithin } from '../../core/path.js'
import type { HostFacts } from '../../host/facts.js'
import type { PinnedFile, ResolvedNetwork, ResolvedUser } from '../../policy/resolved.js'
import type { Located } from './locate.js'

/** Paths whose content is ours: the first four in every sandbox, the last where there is a resolver. */
export const pinnedPaths = [
  '/etc/group',
  '/etc/hosts',
  '/etc/nsswitch.conf',
  '/etc/passwd',
  '/etc/resolv.conf',
] as const

/** The files of /etc that name hosts and users: the endpoints, and the one user there is. */
export function pinFiles(
  user: ResolvedUser,
  { endpoints, resolvers }: ResolvedNetwork,
  home: string,
  host: HostFacts,
): readonly PinnedFile[] {
  const name = [...host.users].find(([, { uid }]) => uid === user.uid)?.[0] ?? 'user'
  return [
    { key: user.key, path: '/etc/group', content: `${name}:x:${user.gid}:\n` },
    { key: 'network.egress', path: '/etc/hosts', content: hosts(endpoints) },
    { key: 'network.dns', path: '/etc/nsswitch.conf', content: nsswitch(resolvers) },
    { key: user.key, path: '/etc/passwd', content: `${name}:x:${user.uid}:${user.gid}:${name}:${home}:/bin/sh\n` },
    ...(resolvers.length === 0
      ? []
      : [{ key: 'network.dns', path: '/etc/resolv.conf', content: nameservers(resolvers) }]),
  ]
}

/** Without a resolver nothing is asked of one, not even where the program brings a resolv.conf of its own. */
function nsswitch(resolvers: readonly string[]): string {
  return `passwd: files\ngroup: files\nhosts: files${resolvers.length === 0 ? '' : ' dns'}\n`
}

/** resolv.conf(5): no search list, and a stub that does not answer at once never will. */
function nameservers(resolvers: readonly string[]): string {
  return [...resolvers.map((address) => `nameserver ${address}\n`), 'options timeout:1 attempts:1\n'].join('')
}

/** hosts(5): a literal needs no line. */
function hosts(endpoints: ResolvedNetwork['endpoints']): string {
  const named = endpoints.filter(({ host, dial }) => dial.length === 0 && !host.startsWith('*.'))
  const lines = named.flatMap(({ host, inside }) => inside.map((address) => `${address} ${host}\n`))
  return ['127.0.0.1 localhost\n', ...new Set(lines)].join('')
}

/** A grant that brings the host's /etc along must bring plain files to mount over: nothing can be created in it. */
export function checkPinned(
  files: readonly PinnedFile[],
  named: readonly Located[],
  denied: readonly Located[],
  host: HostFacts,
): readonly Problem[] {
  const paths = files.map(({ path }) => path)
  return [
    ...named.flatMap(({ key, spelled, facts }) => {
      const path = paths.find((pinned) => isWithin(pinned, facts.real) && host.paths.get(pinned)?.real !== pinned)
      if (path === undefined) return []
      const fix = 'grant the files that are needed instead of the directory above them'
      return [{ key, message: `${spelled} brings no plain ${path} that Palisade could mount its own over`, fix }]
    }),
    ...denied.flatMap(({ key, spelled, facts }) => {
      const path = paths.find((pinned) => isWithin(pinned, facts.real))
      if (path === undefined) return []
      return [{ key, message: `${spelled} holds ${path}, which is always Palisade's own`, fix: 'deny less' }]
    }),
  ]
}
