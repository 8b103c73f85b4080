/** What one address family offers to aim at. */
import { resolverAddresses, sandboxAddresses } from '../../src/layers/network/addresses.js'
import { addresses, link, link6 } from '../world/addresses.js'

/** Where the servers of the client host tell what reached them. */
export const controlPort = 8099

/** Multicast groups: all hosts of the link, and one that a router would carry on. */
export const groups = { local: '224.0.0.1', wide: '239.1.2.3', local6: 'ff02::1', wide6: 'ff0e::1:2:3' } as const

export interface Family {
  readonly name: 'IPv4' | 'IPv6'
  /** AF_INET or AF_INET6. */
  readonly number: number
  /** The policies' endpoint. */
  readonly endpoint: string
  readonly denied: string
  readonly other: string
  readonly below: string
  readonly above: string
  readonly metadata: string
  readonly resolver: string
  readonly private: string
  /** The client host's own, its loopback, and the next router. */
  readonly host: string
  readonly loopback: string
  readonly router: string
  readonly unspecified: string
  /** The sandbox's own, and its resolver's. */
  readonly sandbox: string
  readonly stub: string
  readonly localGroup: string
  readonly wideGroup: string
}

const [sandbox4 = '', sandbox6 = ''] = sandboxAddresses
const [stub4 = '', stub6 = ''] = resolverAddresses

export const v4: Family = {
  name: 'IPv4',
  number: 2,
  endpoint: addresses.allowed,
  denied: addresses.denied,
  other: addresses.other,
  below: addresses.below,
  above: addresses.above,
  metadata: addresses.metadata,
  resolver: addresses.resolver,
  private: addresses.private,
  host: link.client,
  loopback: '127.0.0.1',
  router: link.internet,
  unspecified: '0.0.0.0',
  sandbox: sandbox4,
  stub: stub4,
  localGroup: groups.local,
  wideGroup: groups.wide,
}

export const v6: Family = {
  name: 'IPv6',
  number: 10,
  endpoint: addresses.allowed6,
  denied: addresses.denied6,
  other: addresses.other6,
  below: addresses.below6,
  above: addresses.above6,
  metadata: addresses.metadata6,
  resolver: addresses.resolver6,
  private: addresses.private6,
  host: link6.client,
  loopback: '::1',
  router: link6.internet,
  unspecified: '::',
  sandbox: sandbox6,
  stub: stub6,
  localGroup: groups.local6,
  wideGroup: groups.wide6,
}
