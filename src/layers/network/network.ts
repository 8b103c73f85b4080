import type { Problem } from '../../core/errors.js'
import type { HostFacts } from '../../host/facts.js'
import { familyOf } from '../../policy/ip-address.js'
import type { Policy } from '../../policy/policy.js'
import type {
  Endpoint,
  PassedListener,
  PublishedPort,
  ResolvedNetwork,
  ResolvedService,
} from '../../policy/resolved.js'
import type { LayerClaims, Resolution } from '../layer.js'
import { resolverAddresses, syntheticAddresses } from './addresses.js'
import { isNamed, networkProblems } from './problems.js'
import { routedAddresses, routeProblems } from './route.js'

export const claims: LayerClaims = {
  layer: 'network',
  claims: [
    'network.egress',
    'network.via',
    'network.dns',
    'network.listen',
    'network.loopback',
    'network.connections',
    'network.idle',
  ],
}

/** The `network` part of a parsed policy. */
export type NetworkPolicy = Policy['network']
type EndpointPolicy = NetworkPolicy['egress'][number]

/** Gives every endpoint its addresses inside, and refuses what no relay or route could carry. */
export function resolve(
  policy: NetworkPolicy,
  { listeners }: Pick<ResolvedService, 'listeners'>,
  host: HostFacts,
): Resolution<ResolvedNetwork> {
  const names = [...new Set(policy.egress.map((endpoint) => endpoint.host).filter(isNamed))]
  const endpoints = policy.egress.map((endpoint, index) => resolveEndpoint(endpoint, index, { ...policy, names }, host))
  const listens = policy.listen.map((entry, index): PublishedPort => ({ key: `network.listen[${index}]`, ...entry }))
  const published = [...listens, ...listeners.map(passedPort)]
  return {
    resolved: {
      via: policy.via,
      endpoints,
      resolvers: policy.dns === 'stub' ? withFamilies(resolverAddresses, host) : [],
      published,
      loopback: policy.loopback ? 'up' : published.length > 0 ? 'published' : 'down',
      connectionsMax: policy.connections,
      idleMs: policy.idle,
    },
    problems: [
      ...networkProblems(policy),
      ...routeProblems(policy, host),
      ...endpoints.flatMap((endpoint) => familyProblems(endpoint, host)),
      ...endpoints.flatMap((endpoint) => ownAddressProblems(endpoint, published)),
      ...listens.flatMap((entry) => lowPortProblems(entry, host)),
    ],
  }
}

/** A socket of all addresses is dialled at the loopback one. */
function passedPort({ descriptor, address, port }: PassedListener): PublishedPort {
  const inside = address === '0.0.0.0' ? '127.0.0.1' : address === '::' ? '::1' : address
  return { key: 'service.sockets', port, publish: port, passed: { descriptor, inside } }
}

function resolveEndpoint(
  endpoint: EndpointPolicy,
  index: number,
  { via, names }: Pick<NetworkPolicy, 'via'> & { readonly names: readonly string[] },
  host: HostFacts,
): Endpoint {
  const { host: spelled, port, protocol, tls, ech, addresses } = endpoint
  const named = isNamed(spelled)
  const synthetic = (): readonly string[] => withFamilies(syntheticAddresses(names.indexOf(spelled)), host)
  return {
    key: `network.egress[${index}]`,
    host: spelled,
    port,
    protocol,
    tls: tls === 'required' && ech === 'allowed' ? 'required, ECH allowed' : tls,
    inside: via === 'route' ? routedAddresses(endpoint, host) : named ? synthetic() : [spelled],
    dial: named ? [] : [spelled],
    within: addresses,
  }
}

/** A kernel without IPv6 gives names no such address. */
function withFamilies(addresses: readonly string[], { ipv6 }: HostFacts): readonly string[] {
  return addresses.filter((address) => ipv6 || familyOf(address) === 4)
}

function familyProblems({ key, host }: Endpoint, { ipv6 }: HostFacts): readonly Problem[] {
  if (ipv6 || familyOf(host) !== 6) return []
  const message = `${host} is an IPv6 address, and this kernel has no IPv6`
  return [{ key: `${key}.host`, message, fix: 'write an IPv4 address or a name, or boot without ipv6.disable=1' }]
}

/** Inside, an address that a passed socket listens at is the program's own. */
function ownAddressProblems({ key, inside }: Endpoint, published: readonly PublishedPort[]): readonly Problem[] {
  const own = inside.find((address) => published.some(({ passed }) => passed?.inside === address))
  if (own === undefined) return []
  const message = `${own} is where a passed socket listens (service.sockets), so that inside it is the program itself`
  return [{ key: `${key}.host`, message, fix: 'name the endpoint by another address, or listen at every address' }]
}

function lowPortProblems({ key, publish }: PublishedPort, { caller, lowestPort }: HostFacts): readonly Problem[] {
  if (publish >= lowestPort) return []
  const message = `${publish} is a port that uid ${caller.uid} may not listen at`
  return [{ key: `${key}.publish`, message, fix: `choose one of ${lowestPort} or more, or run it as root` }]
}
