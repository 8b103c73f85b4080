import type { Refusal } from './reading.js'

/**
 * The one reader of host names and addresses. What it lets through means the same to every resolver, relay and
 * certificate check: either exactly four decimal numbers, or lower-case labels of letters, digits and hyphens
 * (RFC 952, RFC 1123) that no inet_aton(3) takes for an address. Underscores are not in host names (RFC 1123 2.1).
 */
export type Host =
  | { readonly kind: 'ipv4'; readonly address: string }
  | { readonly kind: 'name'; readonly name: string }
  | ({ readonly kind: 'refused' } & Refusal)

/** For editors; `parseHost` is stricter. */
export const hostPattern = /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/

export function parseHost(text: string): Host {
  const refusal = refuseSpelling(text)
  if (refusal !== null) return refusal
  if (isIpv4(text)) return { kind: 'ipv4', address: text }
  const last = text.slice(text.lastIndexOf('.') + 1)
  // inet_aton(3) reads 127.1, 0x7f.1, 017700000001 and 2130706433 as addresses, and URL parsers follow it.
  if (/^(?:[0-9]+|0x[0-9a-f]*)$/.test(last))
    return refuse('is not an IPv4 address', 'write four decimal numbers: 192.0.2.1')
  const label = text.split('.').find((part) => !isLabel(part))
  if (label !== undefined)
    return refuse(label === '' ? 'has an empty label' : `has the bad label ${JSON.stringify(label)}`)
  // RFC 6761 6.3: a resolver answers for it without asking, with loopback.
  if (last === 'localhost')
    return refuse('is the sandbox itself', 'name another address of the host, one that its server listens on')
  return { kind: 'name', name: text }
}

const spellings: readonly (readonly [RegExp, string, string?])[] = [
  [/^$/, 'is empty'],
  // eslint-disable-next-line no-control-regex -- the control characters are what is looked for
  [/[\0-\x20\x7f]/, 'holds a space or a control character'],
  [/[^\0-\x7f]/, 'is not ASCII', 'write an internationalised name in its xn-- form'],
  [/:\/\//, 'is a URL', 'write the host alone'],
  [/%/, 'holds a percent sign', 'write the name itself'],
  [/^[^:]*:[0-9]+$/, 'holds a port', 'write it under port'],
  [/[:[\]]/, 'is an IPv6 address, which comes with a later release', 'write an IPv4 address or a name'],
  [/\*/, 'is a wildcard, which names no host', 'list every host'],
  [/\//, 'is a range or a path', 'list every address'],
  [/@/, 'holds a user name', 'write the host alone'],
  [/_/, 'holds an underscore, which no host name has'],
  [/[A-Z]/, 'is not in lower case', 'write it in lower case'],
  [/\.$/, 'ends with a dot', 'remove the dot'],
  [/^.{254}/, 'is longer than 253 bytes'],
  [/[^a-z0-9.-]/, 'holds a character that no host name has'],
]

function refuseSpelling(text: string): Host | null {
  for (const [pattern, refused, fix] of spellings) if (pattern.test(text)) return refuse(refused, fix)
  return null
}

/** Four decimal numbers up to 255 without leading zeros, which some read as octal. */
function isIpv4(text: string): boolean {
  const parts = text.split('.')
  return parts.length === 4 && parts.every((part) => /^(?:0|[1-9][0-9]{0,2})$/.test(part) && Number(part) <= 255)
}

function isLabel(label: string): boolean {
  return /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/.test(label) && label !== 'xn--'
}

function refuse(refused: string, fix?: string): Host {
  return fix === undefined ? { kind: 'refused', refused } : { kind: 'refused', refused, fix }
}
