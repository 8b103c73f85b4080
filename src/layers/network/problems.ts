/** What is wrong with a `network` section whatever host it is for: `check` says it too. */
import type { Problem } from '../../core/errors.js'
import { parseHost, type Host } from '../../policy/host-name.js'
import { writeAddress } from '../../policy/ip-address.js'
import type { Policy } from '../../policy/policy.js'
import { isSynthetic, whyRefused, whyUnreachable } from './addresses.js'

type NetworkPolicy = Policy['network']
type EndpointPolicy = NetworkPolicy['egress'][number]
type PublishedPolicy = NetworkPolicy['listen'][number]

/** What no relay or route could carry, and what is written twice. */
export function networkProblems(policy: NetworkPolicy): readonly Problem[] {
  const { egress, listen, via, dns } = policy
  return [
    ...(via === 'route' && dns === 'stub'
      ? [
          {
            key: 'network.dns',
            message: 'the resolver inside is part of the relay',
            fix: 'take dns out: names are in /etc/hosts',
          },
        ]
      : []),
    ...egress.flatMap((endpoint, index) => [
      ...endpointProblems(endpoint, `network.egress[${index}]`, policy),
      ...repeated(endpoint, index, egress),
    ]),
    ...listen.flatMap((entry, index) => publishedTwice(entry, index, listen)),
  ]
}

/** Whether a resolver is asked for it; an address is not. */
export function isNamed(host: string): boolean {
  const { kind } = parseHost(host)
  return kind === 'name' || kind === 'wildcard'
}

/** What one endpoint asks for that nothing could enforce. */
function endpointProblems(endpoint: EndpointPolicy, key: string, { dns, via }: NetworkPolicy): readonly Problem[] {
  const { host: spelled, protocol, tls, ech, addresses } = endpoint
  const host = parseHost(spelled)
  const problem = (at: string, message: string, fix: string): Problem => ({ key: `${key}.${at}`, message, fix })
  const literal = host.kind === 'ipv4' || host.kind === 'ipv6'
  return [
    ...literalProblems(host, key),
    ...(tls === 'required' && via === 'route'
      ? [
          problem(
            'tls',
            'cannot be required under network.via: route: nobody looks into packets',
            'take via or tls out',
          ),
        ]
      : []),
    ...(host.kind === 'wildcard' && via === 'route'
      ? [
          problem(
            'host',
            `${spelled} needs the relay: rules for packets have addresses, and nobody knows all of these`,
            'take network.via out, or list every host',
          ),
        ]
      : []),
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

function repeated(endpoint: EndpointPolicy, index: number, all: readonly EndpointPolicy[]): readonly Problem[] {
  const { host, port, protocol } = endpoint
  const first = all.findIndex((one) => one.host === host && one.port === port && one.protocol === protocol)
  const earlier = all[first]
  if (earlier === undefined || first === index) return []
  const twice = `${writeAddress(host, port)}${protocol === 'udp' ? ' by UDP' : ''} is listed twice`
  const differing = (['tls', 'ech', 'addresses'] as const).filter(
    (key) => JSON.stringify(endpoint[key]) !== JSON.stringify(earlier[key]),
  )
  const place = `network.egress[${first}]`
  const fix =
    differing.length === 0
      ? `take it out: it is ${place} already`
      : `keep one: this and ${place} differ in ${differing.join(', ')}`
  return [{ key: `network.egress[${index}]`, message: twice, fix }]
}

function publishedTwice(
  { port, publish }: PublishedPolicy,
  index: number,
  all: readonly PublishedPolicy[],
): readonly Problem[] {
  const first = all.findIndex((one) => one.publish === publish)
  if (first === index) return []
  const message = `port ${publish} of the host is published twice`
  return [
    {
      key: `network.listen[${index}]`,
      message,
      fix: `choose another one for port ${port}: network.listen[${first}] has it`,
    },
  ]
}
