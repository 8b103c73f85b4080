import type { Problem } from '../../core/errors.js'
import type { HostFacts } from '../../host/facts.js'
import { parseHost, type Host } from '../../policy/host-name.js'
import { familyOf, writeAddress } from '../../policy/ip-address.js'
import type { Policy } from '../../policy/policy.js'
import type { Endpoint, PublishedPort, ResolvedNetwork } from '../../policy/resolved.js'
import type { LayerClaims, Resolution } from '../layer.js'
import { routedAddresses, routedEndpointProblems, routeProblems } from './route.js'
import { isSynthetic, resolverAddresses, syntheticAddresses, whyRefused, whyUnreachable } from './addresses.js'

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
export function resolve(policy: NetworkPolicy, host: HostFacts): Resolution<ResolvedNetwork> {
  const names = [...new Set(policy.egress.map((endpoint) => endpoint.host).filter(isNamed))]
  const endpoints = policy.egress.map((endpoint, index) => resolveEndpoint(endpoint, index, { ...policy, names }, host))
  const published = policy.listen.map((entry, index): PublishedPort => ({ key: `network.listen[${index}]`, ...entry }))
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
      ...routeProblems(policy, host),
      ...policy.egress.flatMap((endpoint, index) =>
        endpointProblems(endpoint, `network.egress[${index}]`, policy, host),
      ),
      ...endpoints.flatMap((endpoint, index) => [
        ...repeated(endpoint, endpoints.slice(0, index)),
        ...familyProblems(endpoint, host),
      ]),
      ...published.flatMap((entry, index) => publishedTwice(entry, published.slice(0, index))),
    ],
  }
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

function isNamed(host: string): boolean {
  const { kind } = parseHost(host)
  return kind === 'name' || kind === 'wildcard'
}

/** What one endpoint asks for that nothing could enforce. */
function endpointProblems(
  endpoint: EndpointPolicy,
  key: string,
  { dns, via }: NetworkPolicy,
  facts: HostFacts,
): readonly Problem[] {
  const { host: spelled, protocol, tls, ech, addresses } = endpoint
  const host = parseHost(spelled)
  const problem = (at: string, message: string, fix: string): Problem => ({ key: `${key}.${at}`, message, fix })
  const literal = host.kind === 'ipv4' || host.kind === 'ipv6'
  return [
    ...literalProblems(host, key),
    ...(via === 'route' ? routedEndpointProblems(endpoint, key, facts) : []),
    ...(tls === 'required' && protocol === 'udp'
      ? [problem('tls', 'cannot be required of UDP: QUIC encrypts its first packet too', 'take tls out, or use tcp')]
      : []),
    ...(tls === 'required' && literal
      ? [problem('tls', 'needs a host name: a ClientHello names no addresses', 'write the name of that host')]
      : []),
    ...(ech === 'allowed' && tls !== 'required'
      ? [problem('ech', 'says nothing without tls: required', 'add tls: required, or take ech out')]
      : []),
    ...(literal && addresses.length > 0
      ? [problem('addresses', 'are for names, and this endpoint is an address', 'take addresses out')]
      : []),
    ...(host.kind === 'wildcard' && tls !== 'required' && via === 'relay'
      ? [
          problem(
            'host',
            `${spelled} needs tls: required: only the ClientHello says which host is meant`,
            'add tls: required',
          ),
        ]
      : []),
    ...(host.kind === 'wildcard' && dns !== 'stub' && via === 'relay'
      ? [problem('host', `${spelled} needs network.dns: stub: /etc/hosts has no wildcards`, 'set network.dns: stub')]
      : []),
  ]
}

function literalProblems(host: Host, key: string): readonly Problem[] {
  if (host.kind !== 'ipv4' && host.kind !== 'ipv6') return []
  const { address } = host
  if (isSynthetic(address)) {
    const message = `${address} lies where names get their addresses inside`
    return [{ key: `${key}.host`, message, fix: 'write the name of that host instead' }]
  }
  const reason = whyRefused(address)
  if (reason === null) return []
  const asRange = `[${address}/${host.kind === 'ipv4' ? 32 : 128}]`
  const fix =
    whyUnreachable(address) === null
      ? `write a name that leads there, with addresses: ${asRange}`
      : 'name an endpoint on another host'
  return [{ key: `${key}.host`, message: `cannot reach ${address}, ${reason}`, fix }]
}

function repeated({ key, host, port, protocol }: Endpoint, earlier: readonly Endpoint[]): readonly Problem[] {
  const first = earlier.find((one) => one.host === host && one.port === port && one.protocol === protocol)
  if (first === undefined) return []
  const twice = `${writeAddress(host, port)}${protocol === 'udp' ? ' by UDP' : ''} is listed twice`
  return [{ key, message: twice, fix: `take it out: it is ${first.key} already` }]
}

function familyProblems({ key, host }: Endpoint, { ipv6 }: HostFacts): readonly Problem[] {
  if (ipv6 || familyOf(host) !== 6) return []
  const message = `${host} is an IPv6 address, and this kernel has no IPv6`
  return [{ key: `${key}.host`, message, fix: 'write an IPv4 address or a name, or boot without ipv6.disable=1' }]
}

function publishedTwice({ key, port, publish }: PublishedPort, earlier: readonly PublishedPort[]): readonly Problem[] {
  const first = earlier.find((one) => one.publish === publish)
  if (first === undefined) return []
  const message = `port ${publish} of the host is published twice`
  return [{ key, message, fix: `choose another one for port ${port}: ${first.key} has it` }]
}
