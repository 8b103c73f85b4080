/** IPv4 addresses that no endpoint can have, and why. */

/** The number of a dotted quad; the policy's parser and the resolver give nothing else. */
export function ipv4Number(address: string): number {
  return address.split('.').reduce((number, part) => number * 256 + Number(part), 0)
}

/** Why nobody may be dialled at `address`, or null. Sources: RFC 6890 and the IANA special-purpose registry. */
export function whyRefused(address: string): string | null {
  return refused.find(({ first, last }) => inRange(address, first, last))?.reason ?? null
}

/** Whether `address` is one of those that names get inside (RFC 2544: reserved for tests, routed nowhere). */
export function isSynthetic(address: string): boolean {
  return inRange(address, '198.18.0.0', '198.19.255.255')
}

const refused = [
  { first: '0.0.0.0', last: '0.255.255.255', reason: 'which means "this host"' },
  {
    first: '127.0.0.0',
    last: '127.255.255.255',
    reason: "which is loopback: the sandbox has its own, and the host's is out of reach",
  },
  { first: '169.254.0.0', last: '169.254.255.255', reason: 'which is link-local: clouds keep credentials there' },
  { first: '224.0.0.0', last: '239.255.255.255', reason: 'which is multicast' },
  { first: '240.0.0.0', last: '255.255.255.254', reason: 'which is reserved' },
  { first: '255.255.255.255', last: '255.255.255.255', reason: 'which is broadcast' },
] as const

function inRange(address: string, first: string, last: string): boolean {
  const number = ipv4Number(address)
  return number >= ipv4Number(first) && number <= ipv4Number(last)
}
