import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { explainConnect } from './explain-connect.js'
import { describePlan } from './explain-plan.js'
import { PolicyError } from '../core/errors.js'
import { packageRoot } from '../core/package-root.js'
import { compileMadeUp } from '../host/fixtures/compile-made-up.js'
import type { HostFacts, Uplink } from '../host/facts.js'
import { printPlan } from '../plan/print.js'

const root = { caller: { uid: 0, gid: 0, home: '/root', directory: '/' } }
const literal = { host: '192.0.2.1', port: 443 }
const syscalls = { promises: ['stdio', 'rpath', 'inet_client'] }
const routed = (egress: readonly object[], more: object = {}): object => ({
  network: { via: 'route', egress, ...more },
  syscalls,
})

interface Case {
  readonly claim: string
  readonly network: object
  readonly facts?: Partial<HostFacts>
  readonly refused: RegExp
  readonly fix: RegExp
}

const uplink = (address: string, found: Uplink): Partial<HostFacts> => ({ uplinks: new Map([[address, found]]) })
const off = (setting: string): Uplink => ({ kind: 'device', device: 'eth0', off: setting })

const cases: readonly Case[] = [
  {
    claim: 'a user',
    network: routed([literal]),
    facts: { caller: { uid: 1000, gid: 1000, home: '/home/user', directory: '/' } },
    refused: /^network\.via: route needs root, and this is uid 1000: it puts a device and nftables rules on the host$/,
    fix: /a relay needs no root/,
  },
  {
    claim: 'tls: required',
    network: routed([{ host: 'api.example.com', port: 443, tls: 'required' }]),
    refused: /^network\.egress\[0\]\.tls: cannot be required under network\.via: route: nobody looks into packets$/,
    fix: /take via or tls out/,
  },
  {
    claim: 'a wildcard',
    network: routed([{ host: '*.example.com', port: 443 }]),
    refused: /^network\.egress\[0\]\.host: \*\.example\.com needs the relay: /,
    fix: /list every host/,
  },
  {
    claim: 'a resolver inside',
    network: routed([literal], { dns: 'stub' }),
    refused: /^network\.dns: the resolver inside is part of the relay$/,
    fix: /take dns out/,
  },
  {
    claim: 'a name without an address',
    network: routed([{ host: 'nowhere.example.com', port: 443 }]),
    refused: /^network\.egress\[0\]\.host: nowhere\.example\.com has no address on this host$/,
    fix: /relay asks for names/,
  },
  {
    claim: 'a name that also leads to loopback',
    network: routed([{ host: 'inward.example.com', port: 443 }]),
    refused: /^network\.egress\[0\]\.host: inward\.example\.com leads to 127\.0\.0\.1, which is loopback: /,
    fix: /addresses: \[127\.0\.0\.1\/32\]/,
  },
  {
    claim: 'a name that leads to where clouds keep credentials',
    network: routed([{ host: 'metadata.example.com', port: 80 }]),
    refused: /metadata\.example\.com leads to 169\.254\.169\.254, which is link-local: clouds keep credentials there$/,
    fix: /addresses: \[169\.254\.169\.254\/32\]/,
  },
  {
    claim: 'a name with an address outside of its addresses',
    network: routed([{ host: 'api.example.com', port: 443, addresses: ['192.0.2.10/32'] }]),
    refused: /api\.example\.com leads to 192\.0\.2\.11, which is in none of its addresses$/,
    fix: /add 192\.0\.2\.11\/32 to its addresses/,
  },
  {
    claim: 'an address without a route',
    network: routed([literal]),
    facts: uplink('192.0.2.1', { kind: 'none' }),
    refused: /^network\.egress\[0\]\.host: this host has no route to it$/,
    fix: /give the host a route/,
  },
  {
    claim: 'an address of the host itself',
    network: routed([literal]),
    facts: uplink('192.0.2.1', { kind: 'own' }),
    refused: /^network\.egress\[0\]\.host: it is the host's own address, and packets for the host are not forwarded$/,
    fix: /take network\.via out/,
  },
  {
    claim: 'a device that does not forward',
    network: routed([literal]),
    facts: uplink('192.0.2.1', off('net.ipv4.conf.eth0.forwarding')),
    refused: /answers would arrive at eth0, which does not forward \(net\.ipv4\.conf\.eth0\.forwarding is 0\)$/,
    fix: /^sysctl -w net\.ipv4\.conf\.eth0\.forwarding=1 /,
  },
]

