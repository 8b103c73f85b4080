/** Addresses that endpoints cannot have, or that a name may lead to only if its endpoint says so. */
import { familyOf, isInRange, nthOf, type IpRange } from '../../policy/ip-address.js'

interface SpecialRange extends IpRange {
  /** Continues a sentence that ends with the address. */
  readonly reason: string
  /** `always`: nobody can be dialled there. `names`: an author has to write it down. */
  readonly refused: 'always' | 'literals and names' | 'names'
}

/** Sources: RFC 6890 and the IANA special-purpose registries of both families. */
const special: readonly SpecialRange[] = [
  { address: '0.0.0.0', prefix: 8, refused: 'always', reason: 'which means "this host"' },
  {
    address: '127.0.0.0',
    prefix: 8,
    refused: 'literals and names',
    reason: 'which is loopback: inside it is the sandbox itself',
  },
  {
    address: '169.254.0.0',
    prefix: 16,
    refused: 'literals and names',
    reason: 'which is link-local: clouds keep credentials there',
  },
  { address: '10.0.0.0', prefix: 8, refused: 'names', reason: 'which is private' },
  { address: '172.16.0.0', prefix: 12, refused: 'names', reason: 'which is private' },
  { address: '192.168.0.0', prefix: 16, refused: 'names', reason: 'which is private' },
  { address: '100.64.0.0', prefix: 10, refused: 'names', reason: 'which is shared inside a provider' },
  { address: '192.0.0.0', prefix: 24, refused: 'names', reason: 'which is kept for protocols' },
  { address: '198.18.0.0', prefix: 15, refused: 'always', reason: 'from which names get their addresses inside' },
  { address: '224.0.0.0', prefix: 4, refused: 'always', reason: 'which is multicast' },
  { address: '255.255.255.255', prefix: 32, refused: 'always', reason: 'which is broadcast' },
  { address: '240.0.0.0', prefix: 4, refused: 'always', reason: 'which is reserved' },
  {
    address: '::1',
    prefix: 128,
    refused: 'literals and names',
    reason: 'which is loopback: inside it is the sandbox itself',
  },
  {
    address: 'fe80::',
    prefix: 10,
    refused: 'always',
    reason: 'which is link-local: it names no host without a device',
  },
  { address: 'fd50:616c:6973::', prefix: 48, refused: 'always', reason: 'from which names get their addresses inside' },
  { address: 'fc00::', prefix: 7, refused: 'names', reason: 'which is private' },
  { address: 'fec0::', prefix: 10, refused: 'names', reason: 'which is private' },
  { address: '::', prefix: 128, refused: 'always', reason: 'which means "this host"' },
  // What stands inside these is an IPv4 address, and any of the above.
  { address: '::', prefix: 96, refused: 'literals and names', reason: 'which is an IPv4 address in IPv6 form' },
  { address: '::ffff:0:0', prefix: 96, refused: 'always', reason: 'which is an IPv4 address in IPv6 form' },
  { address: '64:ff9b:1::', prefix: 48, refused: 'always', reason: 'which is translated to an IPv4 address' },
  { address: '64:ff9b::', prefix: 96, refused: 'names', reason: 'which is translated to an IPv4 address' },
  { address: '2002::', prefix: 16, refused: 'names', reason: 'which is tunnelled to an IPv4 address' },
  { address: '2001::', prefix: 32, refused: 'names', reason: 'which is tunnelled to an IPv4 address' },
  { address: 'ff00::', prefix: 8, refused: 'always', reason: 'which is multicast' },
]

/** Why no endpoint can be written as `address`, or null. Private addresses can: the author has written them down. */
export function whyRefused(address: string): string | null {
  return reasonOf(address, ['always', 'literals and names'])
}

/** Why nobody can be dialled at `address`, whatever an endpoint says, or null. */
export function whyUnreachable(address: string): string | null {
  return reasonOf(address, ['always'])
}

/** Why no name may lead to `address` unless its endpoint says so, or null. */
export function whyNotForNames(address: string): string | null {
  return reasonOf(address, ['always', 'literals and names', 'names'])
}

/** Ranges that a name may not lead to unless its endpoint's `addresses` hold them. */
export const refusedToNames: readonly IpRange[] = special.map(({ address, prefix }) => ({ address, prefix }))

/** Ranges that it may not lead to whatever `addresses` say. */
export const unreachable: readonly IpRange[] = special.flatMap(({ address, prefix, refused }) =>
  refused === 'always' ? [{ address, prefix }] : [],
)

/** Whether `address` is one of those that names get inside. */
export function isSynthetic(address: string): boolean {
  return isInRange(address, syntheticIpv4) || isInRange(address, syntheticIpv6)
}

function reasonOf(address: string, refused: readonly SpecialRange['refused'][]): string | null {
  return special.find((range) => refused.includes(range.refused) && isInRange(address, range))?.reason ?? null
}

/** RFC 2544: reserved for tests, routed nowhere. */
const syntheticIpv4: IpRange = { address: '198.18.0.0', prefix: 15 }
/** A unique local prefix (RFC 4193) of ours. */
const syntheticIpv6: IpRange = { address: 'fd50:616c:6973::', prefix: 48 }

/** Addresses inside: names count up from the first of each range, our own down from the end of a /16. */
export const syntheticAddresses = (index: number): readonly string[] => [
  nthOf(syntheticIpv4, index + 1),
  nthOf(syntheticIpv6, index + 1),
]
/** The sandbox's own. */
export const sandboxAddresses: readonly string[] = ['198.18.255.254', 'fd50:616c:6973::fffe']
/** Where the resolver answers, if there is one. */
export const resolverAddresses: readonly string[] = ['198.18.255.253', 'fd50:616c:6973::fffd']

/** Where the sandboxes of one host get theirs under `via: route`: 65536 addresses from each of these on. */
export const routedSources: readonly string[] = ['198.19.0.0', 'fd50:616c:6973:1::']

/** Those of `addresses` that belong to the family of `address`; there is one. */
export function sameFamily(addresses: readonly string[], address: string): string {
  const found = addresses.find((candidate) => familyOf(candidate) === familyOf(address))
  if (found === undefined) throw new TypeError(`no address like ${address}`)
  return found
}
