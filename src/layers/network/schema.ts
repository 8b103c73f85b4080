import * as z from 'zod'
import { hostPattern, parseHost } from '../../policy/host-name.js'
import { familyOf, firstOf, isInRange, type IpRange } from '../../policy/ip-address.js'
import type { Reading } from '../../policy/reading.js'
import { durationPattern, parseDuration } from '../../policy/quantity.js'
import { listOf, section, textAs, wholeNumber } from '../../policy/values.js'
import { unreachable } from './addresses.js'

/** Two listening sockets each, which cross to the relay in one message of at most 253 descriptors (SCM_MAX_FD). */
const endpointsMax = 120
const listenersMax = 32
/** Six descriptors each at the most, of the 4096 that some hosts allow a user at least. */
const connectionsMax = 4096
const connectionsByDefault = 1024
/** Milliseconds of it fit into 32 bits. */
const idleHoursMax = 720

/** `network`: what can be reached, and what can be reached from the host. Absent: no network at all. */
export function schema() {
  return section({
    egress: listOf('endpoints { host, port }', endpoint, endpointsMax).describe(
      'The only endpoints that can be reached. There is no route to any other address.',
    ),
    via: choice('relay', 'route')
      .default('relay')
      .describe(
        '`relay`: a process of ours takes each connection and dials. `route`, for root: the host forwards packets to the endpoints, by nftables rules of the sandbox alone; nobody looks into them.',
      ),
    dns: choice('hosts', 'stub')
      .default('hosts')
      .describe(
        '`hosts`: names are in /etc/hosts, and there is no resolver. `stub`: for programs that do not read it, a resolver that knows the names of `egress`, refuses all others, and asks nobody.',
      ),
    listen: listOf('ports { port, publish }', published, listenersMax).describe(
      "Ports of the program that the host can reach. Brings the sandbox's loopback interface up.",
    ),
    loopback: z
      .boolean({ error: 'expected true or false' })
      .default(false)
      .describe(
        "Whether the sandbox's own loopback interface is up. It never leads to the host's. `true` ends Landlock's check of ports, for every endpoint: it knows ports and no addresses, so that the network namespace alone says what is reachable. `listen` brings the interface up and leaves the check as it is.",
      ),
    connections: wholeNumber(1, connectionsMax)
      .default(connectionsByDefault)
      .describe('How many connections there can be at a time; more wait in line.'),
    idle: textAs('a duration such as 30s', durationPattern, readIdle)
      .prefault('1h')
      .describe('How long a TCP connection may move no byte before it is reset.'),
  })
}

function endpoint() {
  const host = textAs('a host name or an IP address', hostPattern, readHost)
  return section({
    host: host.describe(
      'A host name (lower case, `xn--` for international names), an IPv4 or IPv6 address, or `*.` before a name for every name with one label more.',
    ),
    port: port().describe('The port.'),
    protocol: choice('tcp', 'udp').default('tcp').describe('The protocol of the port.'),
    tls: choice('any', 'required')
      .default('any')
      .describe(
        '`any`: nobody looks at the bytes, which may be TLS or anything else. `required`: a connection must begin with a TLS 1.2 or 1.3 ClientHello that names `host`; any other is closed and reported.',
      ),
    ech: choice('refused', 'allowed')
      .default('refused')
      .describe(
        'Under `tls: required`: whether a ClientHello may hold an encrypted one (or the grease that looks like it), which can name another host.',
      ),
    addresses: listOf('ranges such as 10.0.0.0/8', range, 16).describe(
      'The only ranges that the name may lead to. Absent: every public address. Private, loopback and link-local ones must be written here.',
    ),
  })
}

function published() {
  return section({
    port: port().describe("The program's port, at 127.0.0.1 or ::1."),
    publish: port().describe('The port on the host, at 127.0.0.1, that leads there.'),
  })
}

function choice<const Words extends readonly string[]>(...words: Words) {
  return z.enum(words, { error: `expected ${words.join(' or ')}` })
}

/** A range of ports would be a listener each, or one that takes what nobody named. */
function port() {
  return wholeNumber(1, 65535, ({ input }) =>
    typeof input === 'string' && /^\s*\d+\s*[-:]\s*\d+\s*$/.test(input)
      ? 'expected one port and no range, so that every open port is one that an author has named (write an entry for each)'
      : 'expected a whole number',
  )
}

function readHost(text: string): Reading<string> {
  const host = parseHost(text)
  return host.kind === 'refused' ? host : { value: text }
}

function readIdle(text: string): Reading<number> {
  const idle = parseDuration(text)
  return 'value' in idle && idle.value > idleHoursMax * 3_600_000
    ? { refused: `is more than ${idleHoursMax}h, thirty days` }
    : idle
}

function range() {
  return textAs('a range such as 10.0.0.0/8', /^[0-9a-f.:]+\/[0-9]{1,3}$/, readRange)
}

function readRange(text: string): Reading<IpRange> {
  const [address = '', bits = '', ...rest] = text.split('/')
  const family = familyOf(address)
  const prefix = /^(?:0|[1-9][0-9]{0,2})$/.test(bits) ? Number(bits) : Number.NaN
  if (prefix === 0) return { refused: 'is every address', fix: 'write the ranges that the name may lead to' }
  if (family === null || rest.length > 0 || !(prefix >= 1 && prefix <= (family === 4 ? 32 : 128)))
    return {
      refused: 'is no range of addresses',
      fix: 'write 10.1.0.0/16, 2001:db8::/32, or one address as 10.1.2.3/32',
    }
  const first = firstOf({ address, prefix })
  if (first !== address) return { refused: 'begins in the middle of its range', fix: `write ${first}/${prefix}` }
  const hole = unreachable.find((never) => isInRange(address, never) && never.prefix <= prefix)
  if (hole !== undefined)
    return {
      refused: `lies in ${hole.address}/${hole.prefix}, where nobody can be dialled`,
      fix: 'take it out',
    }
  return { value: { address, prefix } }
}
