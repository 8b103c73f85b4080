/** What the relay does with an endpoint, in words. */
import type { PolicyKey } from '../core/policy-key.js'
import { protocolNumber, tlsDemand, type Relay } from '../layers/network/steps.js'
import type { Plan } from '../plan/codec.js'
import { familyOf, writeAddress } from '../policy/ip-address.js'

type Endpoint = Relay['endpoints'][number]

const fields = ['host', 'port', 'protocol', 'tls', 'ech', 'addresses'] as const
type Field = (typeof fields)[number]

/** Whether `key` is one that nobody but a relay enforces. */
export function isRelayKey(key: PolicyKey): boolean {
  if (key === 'network.connections' || key === 'network.idle') return true
  const field = fieldOf(key)?.field
  return field === 'tls' || field === 'ech' || field === 'addresses'
}

/** What a relay does with each endpoint, or with all connections, because of `key`; nothing for any other key. */
export function explainRelay({ steps }: Pick<Plan, 'steps'>, key: PolicyKey): readonly string[] {
  const limits = steps.flatMap((step) => {
    if (step.op !== 'network.relay' && step.op !== 'network.publish') return []
    if (key === 'network.connections') return [`${step.op}: ${step.connectionsMax} at a time, and more wait in line`]
    if (key !== 'network.idle') return []
    return [`${step.op}: resets a TCP connection that has moved no byte for ${step.idleTimeoutMs / 1000} s`]
  })
  const asked = fieldOf(key)
  const endpoints = steps.flatMap((step) => (step.op === 'network.relay' ? step.endpoints : []))
  const own = endpoints.filter((endpoint) => asked?.entry === 'network.egress' || asked?.entry === endpoint.key)
  const done = own.map((endpoint) => {
    const does = asked === null ? '' : doneWith(endpoint, asked.field)
    return `network.relay ${nameOf(endpoint)}: ${does} (${endpoint.key})`
  })
  return [...limits, ...done].map((line) => `relay      ${line}`)
}

/** A field of one endpoint (`network.egress[0].tls`), or of all (`network.egress.tls`). */
function fieldOf(key: PolicyKey): { readonly entry: PolicyKey; readonly field: Field } | null {
  const [, entry, word] = /^(network\.egress(?:\[\d+\])?)\.([a-z]+)/.exec(key) ?? []
  const field = fields.find((known) => known === word)
  return entry === undefined || field === undefined ? null : { entry, field }
}

function nameOf(endpoint: Endpoint): string {
  return `${targetOf(endpoint, endpoint.host)}${endpoint.protocol === protocolNumber.udp ? ' by UDP' : ''}`
}

function doneWith(endpoint: Endpoint, field: Field): string {
  const { tls, host } = endpoint
  switch (field) {
    case 'host':
    case 'port':
    case 'protocol':
      return `takes what is sent there ${dialled(endpoint, host)}`
    case 'tls':
      if (tls === tlsDemand.any) return 'passes on whatever is sent'
      return 'closes and reports what does not begin with a TLS ClientHello for that name'
    case 'ech':
      if (tls === tlsDemand.any) return 'looks for no ClientHello'
      if (tls === tlsDemand.required) return 'closes and reports a ClientHello that holds an encrypted one'
      return 'passes on a ClientHello that holds an encrypted one'
    case 'addresses':
      return host === '' ? 'dials that address' : `dials it ${whereOf(endpoint)}`
  }
}

/** Whom the relay dials for a program that asked for `asked`, and on what condition; continues a sentence about it. */
export function dialled(endpoint: Endpoint, asked: string): string {
  const { host, tls } = endpoint
  if (host === '') return `and dials ${targetOf(endpoint, host)}`
  const name = host.startsWith('*.') && familyOf(asked) === null ? asked : host
  const dials = `dials ${targetOf(endpoint, name)} ${whereOf(endpoint)}`
  return tls === tlsDemand.any ? `and ${dials}` : `and after a TLS ClientHello for that name ${dials}`
}

function targetOf({ dial, port }: Endpoint, name: string): string {
  return name === '' ? dial.map((address) => writeAddress(address, port)).join(', then ') : `${name}:${port}`
}

/** Where a name may lead. */
function whereOf({ within }: Endpoint): string {
  if (within.length === 0) return 'at a public address only; a private one must be in its addresses'
  return `at one of its addresses only: ${within.map(({ address, prefix }) => `${address}/${prefix}`).join(', ')}`
}
