/** The steps of `network.via: route`, and the nftables rules. */
import { HostError } from '../../core/errors.js'
import type { HostFacts } from '../../host/facts.js'
import { familyOf, type IpFamily } from '../../policy/ip-address.js'
import type { ResolvedNetwork } from '../../policy/resolved.js'
import { routedSources, sameFamily } from './addresses.js'
import { protocolNumber, type AddForwardedRoute, type OpenRoute, type TakeRoute } from './steps.js'

const device = 'eth0'
/** `%` is replaced when the run starts. An interface name has at most 15 bytes. */
const link = 'pl%'
const table = 'palisade_%'

export function lowerRoute(
  { endpoints }: ResolvedNetwork,
  host: HostFacts,
): readonly (OpenRoute | TakeRoute | AddForwardedRoute)[] {
  const origin = 'network.via'
  const passes = passesOf(endpoints)
  const remote = endpoints.flatMap(({ key, inside }) => inside.map((address) => ({ key, address })))
  // Two ports of one host share its address and its route.
  const first = remote.filter(({ address }, index) => remote.findIndex((one) => one.address === address) === index)
  const families = ([4, 6] as const).filter((family) => first.some(({ address }) => familyOf(address) === family))
  const sources = families.map((family) => sameFamily(routedSources, family === 4 ? '0.0.0.0' : '::'))
  return [
    {
      op: 'network.open-route',
      origin,
      nft: nftOf(host),
      passes,
      rules: rulesFor(passes),
      check: `list chain inet ${table} postrouting`,
      standing: `table inet ${table} {`,
      link,
      device,
      settings: families.flatMap((family) => settingsFor(family, host)),
      sources,
    },
    { op: 'network.take-route', origin, device, sources },
    ...first.map(({ key, address }): AddForwardedRoute => ({
      op: 'network.add-forwarded-route',
      origin: key,
      device,
      destination: address,
    })),
  ]
}

function passesOf(endpoints: ResolvedNetwork['endpoints']): OpenRoute['passes'] {
  return endpoints.flatMap(({ key, inside, port, protocol }) =>
    inside.map((address) => ({ key, address, port, protocol: protocolNumber[protocol] })),
  )
}

function nftOf({ nft }: HostFacts): string {
  if (nft !== null) return nft
  throw new HostError(
    'network.via',
    'nft(8), which loads the rules of via: route',
    'none that root alone can write in /usr/sbin and /usr/bin',
    'apt-get install nftables',
  )
}

/** Only our own device is told to forward: its settings go with it. */
function settingsFor(family: IpFamily, { forwardsIpv6By }: HostFacts): readonly string[] {
  if (family === 4) return [`net/ipv4/conf/${link}/forwarding`]
  const own = [`net/ipv6/conf/${link}/forwarding`]
  return forwardsIpv6By === 'force_forwarding' ? [...own, `net/ipv6/conf/${link}/force_forwarding`] : own
}

/**
 * One line, because nft(8) reads its standard input by lines. An `accept` here does not overrule a drop in a table of
 * the host's own. What is refused is answered, so that a program does not wait: TCP by a reset, the rest by ICMP.
 */
function rulesFor(passes: OpenRoute['passes']): string {
  const known = 'ct state established,related accept;'
  const refuse = (when: string): string => `${when}meta l4proto tcp reject with tcp reset; ${when}reject;`
  const chains = [
    chain(
      'forward',
      `${base('filter', 'forward', 'filter')} iifname "${link}" jump outward; oifname "${link}" jump inward;`,
    ),
    // A source that is not the sandbox's has no route back by its device.
    chain('outward', `${known} fib saddr . iif oif missing drop; ${allowed(passes)} ${refuse('')}`),
    chain('inward', `${known} drop;`),
    // The host itself is no endpoint.
    chain('input', `${base('filter', 'input', 'filter')} ${refuse(`iifname "${link}" `)}`),
    chain(
      'output',
      `${base('filter', 'output', 'filter')} oifname "${link}" ct state != { established, related } drop;`,
    ),
    chain('postrouting', `${base('nat', 'postrouting', 'srcnat')} iifname "${link}" masquerade;`),
  ]
  return `table inet ${table} { flags owner; ${chains.join(' ')} }`
}

function chain(name: string, rules: string): string {
  return `chain ${name} { ${rules} };`
}

function base(type: string, hook: string, priority: string): string {
  return `type ${type} hook ${hook} priority ${priority}; policy accept;`
}

/** One set for each family and protocol: an address with its port, exactly. */
function allowed(passes: OpenRoute['passes']): string {
  const rules = ([4, 6] as const).flatMap((family) =>
    (['tcp', 'udp'] as const).flatMap((protocol) => {
      const own = passes.filter((one) => one.protocol === protocolNumber[protocol] && familyOf(one.address) === family)
      const elements = [...new Set(own.map(({ address, port }) => `${address} . ${port}`))]
      if (elements.length === 0) return []
      return [`${family === 4 ? 'ip' : 'ip6'} daddr . ${protocol} dport { ${elements.join(', ')} } accept;`]
    }),
  )
  return rules.join(' ')
}
