import { canonicalIpv6, isIpv4 } from './ip-address.js'
import type { Refusal } from './reading.js'

/**
 * The one reader of host names and addresses. What it lets through means the same to every resolver, relay and
 * certificate check: exactly four decimal numbers, an IPv6 address as RFC 5952 spells it, or lower-case labels of
 * letters, digits and hyphens (RFC 952, RFC 1123) that no inet_aton(3) takes for an address. Underscores are not in
 * host names (RFC 1123 2.1). A wildcard is `*.` before a name of at least two labels: one label more, any one.
 */
export type Host =
  | { readonly kind: 'ipv4'; readonly address: string }
  | { readonly kind: 'ipv6'; readonly address: string }
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'wildcard'; readonly name: string; readonly suffix: string }
  | ({ readonly kind: 'refused' } & Refusal)

/** For editors; `parseHost` is stricter. */
export const hostPattern = /^(?:(?:\*\.)?[a-z0-9]([a-z0-9.-]*[a-z0-9])?|[0-9a-f]*:[0-9a-f]*:[0-9a-f:.]*)$/

export function parseHost(text: string): Host {
  if (text.startsWith('*.')) return parseWildcard(text)
  if (canonicalIpv6(text) !== null) return parseIpv6(text)
  const refusal = refuseSpelling(text)
  if (refusal !== null) return refusal
  if (isIpv4(text)) return { kind: 'ipv4', address: text }
  if (endsInNumber(text)) return refuse('is not an IPv4 address', 'write four decimal numbers: 192.0.2.1')
  const label = text.split('.').find((part) => !isLabel(part))
  if (label !== undefined)
    return refuse(label === '' ? 'has an empty label' : `has the bad label ${JSON.stringify(label)}`)
  // RFC 6761 6.3: a resolver answers for it without asking, with loopback.
  if (text === 'localhost' || text.endsWith('.localhost'))
    return refuse('is the sandbox itself', 'write another name that leads there, with addresses: [127.0.0.1/32]')
  return { kind: 'name', name: text }
}

const spellings: readonly (readonly [RegExp, string, string?])[] = [
  [/^$/, 'is empty'],
  // eslint-disable-next-line no-control-regex -- the control characters are what is looked for
  [/[\0-\x20\x7f]/, 'holds a space or a control character'],
  [/[^\0-\x7f]/, 'is not ASCII', 'write an internationalised name in its xn-- form'],
  [/:\/\//, 'is a URL', 'write the host alone'],
  [/%/, 'holds a percent sign', 'write the name itself'],
  [/^(?:[^:]*|\[.*\]):[0-9]+$/, 'holds a port', 'write it under port'],
  [/^\[.*\]$/, 'holds brackets', 'write the IPv6 address without them'],
  [/^[0-9a-f.:]+\/[0-9]+$/, 'is a range', 'list every address'],
  [/\//, 'holds a path', 'write the host alone'],
  [/[:[\]]/, 'is not an IPv6 address', 'write it as RFC 5952 does: 2001:db8::1'],
  [/\*/, 'is a wildcard in the wrong place', 'write one `*.` before a name of two labels or more, or list every host'],
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

/** inet_aton(3) reads 127.1, 0x7f.1, 017700000001 and 2130706433 as addresses, and URL parsers follow it. */
function endsInNumber(text: string): boolean {
  return /^(?:[0-9]+|0x[0-9a-f]*)$/.test(text.slice(text.lastIndexOf('.') + 1))
}

/** One spelling an address: what two texts could name would have two routes. */
function parseIpv6(text: string): Host {
  const canonical = canonicalIpv6(text) ?? text
  const mapped = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(canonical)
  if (mapped !== null) return refuse('is an IPv4 address in IPv6 form', `write the IPv4 address: ${quadOf(mapped)}`)
  if (canonical !== text) return refuse('is not the one spelling of this address', `write ${canonical}`)
  return { kind: 'ipv6', address: text }
}

function quadOf([, high = '', low = '']: RegExpExecArray): string {
  const [first, second] = [Number.parseInt(high, 16), Number.parseInt(low, 16)]
  return [first >> 8, first & 0xff, second >> 8, second & 0xff].join('.')
}

/** A wildcard over a single label would be a whole top-level domain. */
function parseWildcard(text: string): Host {
  const suffix = text.slice(2)
  const host = parseHost(suffix)
  if (host.kind === 'refused' && suffix !== '' && !endsInNumber(suffix)) return host
  if (host.kind !== 'name' || !suffix.includes('.'))
    return refuse('is a wildcard over no host name of two labels or more', 'write *.example.com, or list every host')
  if (text.length > 253) return refuse('is longer than 253 bytes')
  return { kind: 'wildcard', name: text, suffix }
}

function isLabel(label: string): boolean {
  return /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/.test(label) && label !== 'xn--'
}

function refuse(refused: string, fix?: string): Host {
  return fix === undefined ? { kind: 'refused', refused } : { kind: 'refused', refused, fix }
}
