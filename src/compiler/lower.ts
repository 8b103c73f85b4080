import type { HostFacts } from '../host/facts.js'
import { lower as lowerFilesystem } from '../layers/filesystem/view.js'
import { lower as lowerLandlock, lowerPublisher, lowerRelay, readOnlyRights } from '../layers/landlock/landlock.js'
import { streamRules } from '../layers/landlock/protections.js'
import { lower as lowerNamespaces } from '../layers/namespaces/namespaces.js'
import { lower as lowerNetwork, relaySyscalls, type RelaySetting } from '../layers/network/lower.js'
import { lower as lowerProcess } from '../layers/process/lower.js'
import { lower as lowerResources } from '../layers/resources/resources.js'
import {
  allowListFilter,
  connectsSockets,
  lower as lowerSeccomp,
  makesUnixSockets,
  type FilterRequest,
} from '../layers/seccomp/seccomp.js'
import { lower as lowerService } from '../layers/service/service.js'
import type { Step } from '../plan/descriptors.js'
import type { Policy } from '../policy/policy.js'
import type { ResolvedNetwork } from '../policy/resolved.js'
import type { Meaning } from './meaning.js'

/** The steps of every layer, in no order yet. */
export function lowerAll(
  policy: Policy,
  { filesystem, network, process, landlock, service }: Meaning,
  host: HostFacts,
): readonly Step[] {
  const { abi } = host.landlock
  const request = filterRequest(policy, { network, landlock }, host)
  return [
    ...lowerNamespaces(process.user, policy.name),
    ...lowerNetwork(network, host, () => relaySetting(network, host)),
    ...lowerFilesystem(filesystem),
    ...lowerResources(policy.limits, host),
    ...lowerProcess(process, connectsSockets(request)),
    ...lowerService(service),
    lowerLandlock(filesystem, network, abi, makesUnixSockets(request) ? 'reachable' : 'refused'),
    ...lowerSeccomp(request),
  ]
}

/** What the filter is made from: the policy's words, and first what seccomp carries because Landlock cannot. */
export function filterRequest(
  { syscalls }: Policy,
  meaning: Pick<Meaning, 'network' | 'landlock'>,
  { arch }: HostFacts,
): FilterRequest {
  const substitutes = substitutesOf(syscalls.promises, meaning).map(({ rule }) => rule)
  return { ...syscalls, arch, rules: [...substitutes, ...(syscalls.rules ?? [])] }
}

/** What the filter carries for other layers: it stands before the policy's own rules. */
export function substitutesOf(
  promises: Policy['syscalls']['promises'],
  { network, landlock }: Pick<Meaning, 'network' | 'landlock'>,
): Meaning['landlock']['substitutes'] {
  const all = [...landlock.substitutes, ...streamRules(network, promises)]
  return [...new Map(all.map((one) => [JSON.stringify(one.rule), one])).values()]
}

/** The relay needs no rights of root's: it stays the caller, or becomes nobody. */
function relaySetting(network: ResolvedNetwork, { arch, caller, landlock, resolver }: HostFacts): RelaySetting {
  const user = caller.uid === 0 ? { uid: 65534, gid: 65534 } : { uid: caller.uid, gid: caller.gid }
  const common = { ...user, filter: allowListFilter(arch, relaySyscalls(arch)) }
  return {
    resolver,
    resolverHandledFs: readOnlyRights(landlock.abi),
    outward: { ...common, ...lowerRelay(network, landlock.abi) },
    inward: { ...common, ...lowerPublisher(network, landlock.abi) },
  }
}