for (const { claim, network, facts = {}, refused, fix } of cases) {
  t.test(`network.via: route is refused for ${claim}`, (t) => {
    const problems = problemsOf(network, { ...root, ...facts })
    t.equal(problems.length, 1)
    t.match(`${problems[0]?.key}: ${problems[0]?.message}`, refused)
    t.match(problems[0]?.fix, fix)
    t.same(problemsOf(routed([literal]), root), [], 'control')
    t.end()
  })
}

t.test('network.via: route without nft(8) names the package', (t) => {
  t.throws(() => compileMadeUp(routed([literal]), { facts: { ...root, nft: null } }), {
    name: 'HostError',
    key: 'network.via',
    fix: 'apt-get install nftables',
  })
  t.end()
})

const several = routed([
  literal,
  { host: '2001:db8::1', port: 53, protocol: 'udp' },
  { host: 'twice.example.com', port: 443 },
  { host: 'twice.example.com', port: 80 },
])

t.test('network.via: route: the steps and the rules are those of the golden', (t) => {
  const { steps } = compileMadeUp(several, { facts: root })
  const own = steps.filter(({ op }) => op.startsWith('network.') || op === 'landlock.restrict-self')
  const hosts = steps.filter((step) => step.op === 'filesystem.pin-file' && step.target === '/etc/hosts')
  const file = join(packageRoot(), 'src/compiler/goldens/route.plan.txt')
  const text = printPlan({ steps: [...own, ...hosts] })
  if (process.env['UPDATE_GOLDENS'] === '1') writeFileSync(file, text)
  t.equal(text, readFileSync(file, 'utf8'))
  t.end()
})

t.test('network.via: route: a family that the host does not forward is left out of a name that has another', (t) => {
  const uplinks = new Map<string, Uplink>([
    ['192.0.2.40', { kind: 'device', device: 'eth0', off: null }],
    ['2001:db8::40', { kind: 'none' }],
  ])
  const { steps } = compileMadeUp(routed([{ host: 'twice.example.com', port: 443 }]), { facts: { ...root, uplinks } })
  const routes = steps.flatMap((step) => (step.op === 'network.add-forwarded-route' ? [step.destination] : []))
  t.same(routes, ['192.0.2.40'])
  const [open] = steps.flatMap((step) => (step.op === 'network.open-route' ? [step] : []))
  t.same(open?.sources, ['198.19.0.0'])
  t.notMatch(open?.rules, /ip6|2001/)
  t.end()
})

t.test('before Linux 6.17 only one setting lets a device forward IPv6', (t) => {
  const { steps } = compileMadeUp(several, { facts: { ...root, forwardsIpv6By: 'all' } })
  const [open] = steps.flatMap((step) => (step.op === 'network.open-route' ? [step.settings] : []))
  t.same(open, ['net/ipv4/conf/pl%/forwarding', 'net/ipv6/conf/pl%/forwarding'])
  t.end()
})

t.test('explain says who forwards, and who says no', (t) => {
  const plan = compileMadeUp(several, { facts: root })
  const text = describePlan(plan).join('\n')
  t.match(text, 'addresses: fully enforced, enforced by a network namespace with one route an endpoint, and nftables')
  t.match(text, '192.0.2.1:443 is forwarded by the host, and nobody looks into it (network.egress[0], network.via)')
  t.match(text, '[2001:db8::1]:53 by UDP is forwarded')
  const ask = (host: string, port: number, protocol: 'tcp' | 'udp') => explainConnect(plan, { host, port, protocol })
  t.match(ask('192.0.2.1', 443, 'tcp'), { answer: 'allowed' })
  t.match(ask('twice.example.com', 80, 'tcp'), { answer: 'allowed' })
  t.match(ask('192.0.2.1', 53, 'udp'), { answer: 'denied', errno: 'ECONNREFUSED' })
  t.match(ask('192.0.2.1', 53, 'udp').because.join(), 'the nftables rules on the host reject 192.0.2.1:53 by UDP')
  t.match(ask('192.0.2.1', 80, 'tcp'), { errno: 'ECONNREFUSED' })
  t.match(ask('192.0.2.1', 22, 'tcp'), { errno: 'EACCES' }, 'Landlock comes first where it knows the port')
  t.match(ask('192.0.2.2', 443, 'tcp'), { errno: 'ENETUNREACH' })
  t.end()
})

function problemsOf(policy: object, facts: Partial<HostFacts>) {
  try {
    compileMadeUp(policy, { facts })
    return []
  } catch (error) {
    if (error instanceof PolicyError) return error.problems
    throw error
  }
}
