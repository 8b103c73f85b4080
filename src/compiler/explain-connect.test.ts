import t, { type Test as Tap } from 'tap'
import { parse } from 'yaml'
import * as z from 'zod'
import { compileMadeUp, type Run } from '../host/fixtures/compile-made-up.js'
import { explainConnect, type Target } from './explain-connect.js'

// Every plan has its filter proven.
t.setTimeout(240_000)

interface PolicyObject {
  readonly network?: { readonly egress?: readonly object[]; readonly loopback?: boolean; readonly dns?: string }
  readonly syscalls: { readonly promises: readonly string[]; readonly denied?: string }
}

const named = { host: 'api.example.test', port: 443, tls: 'required' }
const wildcard = { host: '*.cdn.example.test', port: 443, tls: 'required' }
const oldKernel: Run = { facts: { landlock: { abi: 3, errata: 0b111 } } }

const networks: readonly (readonly [name: string, network: PolicyObject['network'], run?: Run])[] = [
  ['no network', undefined],
  ['no network, and a Landlock without ports', undefined, oldKernel],
  ['a TCP endpoint', { egress: [named] }],
  ['a wildcard and a resolver', { dns: 'stub', egress: [wildcard] }],
]
const promises = [['stdio'], ['stdio', 'inet_client'], ['stdio', 'unix', 'inet_server']]
const hosts = ['api.example.test', 'x.cdn.example.test', '192.0.2.99', '2001:db8::9']

for (const [name, network, run] of networks) {
  for (const promised of promises) {
    t.test(`connect: the change, applied, allows: ${name}, ${promised.join(' ')}`, (t) => {
      const policy = { ...(network === undefined ? {} : { network }), syscalls: { promises: promised } }
      for (const protocol of ['tcp', 'udp'] as const) {
        for (const host of hosts) checkChange(t, policy, { host, port: 8443, protocol }, run)
      }
      t.end()
    })
  }
}

t.test('connect: where what is denied kills, the change is as complete', (t) => {
  const policy = { syscalls: { promises: ['stdio'], denied: 'kill' } }
  checkChange(t, policy, { host: '192.0.2.99', port: 443, protocol: 'tcp' })
  checkChange(t, policy, { host: 'api.example.test', port: 443, protocol: 'udp' })
  t.end()
})

t.test('connect: loopback needs its own key by UDP as well, and then the program itself answers', (t) => {
  const policy = { syscalls: { promises: ['stdio'] } }
  for (const host of ['localhost', '127.0.0.1', '::1']) {
    const target: Target = { host, port: 53, protocol: 'udp' }
    const { change } = explainConnect(compileMadeUp(policy), target)
    t.equal(change, 'set network.loopback: true, and add inet_client to syscalls.promises')
    t.match(explainConnect(compileMadeUp(applied(policy, change ?? '')), target), { answer: 'depends' })
  }
  t.end()
})

t.test('connect: UDP under endpoints of TCP is refused because of network.egress, and the change is an entry', (t) => {
  const policy = { network: { egress: [named] }, syscalls: { promises: ['stdio', 'inet_client'] } }
  const said = explainConnect(compileMadeUp(policy), { host: 'api.example.test', port: 443, protocol: 'udp' })
  t.match(said, {
    errno: 'EACCES',
    change: 'add { host: api.example.test, port: 443, protocol: udp } to network.egress',
  })
  t.equal(
    said.because[0],
    'seccomp: EACCES, the filter refuses socket by a rule that stands in for what Landlock lacks (network.egress)',
  )
  t.end()
})

t.test('connect: what a rule of the policy hides is named too', (t) => {
  const rules = [{ syscall: 'connect', action: { errno: 'ENOTTY' } }]
  const plan = compileMadeUp({ network: { egress: [named] }, syscalls: { promises: ['stdio'], rules } })
  const said = explainConnect(plan, { host: 'api.example.test', port: 443, protocol: 'tcp' })
  t.equal(said.change, 'add inet_client to syscalls.promises, and change syscalls.rules[0]')
  t.match(said.because.join('\n'), /ENOTTY, the filter refuses connect \(syscalls\.rules\[0\]\)\n.*EPERM.*connect/)
  t.end()
})

const several = {
  network: {
    egress: [
      named,
      { host: 'other.example.test', port: 443 },
      { host: 'api.example.test', port: 8443, addresses: ['10.0.0.0/8', 'fd00::/8'] },
      { host: 'api.example.test', port: 443, protocol: 'udp' },
    ],
  },
  syscalls: { promises: ['stdio', 'inet_client'] },
}
const plan = compileMadeUp(several)

for (const [host, port, protocol, index] of [
  ['api.example.test', 443, 'tcp', 0],
  ['other.example.test', 443, 'tcp', 1],
  ['api.example.test', 8443, 'tcp', 2],
  ['api.example.test', 443, 'udp', 3],
] as const) {
  t.test(`connect ${host}:${port}/${protocol}: the relay's line names its own entry`, (t) => {
    const said = explainConnect(plan, { host, port, protocol })
    t.equal(said.answer, 'allowed')
    t.match(said.because.at(-1), new RegExp(`^network: the relay .* \\(network\\.egress\\[${index}\\]\\)$`))
    t.end()
  })
}

t.test('connect: a port that no entry of the host has is the fault of no entry', (t) => {
  const { because } = explainConnect(plan, { host: 'other.example.test', port: 8443, protocol: 'tcp' })
  t.match(because.join('\n'), /not on port 8443 by TCP \(network\.egress\)$/)
  t.end()
})

t.test('connect: the relay takes only some addresses of a name', (t) => {
  const line = (port: number) =>
    explainConnect(plan, { host: 'api.example.test', port, protocol: 'tcp' }).because.at(-1)
  t.equal(
    line(443),
    'network: the relay takes it and after a TLS ClientHello for that name dials api.example.test:443 at a public ' +
      'address only; a private one must be in its addresses (network.egress[0])',
  )
  t.equal(
    line(8443),
    'network: the relay takes it and dials api.example.test:8443 at one of its addresses only: 10.0.0.0/8, fd00::/8 ' +
      '(network.egress[2])',
  )
  t.end()
})

function checkChange(t: Tap, policy: PolicyObject, target: Target, run: Run = {}): void {
  const asked = `${target.host} ${target.protocol}`
  const said = explainConnect(compileMadeUp(policy, run), target)
  t.not(said.answer, 'allowed', `${asked}: control`)
  const again = explainConnect(compileMadeUp(applied(policy, said.change ?? ''), run), target)
  t.equal(again.answer, 'allowed', `${asked}: ${said.change}: ${again.because.join('; ')}`)
}

/** The policy after the change, read as an author would. */
function applied(policy: PolicyObject, change: string): PolicyObject {
  return change.split(', and ').reduce(applyOne, policy)
}

function applyOne(policy: PolicyObject, change: string): PolicyObject {
  const { network, syscalls } = policy
  const [, entry] = /^add (\{.*\}) to network\.egress$/.exec(change) ?? []
  if (entry !== undefined) {
    const added = z.looseObject({}).parse(parse(entry))
    return { ...policy, network: { ...network, egress: [...(network?.egress ?? []), added] } }
  }
  const [, words] = /^add (.*) to syscalls\.promises$/.exec(change) ?? []
  if (words !== undefined) {
    return { ...policy, syscalls: { ...syscalls, promises: [...syscalls.promises, ...words.split(' and ')] } }
  }
  return change === 'set network.loopback: true' ? { ...policy, network: { ...network, loopback: true } } : policy
}
