import { whyRefused } from '../layers/network/addresses.js'
import { protocolNumber, resolverListener } from '../layers/network/steps.js'
import { namespaceFlag } from '../layers/namespaces/namespaces.js'
import type { Plan } from '../plan/codec.js'
import { parseHost } from '../policy/host-name.js'
import { familyOf, writeAddress } from '../policy/ip-address.js'
import type { CompiledPlan } from './compile.js'
import { answerOf, depends, lets, refuses, type Answer, type Verdict } from './explain-answer.js'
import { askFilters, constant, nativeArch } from './explain-filter.js'
import { askPort } from './explain-landlock.js'
import { dialled } from './explain-relay.js'

/** One way to reach somebody. */
export interface Target {
  /** A name or a literal address. */
  readonly host: string
  readonly port: number
  readonly protocol: 'tcp' | 'udp'
}

/** Whether the program may reach `target`, and what it finds in errno if not. */
export function explainConnect(plan: CompiledPlan, target: Target): Answer {
  const { host } = target
  const addresses = familyOf(host) === null ? addressesInside(plan, host) : [host]
  const [address] = addresses
  const change = isLoopback(address ?? host) ? loopbackUp : changeFor(target)
  const family = familyOf(address ?? host) === 6 ? 'AF_INET6' : 'AF_INET'
  const port = askPort(plan, target, change)
  const asked = [...callVerdicts(plan, family, target.protocol, change), ...(port === null ? [] : [port])]
  // With an address alone the program would come no further than these.
  if (address === undefined) return answerOf([noName(plan, host, change), ...asked])
  const inside = `${host} is ${addresses.join(' and ')} inside`
  const named = address === host ? [] : [lets('filesystem', inside, 'network.egress')]
  return answerOf([...named, ...asked, routeVerdict(plan, address, target, change)])
}

/** A resolver that refuses is to libc one that fails for now. */
function noName(plan: CompiledPlan, host: string, change: string | null): Verdict {
  const [errno, then] = hasResolver(plan)
    ? (['EAI_AGAIN', 'the resolver inside refuses it'] as const)
    : (['EAI_NONAME', 'there is no resolver'] as const)
  return refuses('network', errno, `${host} is not in the pinned /etc/hosts, and ${then}`, 'network.egress', change)
}

/** By the /etc/hosts that the plan makes (hosts(5)), or by the resolver inside; none: it does not exist. */
function addressesInside(plan: Pick<Plan, 'steps'>, host: string): readonly string[] {
  const known = hostsOf(plan, host)
  if (known.length > 0) return known
  const names = plan.steps.flatMap((step) => (step.op === 'network.relay' ? step.names : []))
  const answered = names.find(({ name }) => name === host || (name.startsWith('*.') && isBelow(host, name.slice(1))))
  return answered?.addresses ?? []
}

function hasResolver({ steps }: Pick<Plan, 'steps'>): boolean {
  return steps.some((step) => step.op === 'network.relay' && step.names.length > 0)
}

/** `suffix` begins with its dot; one label more, as certificates have it (RFC 6125 6.4.3). */
function isBelow(host: string, suffix: string): boolean {
  return host.endsWith(suffix) && parseHost(host).kind === 'name' && !host.slice(0, -suffix.length).includes('.')
}

function hostsOf({ steps }: Pick<Plan, 'steps'>, host: string): readonly string[] {
  const content = steps.flatMap((step) =>
    (step.op === 'filesystem.pin-file' || step.op === 'filesystem.make-file') && step.target === '/etc/hosts'
      ? [new TextDecoder().decode(step.content)]
      : [],
  )
  const lines = content.flatMap((text) => text.split('\n')).map((line) => line.split(/\s+/))
  return lines.flatMap(([address = '', ...names]) => (names.includes(host) ? [address] : []))
}

function callVerdicts(
  plan: CompiledPlan,
  family: 'AF_INET' | 'AF_INET6',
  protocol: Target['protocol'],
  change: string | null,
): readonly Verdict[] {
  const arch = nativeArch(plan)
  const kind = protocol === 'tcp' ? (['SOCK_STREAM', 'IPPROTO_TCP'] as const) : (['SOCK_DGRAM', 'IPPROTO_UDP'] as const)
  const socket = [constant(family, arch), ...kind.map((name) => constant(name, arch))]
  return [
    ...askFilters(plan, { name: 'socket', arch, args: socket }, change),
    ...askFilters(plan, { name: 'connect', arch, args: [] }, change),
  ]
}

