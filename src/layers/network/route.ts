/** `network.via: route`: which addresses the host can forward to, and what is wrong with the others. */
import type { Problem } from '../../core/errors.js'
import type { HostFacts, Uplink } from '../../host/facts.js'
import { parseHost } from '../../policy/host-name.js'
import { familyOf, isInRange } from '../../policy/ip-address.js'
import type { Policy } from '../../policy/policy.js'
import { whyNotForNames, whyUnreachable } from './addresses.js'

type NetworkPolicy = Policy['network']
type EndpointPolicy = NetworkPolicy['egress'][number]

/** What this caller and this host cannot do of it. */
export function routeProblems({ via, egress }: NetworkPolicy, host: HostFacts): readonly Problem[] {
  if (via !== 'route') return []
  const { uid } = host.caller
  const rights: readonly Problem[] =
    uid === 0
      ? []
      : [
          {
            key: 'network.via',
            message: `route needs root, and this is uid ${uid}: it puts a device and nftables rules on the host`,
            fix: 'take via out (a relay needs no root), or run it as root',
          },
        ]
  const addresses = egress.flatMap((endpoint, index) =>
    parseHost(endpoint.host).kind === 'wildcard'
      ? []
      : addressProblems(endpoint, `network.egress[${index}].host`, host),
  )
  return [...rights, ...addresses]
}

/** The addresses of an endpoint that packets are forwarded to; a family that the host does not reach is left out. */
export function routedAddresses({ host: spelled }: EndpointPolicy, host: HostFacts): readonly string[] {
  const all = host.names.get(spelled) ?? []
  return all.filter((address) => whyNotForwarded(host.uplinks.get(address)) === null)
}

function addressProblems(endpoint: EndpointPolicy, key: string, host: HostFacts): readonly Problem[] {
  const { host: spelled } = endpoint
  const addresses = host.names.get(spelled) ?? []
  const relay = 'take network.via out: the relay asks for names when they are dialled'
  if (addresses.length === 0) return [{ key, message: `${spelled} has no address on this host`, fix: relay }]
  const refused = addresses.flatMap((address): readonly Problem[] => {
    const reason = whyLedAstray(endpoint, address)
    if (reason === null) return []
    return [{ key, message: `${spelled} leads to ${address}, ${reason}`, fix: fixForName(endpoint, address) }]
  })
  if (refused.length > 0) return refused
  const failures = addresses.map((address) => whyNotForwarded(host.uplinks.get(address)))
  const [first] = failures
  // One family is enough: a name may have addresses of both where the host has only one.
  if (first === undefined || first === null || failures.includes(null)) return []
  return [{ key, message: `${spelled === addresses[0] ? '' : `${spelled}: `}${first.message}`, fix: first.fix }]
}

/** A literal was checked where it is written. */
function whyLedAstray({ host, addresses: within }: EndpointPolicy, address: string): string | null {
  if (host === address) return null
  if (familyOf(address) === null) return 'which is no address'
  const never = whyUnreachable(address)
  if (never !== null) return never
  if (within.length === 0) return whyNotForNames(address)
  return within.some((range) => isInRange(address, range)) ? null : 'which is in none of its addresses'
}

function fixForName({ addresses: within }: EndpointPolicy, address: string): string {
  if (whyUnreachable(address) !== null) return 'name another host'
  const range = `${address}/${familyOf(address) === 6 ? 128 : 32}`
  return within.length === 0 ? `add addresses: [${range}] if that is meant` : `add ${range} to its addresses`
}

function whyNotForwarded(uplink: Uplink | undefined): { readonly message: string; readonly fix: string } | null {
  switch (uplink?.kind) {
    case undefined:
    case 'none':
      return { message: 'this host has no route to it', fix: 'give the host a route, or name another host' }
    case 'own':
      return {
        message: "it is the host's own address, and packets for the host are not forwarded",
        fix: 'take network.via out: the relay dials from the host',
      }
    case 'device':
      if (uplink.off === null) return null
      return {
        message: `answers would arrive at ${uplink.device}, which does not forward (${uplink.off} is 0)`,
        fix: `sysctl -w ${uplink.off}=1 (docs/decisions/15-route.md says what that opens), or take network.via out`,
      }
  }
}
