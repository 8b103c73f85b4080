import { UsageError } from '../core/errors.js'
import { parseHost } from '../policy/host-name.js'
import { canonicalIpv6 } from '../policy/ip-address.js'

export interface ConnectQuestion {
  readonly about: 'connect'
  readonly host: string
  readonly port: number
  readonly protocol: 'tcp' | 'udp'
}

/**
 * Reads `HOST:PORT`, `[IPV6]:PORT`, and either with `/udp` or `/tcp` behind it. A program may spell a host in other ways
 * than a policy: capitals and long forms of IPv6 are the same host, and are read as such.
 * @throws UsageError
 */
export function connectQuestion(text: string): ConnectQuestion {
  const [, bracketed, plain, port, protocol = 'tcp'] =
    /^(?:\[([^\]]+)\]|([^[\]:]+)):([1-9][0-9]{0,4})(?:\/(tcp|udp))?$/.exec(text) ?? []
  const spelled = bracketed ?? plain
  if (spelled === undefined || Number(port) > 65535) throw new UsageError(misread(text))
  const host = hostOf(spelled)
  return { about: 'connect', host, port: Number(port), protocol: protocol === 'udp' ? 'udp' : 'tcp' }
}

function misread(text: string): string {
  if (text.includes('://')) return `--connect wants HOST:PORT[/udp] without a scheme, not ${text}`
  const bare = !text.startsWith('[') && text.split(':').length > 2
  const numbered = /:[0-9]+(?:\/(?:tcp|udp))?$/.test(text)
  const hint = bare ? '; an IPv6 address goes in brackets' : numbered ? '; a port is one of 1 to 65535' : ''
  return `--connect wants HOST:PORT[/udp], not ${text}${hint}`
}

function hostOf(spelled: string): string {
  const text = canonicalIpv6(spelled) ?? spelled.toLowerCase()
  const host = parseHost(text)
  if (host.kind === 'wildcard') throw new UsageError(`--connect asks about one host: ${spelled} is many`)
  // No endpoint can be called so, and it has an answer all the same.
  if (host.kind !== 'refused' || text === 'localhost') return text
  throw new UsageError(`--connect: ${spelled} ${host.refused}${host.fix === undefined ? '' : `: ${host.fix}`}`)
}
