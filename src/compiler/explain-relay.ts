/** What the relay does with an endpoint, in words. */
import type { PolicyKey } from '../core/policy-key.js'
import { protocolNumber, tlsDemand, type Relay } from '../layers/network/steps.js'
import type { Plan } from '../plan/codec.js'
import { familyOf, writeAddress } from '../policy/ip-address.js'

type Endpoint = Relay['endpoints'][number]
type RelayKey = 'tls' | 'ech' | 'addresses'

/** Whether `key` is one of an endpoint that nobody but the relay enforces. */
export function isRelayKey(key: PolicyKey): boolean {
  return relayKeyOf(key) !== null
}

/** What the relay does with each endpoint because of such a key; nothing for any other key. */
export function explainRelay({ steps }: Pick<Plan, 'steps'>, key: PolicyKey): readonly string[] {
  const asked = relayKeyOf(key)
  if (asked === null) return []
  const endpoints = steps.flatMap((step) => (step.op === 'network.relay' ? step.endpoints : []))
  const own = endpoints.filter((endpoint) => asked.entry === 'network.egress' || asked.entry === endpoint.key)
  return own.map((endpoint) => {
    return `relay      network.relay ${nameOf(endpoint)}: ${doneWith(endpoint, asked.field)} (${endpoint.key})`
  })
}

function relayKeyOf(key: PolicyKey): { readonly entry: PolicyKey; readonly field: RelayKey } | null {
  const [, entry, word] = /^(network\.egress(?:\[\d+\])?)\.([a-z]+)/.exec(key) ?? []
  const field = (['tls', 'ech', 'addresses'] as const).find((known) => known === word)
  return entry === undefined || field === undefined ? null : { entry, field }
}

function nameOf(endpoint: Endpoint): string {
  return `${targetOf(endpoint, endpoint.host)}${endpoint.protocol === protocolNumber.udp ? ' by UDP' : ''}`
}

function doneWith(endpoint: Endpoint, field: RelayKey): string {
  const { tls, host } = endpoint
  switch (field) {
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
