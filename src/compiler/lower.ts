import type { HostFacts } from '../host/facts.js'
import { lower as lowerFilesystem } from '../layers/filesystem/view.js'
import { lower as lowerLandlock, lowerRelay } from '../layers/landlock/landlock.js'
import { lower as lowerNamespaces } from '../layers/namespaces/namespaces.js'
import { lower as lowerNetwork, relaySyscalls, relaySyscallsOf32Bit } from '../layers/network/lower.js'
import { lower as lowerProcess } from '../layers/process/lower.js'
import { lower as lowerResources } from '../layers/resources/resources.js'
import { isWide } from '../layers/seccomp/arch.js'
import { compileFilter } from '../layers/seccomp/compile.js'
import { allowListFilter, oneExecFilter } from '../layers/seccomp/fixed-filters.js'
import type { FilterRequest } from '../layers/seccomp/request.js'
import type { Step } from '../plan/descriptors.js'
import type { Policy } from '../policy/policy.js'
import type { Meaning } from './meaning.js'

/** The steps of every layer, in no order yet. */
export function lowerAll(
  policy: Policy,
  { filesystem, network, process, landlock }: Meaning,
  host: HostFacts,
): readonly Step[] {
  const { abi } = host.landlock
  const { promises, denied, rules, allow } = policy.syscalls
  const request: FilterRequest = {
    arch: host.arch,
    promises,
    denied,
    rules: [...landlock.substitutes, ...(rules ?? [])],
    allow,
  }
  const relayCalls = isWide(host.arch) ? relaySyscalls : [...relaySyscalls, ...relaySyscallsOf32Bit]
  const relay = {
    ...relayUser(host),
    ...lowerRelay(network, abi),
    filter: allowListFilter(host.arch, relayCalls),
  }
  return [
    ...lowerNamespaces(process.user, policy.name),
    ...lowerNetwork(network, relay),
    ...lowerFilesystem(filesystem),
    ...lowerResources(policy.limits),
    ...lowerProcess(process),
    lowerLandlock(filesystem, network, abi),
    // Without the promise the named command is started, once, and nothing after it.
    ...(promises.includes('exec')
      ? []
      : [{ op: 'seccomp.allow-one-exec', origin: 'syscalls.promises', filter: oneExecFilter(host.arch) } as const]),
    { op: 'seccomp.load-filter', origin: 'syscalls', filter: compileFilter(request).program },
  ]
}

/** The relay needs no rights of root's: it stays the caller, or becomes nobody. */
function relayUser({ caller }: HostFacts): { readonly uid: number; readonly gid: number } {
  return caller.uid === 0 ? { uid: 65534, gid: 65534 } : { uid: caller.uid, gid: caller.gid }
}