function routeVerdict(plan: CompiledPlan, address: string, target: Target, change: string | null): Verdict {
  const { steps } = plan
  const { port } = target
  if (!steps.some((step) => step.op === 'namespaces.clone' && (step.flags & namespaceFlag.net) !== 0n)) {
    return depends('network', "the program has the host's network")
  }
  const forwarded = steps.find((step) => step.op === 'network.add-forwarded-route' && step.destination === address)
  if (forwarded !== undefined) return forwardedVerdict(plan, address, target, change)
  const route = steps.find((step) => step.op === 'network.add-route' && step.destination === address)
  if (route !== undefined) {
    const taken = takenBy(plan, address, target)
    if (taken !== null) return taken
    const text = `${address} answers, but not on port ${port} by ${target.protocol.toUpperCase()}`
    return refuses('network', 'ECONNREFUSED', text, 'network.egress', change)
  }
  const hasLoopback = steps.some((step) => step.op === 'network.loopback-up')
  const isOwn = steps.some((step) => step.op === 'network.add-sandbox-address' && step.address === address)
  if (hasLoopback && (isLoopback(address) || isOwn)) {
    return depends(
      'network',
      `${address} is the sandbox's own: it answers if the program itself listens on port ${port}`,
    )
  }
  if (isLoopback(address)) {
    const text = "the sandbox's loopback interface is down"
    return refuses('network', 'ENETUNREACH', text, 'network.loopback', change)
  }
  if (isOwn) return depends('network', `${address} is the sandbox's own address, and its loopback interface is down`)
  const refused = whyRefused(address)
  const text = refused === null ? `no route to ${address}` : `no route to ${address}, ${refused}`
  return refuses('network', 'ENETUNREACH', text, 'network.egress', change)
}

/** What the nftables rules on the host say to that port of an address that has a route. */
function forwardedVerdict(
  { steps }: CompiledPlan,
  address: string,
  { port, protocol }: Target,
  change: string | null,
): Verdict {
  const open = steps.find((step) => step.op === 'network.open-route')
  const passes = open?.passes.find(
    (one) => one.address === address && one.port === port && one.protocol === protocolNumber[protocol],
  )
  const to = `${writeAddress(address, port)} by ${protocol.toUpperCase()}`
  if (passes !== undefined) return lets('network', `the host forwards to ${to} (network.via: route)`, passes.key)
  const text = `the nftables rules on the host reject ${to}`
  return refuses('network', 'ECONNREFUSED', text, 'network.egress', change)
}

/** Who answers at that address and port inside, and where it leads; null: nobody. */
function takenBy({ steps }: CompiledPlan, address: string, { host, port, protocol }: Target): Verdict | null {
  const gateway = steps.find((step) => step.op === 'network.open-gateway')
  const relay = steps.find((step) => step.op === 'network.relay')
  const index = gateway?.sockets.findIndex(
    (socket) => socket.address === address && socket.port === port && socket.protocol === protocolNumber[protocol],
  )
  const endpoint = index === undefined || index < 0 ? undefined : relay?.listeners[index]?.endpoint
  if (endpoint === undefined) return null
  if (endpoint === resolverListener) {
    return lets('network', 'the resolver inside answers for the names of network.egress', 'network.dns')
  }
  const to = relay?.endpoints[endpoint]
  return to === undefined ? null : lets('network', `the relay takes it ${dialled(to, host)}`, to.key)
}

const loopbackUp = 'set network.loopback: true'

function isLoopback(address: string): boolean {
  return address.startsWith('127.') || address === '::1'
}

/** Endpoints are names and addresses of other hosts. */
function changeFor({ host, port, protocol }: Target): string | null {
  if (familyOf(host) !== null && whyRefused(host) !== null) return null
  const udp = protocol === 'udp' ? ', protocol: udp' : ''
  return `add { host: ${host.includes(':') ? JSON.stringify(host) : host}, port: ${port}${udp} } to network.egress`
}
