/** Ways out where a stub resolver answers: by the names that are asked for, and by other resolvers. */
import { v4 } from './families.js'
import { both, in4, netns, noRoute, type Way } from './way.js'

const secret = `${'a'.repeat(60)}.${'b'.repeat(60)}.api.example.test`
const dns = (claim: string, name: string): readonly Way[] =>
  both(
    claim,
    (f) => `dns-udp ${f.stub} 53 ${name}`,
    'REFUSED',
    'relay',
    (f) => ({
      control: { act: `dns-udp ${f.resolver} 53 ${name}` },
    }),
  )

export const stub: readonly Way[] = [
  ...dns('a secret in the labels of a name', secret),
  ...dns('a name below the granted one', 'www.api.example.test'),
  ...dns('a name above the granted one', 'example.test'),
  ...dns("another of the host's names", 'denied.example.test'),
  ...dns('the host itself', 'localhost'),
  ...dns('an address, backwards', '10.113.0.203.in-addr.arpa'),
  ...both(
    'the resolver by TCP',
    (f) => `dns-tcp ${f.stub} 53 api.example.test`,
    'EACCES',
    'landlock',
    (f) => ({
      control: { act: `dns-tcp ${f.resolver} 53 api.example.test` },
    }),
  ),
  ...both(
    'another port of the resolver',
    (f) => `udp-connected ${f.stub} 8443`,
    'ECONNREFUSED',
    'gateway',
    (f) => ({
      control: { act: `udp-connected ${f.resolver} 8443` },
    }),
  ),
  ...both('a public resolver', (f) => `dns-udp ${f.resolver} 53 api.example.test`, 'ENETUNREACH', netns, noRoute),
  ...both("the router's resolver", (f) => `dns-udp ${f.router} 53 api.example.test`, 'ENETUNREACH', netns, noRoute),
  ...both('the address that the name has outside', (f) => `tcp ${f.endpoint} 80`, 'ENETUNREACH', netns, noRoute),
  in4('the next name, which is not granted', 'tcp 198.18.0.2 80', 'ENETUNREACH', netns, {
    control: { act: `tcp ${v4.denied} 80` },
  }),
]
