import { whyRefused } from '../layers/network/addresses.js'
import { namespaceFlag } from '../layers/namespaces/namespaces.js'
import type { Plan } from '../plan/codec.js'
import type { CompiledPlan } from './compile.js'
import { answerOf, depends, lets, refuses, type Answer, type Verdict } from './explain-answer.js'
import { askFilters, constant, nativeArch } from './explain-filter.js'
import { askPort } from './explain-landlock.js'
import { parseHost } from '../policy/host-name.js'

/** Whether the program may connect to `host` (a name or a literal address) by TCP, and what it finds in errno if not. */
export function explainConnect(plan: CompiledPlan, host: string, port: number): Answer {
  const change = changeFor(host, port)
  const address = isIPv4(host) || isIPv6(host) ? host : (hostsOf(plan).get(host) ?? null)
  if (address === null) {
    const text = `${host} is not in the pinned /etc/hosts, and there is no resolver`
    return answerOf([refuses('network', 'EAI_NONAME', text, 'network.egress', change)])
  }
  const named = address === host ? [] : [lets('filesystem', `/etc/hosts says ${host} is ${address}`, 'network.egress')]
  return answerOf([
    ...named,
    ...callVerdicts(plan, isIPv6(address) ? 'AF_INET6' : 'AF_INET'),
    ...[askPort(plan, port, change)].filter((verdict) => verdict !== null),
    routeVerdict(plan, address, port, change),
  ])
}

/** Names and addresses of the /etc/hosts that the plan makes (hosts(5)). */
function hostsOf({ steps }: Pick<Plan, 'steps'>): ReadonlyMap<string, string> {
  const content = steps.flatMap((step) =>
    (step.op === 'filesystem.pin-file' || step.op === 'filesystem.make-file') && step.target === '/etc/hosts'
      ? [new TextDecoder().decode(step.content)]
      : [],
  )
  const lines = content.flatMap((text) => text.split('\n')).map((line) => line.split(/\s+/))
  return new Map(lines.flatMap(([address = '', ...names]) => names.map((name): [string, string] => [name, address])))
}

function callVerdicts(plan: CompiledPlan, family: 'AF_INET' | 'AF_INET6'): readonly Verdict[] {
  const arch = nativeArch(plan)
  const socket = [constant(family, arch), constant('SOCK_STREAM', arch), constant('IPPROTO_TCP', arch)]
  return [
    askFilters(plan, { name: 'socket', arch, args: socket }),
    askFilters(plan, { name: 'connect', arch, args: [] }),
  ].filter((verdict) => verdict !== null)
}

function routeVerdict(plan: CompiledPlan, address: string, port: number, change: string | null): Verdict {
  const { steps } = plan
  if (!steps.some((step) => step.op === 'namespaces.clone' && (step.flags & namespaceFlag.net) !== 0n)) {
    return depends('network', "the program has the host's network")
  }
  const gateway = steps.find((step) => step.op === 'network.open-gateway')
  const listens =
    gateway?.endpoints.findIndex((endpoint) => endpoint.address === address && endpoint.port === port) ?? -1
  const route = steps.find((step) => step.op === 'network.add-route' && step.destination === address)
  const hasLoopback = steps.some((step) => step.op === 'network.loopback-up')
  const isOwn = steps.some((step) => step.op === 'network.add-sandbox-address' && step.address === address)
  if (route !== undefined && listens >= 0) {
    const relay = steps.find((step) => step.op === 'network.relay')
    const dial = relay?.endpoints[listens]?.dial.map((to) => `${to.address}:${to.port}`) ?? []
    return lets('network', `the relay takes it and dials ${dial.join(', then ')}`, route.origin)
  }
  if (route !== undefined) {
    return refuses(
      'network',
      'ECONNREFUSED',
      `${address} is an endpoint, but not on port ${port}`,
      route.origin,
      change,
    )
  }
  if (hasLoopback && (isLoopback(address) || isOwn)) {
    return depends(
      'network',
      `${address} is the sandbox's own: it answers if the program itself listens on port ${port}`,
    )
  }
  if (isLoopback(address)) {
    const up = 'set network.loopback: true'
    return refuses('network', 'ENETUNREACH', "the sandbox's loopback interface is down", 'network.loopback', up)
  }
  if (isOwn) return depends('network', `${address} is the sandbox's own address, and its loopback interface is down`)
  const refused = isIPv4(address) ? whyRefused(address) : 'which is no IPv4 address'
  const text = refused === null ? `no route to ${address}` : `no route to ${address}, ${refused}`
  return refuses('network', 'ENETUNREACH', text, 'network.egress', change)
}

function isLoopback(address: string): boolean {
  return address.startsWith('127.') || address === '::1'
}

/** Endpoints are names and IPv4 addresses of other hosts. */
function changeFor(host: string, port: number): string | null {
  if (isIPv6(host) || (isIPv4(host) && whyRefused(host) !== null) || host === 'localhost') return null
  return `add { host: ${host}, port: ${port} } to network.egress`
}

function isIPv4(host: string): boolean {
  return parseHost(host).kind === 'ipv4'
}

function isIPv6(host: string): boolean {
  return host.includes(':')
}
