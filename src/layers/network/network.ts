import type { Problem } from '../../core/errors.js'
import type { HostFacts } from '../../host/facts.js'
import { parseHost } from '../../policy/host-name.js'
import type { Endpoint, ResolvedNetwork } from '../../policy/resolved.js'
import type { LayerClaims, Resolution } from '../layer.js'
import { isSynthetic, whyRefused } from './addresses.js'
import type { Policy } from '../../policy/policy.js'

export const claims: LayerClaims = { layer: 'network', claims: ['network.egress', 'network.loopback'] }

/** The `network` part of a parsed policy. */
export type NetworkPolicy = Policy['network']

/** Gives every endpoint its address inside and the addresses that the relay dials. */
export function resolve(policy: NetworkPolicy, host: HostFacts): Resolution<ResolvedNetwork> {
  const names = [...new Set(policy.egress.map((endpoint) => endpoint.host).filter(isName))]
  const endpoints: Endpoint[] = []
  const problems: Problem[] = []
  for (const [index, { host: name, port }] of policy.egress.entries()) {
    const key = `network.egress[${index}]`
    const earlier = endpoints.find((endpoint) => endpoint.host === name && endpoint.port === port)
    const addresses = isName(name) ? (host.names.get(name) ?? []) : [name]
    const inside = isName(name) ? syntheticAddress(names.indexOf(name)) : name
    endpoints.push({ key, host: name, port, inside, dial: addresses.map((address) => ({ address, port })) })
    if (earlier !== undefined) {
      problems.push({
        key,
        message: `${name}:${port} is listed twice`,
        fix: `take it out: it is ${earlier.key} already`,
      })
    }
    problems.push(...checkAddresses(key, name, addresses))
  }
  return { resolved: { endpoints, loopback: policy.loopback ? 'up' : 'down' }, problems }
}

function isName(host: string): boolean {
  return parseHost(host).kind === 'name'
}

/** The policy's limit on endpoints keeps this below the sandbox's own 198.18.255.254. */
function syntheticAddress(index: number): string {
  return `198.18.${(index + 1) >> 8}.${(index + 1) & 0xff}`
}

function checkAddresses(key: string, name: string, addresses: readonly string[]): readonly Problem[] {
  const [first] = addresses
  if (first === undefined) {
    const fix = 'check the spelling and the resolver of this host, or write the IPv4 address'
    return [{ key: `${key}.host`, message: `${name} has no IPv4 address`, fix }]
  }
  if (!isName(name) && isSynthetic(first)) {
    const message = `${name} lies in 198.18.0.0/15, from which names get their addresses inside`
    return [{ key: `${key}.host`, message, fix: 'write the name of that host instead' }]
  }
  return addresses.flatMap((address) => {
    const reason = whyRefused(address)
    if (reason === null) return []
    const message = isName(name) ? `${name} resolves to ${address}, ${reason}` : `cannot reach ${address}, ${reason}`
    return [{ key: `${key}.host`, message, fix: 'name an endpoint on another host' }]
  })
}
