/**
 * IP addresses and ranges as text and as numbers. One spelling each: dotted quads without leading zeros, and IPv6 as
 * RFC 5952 writes it, so that equal addresses are equal texts.
 */
export type IpFamily = 4 | 6

/** A range of addresses: the first `prefix` bits are those of `address`. */
export interface IpRange {
  readonly address: string
  readonly prefix: number
}

/** The family of a canonical address, or null for anything else. */
export function familyOf(text: string): IpFamily | null {
  if (isIpv4(text)) return 4
  return canonicalIpv6(text) === text ? 6 : null
}

/** Four decimal numbers up to 255 without leading zeros, which some read as octal. */
export function isIpv4(text: string): boolean {
  const parts = text.split('.')
  return parts.length === 4 && parts.every((part) => /^(?:0|[1-9][0-9]{0,2})$/.test(part) && Number(part) <= 255)
}

/** The RFC 5952 spelling of an IPv6 address in any spelling of RFC 4291, or null. */
export function canonicalIpv6(text: string): string | null {
  if (!/^[0-9a-fA-F:.]{2,45}$/.test(text) || !text.includes(':')) return null
  const url = `http://[${text}]/`
  return URL.canParse(url) ? new URL(url).hostname.slice(1, -1) : null
}

/** The bytes of a canonical address in network order: 4 or 16. */
export function bytesOf(address: string): Uint8Array {
  if (isIpv4(address)) return Uint8Array.from(address.split('.').map(Number))
  const [head = '', tail] = address.split('::')
  const groups = (part: string): readonly number[] =>
    part === '' ? [] : part.split(':').map((group) => Number.parseInt(group, 16))
  const [first, last] = [groups(head), groups(tail ?? '')]
  const zeros = Array.from({ length: 8 - first.length - last.length }, () => 0)
  return Uint8Array.from([...first, ...zeros, ...last].flatMap((group) => [group >> 8, group & 0xff]))
}

/** The address that these 4 or 16 bytes spell. */
export function addressOf(bytes: Uint8Array): string {
  if (bytes.length === 4) return bytes.join('.')
  const groups = Array.from({ length: 8 }, (_, index) =>
    ((bytes[2 * index] ?? 0) * 256 + (bytes[2 * index + 1] ?? 0)).toString(16),
  )
  return canonicalIpv6(groups.join(':')) ?? groups.join(':')
}

export function isInRange(address: string, range: IpRange): boolean {
  const [own, other] = [bytesOf(address), bytesOf(range.address)]
  if (own.length !== other.length) return false
  return own.every((byte, index) => {
    const bits = Math.min(8, Math.max(0, range.prefix - 8 * index))
    return (byte ^ (other[index] ?? 0)) >> (8 - bits) === 0
  })
}

/** The first address of a range: all bits after its prefix are 0. */
export function firstOf({ address, prefix }: IpRange): string {
  const bytes = bytesOf(address)
  return addressOf(bytes.map((byte, index) => byte & (0xff00 >> Math.min(8, Math.max(0, prefix - 8 * index)))))
}

/** The n-th address of a range, counted from its first. */
export function nthOf(range: IpRange, n: number): string {
  const bytes = bytesOf(range.address)
  let carry = n
  for (let index = bytes.length - 1; index >= 0 && carry > 0; index -= 1) {
    const sum = (bytes[index] ?? 0) + (carry & 0xff)
    bytes[index] = sum & 0xff
    carry = (carry >> 8) + (sum >> 8)
  }
  return addressOf(bytes)
}

/** An address and a port as one text: `192.0.2.1:443`, `[2001:db8::1]:443`. */
export function writeAddress(address: string, port: number): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`
}
