import { UsageError } from '../core/errors.js'
import { parseHost } from '../policy/host-name.js'
import { canonicalIpv6 } from '../policy/ip-address.js'
import type { Target } from './explain-connect.js'

/**
 * Reads `HOST:PORT`, `[IPV6]:PORT`, and either with `/udp` or `/tcp` behind it. A program may spell a host in other ways
 * than a policy: capitals and long forms of IPv6 are the same host, and are read as such. `option` is who asks, for messages.
 * @throws UsageError
 */
export function readTarget(text: string, option: string): Target {
  const [, bracketed, plain, port, protocol = 'tcp'] =
    /^(?:\[([^\]]+)\]|([^[\]:]+)):([1-9][0-9]{0,4})(?:\/(tcp|udp))?$/.exec(text) ?? []
  const spelled = bracketed ?? plain
  if (spelled === undefined || Number(port) > 65535) throw new UsageError(misread(text, option))
  const host = hostOf(spelled, option)
  return { host, port: Number(port), protocol: protocol === 'udp' ? 'udp' : 'tcp' }
}

function misread(text: string, option: string): string {
  if (text.includes('://')) return `${option} wants HOST:PORT[/udp] without a scheme, not ${text}`
  const bare = !text.startsWith('[') && text.split(':').length > 2
  const numbered = /:[0-9]+(?:\/(?:tcp|udp))?$/.test(text)
  const hint = bare ? '; an IPv6 address goes in brackets' : numbered ? '; a port is one of 1 to 65535' : ''
  return `${option} wants HOST:PORT[/udp], not ${text}${hint}`
}

function hostOf(spelled: string, option: string): string {
  const text = canonicalIpv6(spelled) ?? spelled.toLowerCase()
  const host = parseHost(text)
  if (host.kind === 'wildcard') throw new UsageError(`${option} asks about one host: ${spelled} is many`)
  // No endpoint can be called so, and it has an answer all the same.
  if (host.kind !== 'refused' || text === 'localhost') return text
  throw new UsageError(`${option}: ${spelled} ${host.refused}${host.fix === undefined ? '' : `: ${host.fix}`}`)
}
