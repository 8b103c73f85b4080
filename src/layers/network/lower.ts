import { parseHost } from '../../policy/host-name.js'
import type { Arch, HostFacts } from '../../host/facts.js'
import type { ResolvedNetwork } from '../../policy/resolved.js'
import { lowerRoute } from './lower-route.js'
import { refusedToNames, sameFamily, sandboxAddresses, unreachable } from './addresses.js'
import {
  protocolNumber,
  resolverListener,
  tlsDemand,
  type AddGatewayAddress,
  type AddReturnRoute,
  type AddRoute,
  type AddSandboxAddress,
  type AddVeth,
  type LoopbackUp,
  type OpenGateway,
  type Publish,
  type AddForwardedRoute,
  type OpenRoute,
  type Relay,
  type TakeRoute,
} from './steps.js'

export type NetworkStep =
  | AddForwardedRoute
  | OpenRoute
  | TakeRoute
  | AddGatewayAddress
  | AddReturnRoute
  | AddRoute
  | AddSandboxAddress
  | AddVeth
  | LoopbackUp
  | OpenGateway
  | Publish
  | Relay

const device = 'eth0'
const loopbackDevice = 'lo'
const peer = 'gateway'
const resolverPort = 53
/** A browser opens a few dozen; every one is a descriptor. */
const flowsMax = 256
/** A ClientHello is the first thing that a program sends. */
const helloTimeoutMs = 10_000
/** Linux gives up a SYN after about two minutes; a program has lost interest long before. A name has as long. */
const dialTimeoutMs = 10_000
/** For how long an endpoint may leave unanswered what was sent to it, or the question whether it is still there. */
const answerTimeoutMs = 20_000
/** RFC 4787 4.3 asks for two minutes at least for NATs, whose programs do not know of them. */
const flowIdleMs = 120_000
/** For how long a name is not asked for again: an address that changes is followed after this time. */
const lookupFreshMs = 5_000

/**
 * What a relay may do once it serves: move bytes between sockets that it accepts and sockets that it dials. No path is
 * opened, no process started, no memory mapped.
 */
export function relaySyscalls(arch: Arch): readonly string[] {
  return [...relaySyscallsOfAll, ...relaySyscallsOf[arch]]
}

const relaySyscallsOfAll = [
  // From the listeners to the endpoint.
  'accept4',
  'close',
  'connect',
  'fcntl',
  'getsockname',
  'getsockopt',
  'pipe2',
  'recvfrom',
  'sendto',
  'setsockopt',
  'shutdown',
  'socket',
  'splice',
  'write',
  // Its loop.
  'clock_gettime',
  'epoll_ctl',
  'epoll_pwait',
  // Tells the supervisor once that it is ready; asks the resolver process for names.
  'recvmsg',
  'sendmsg',
  // Being stopped and continued, and ending.
  'exit',
  'exit_group',
  'restart_syscall',
  'rt_sigreturn',
] as const

/** Where a word has 32 bits: the time of the vDSO that does not know it, and the way back from a stop. */
const relaySyscallsOf: Readonly<Record<Arch, readonly string[]>> = {
  x86_64: [],
  i386: ['clock_gettime64', 'sigreturn'],
  aarch64: [],
  arm: ['clock_gettime64', 'sigreturn'],
  riscv64: [],
}

/** How a relay confines itself before it serves: Landlock as in `landlock.restrict-self`, and its own filter. */
export type RelayConfinement = Pick<Relay, 'uid' | 'gid' | 'handledFs' | 'handledNet' | 'scoped' | 'ports' | 'filter'>

/** What the host and the other layers say of the relays. */
export interface RelaySetting {
  readonly resolver: string
  readonly resolverHandledFs: bigint
  readonly outward: RelayConfinement
  readonly inward: RelayConfinement
}

/**
 * One host route an address and nothing else: whatever is no endpoint has no path out, so nothing has to be dropped.
 * Without endpoints the net namespace stays as the kernel makes it, with nothing but a loopback device that is down.
 */
export function lower(
  network: ResolvedNetwork,
  host: HostFacts,
  settingOf: () => RelaySetting,
): readonly NetworkStep[] {
  const { via, endpoints, published, loopback } = network
  const up: readonly NetworkStep[] =
    loopback === 'down'
      ? []
      : [{ op: 'network.loopback-up', origin: loopback === 'up' ? 'network.loopback' : 'network.listen' }]
  const own = publishedAddresses(network)
  if (endpoints.length === 0 && published.length === 0) return up
  const setting = settingOf()
  const inward = published.length === 0 ? [] : [publish(network, setting)]
  if (via === 'route') return [...inward, ...up, ...own, ...(endpoints.length === 0 ? [] : lowerRoute(network, host))]
  return [
    ...inward,
    ...(endpoints.length === 0 ? [] : [relay(network, setting), openGateway(network)]),
    ...up,
    ...own,
    ...(endpoints.length === 0 ? [] : link(network)),
  ]
}

/** The sockets of the gateway: each endpoint's, then the resolver's. */
function socketsOf({ endpoints, resolvers }: ResolvedNetwork) {
  return [
    ...endpoints.flatMap(({ inside, port, protocol }, endpoint) =>
      inside.map((address) => ({ endpoint, address, port, protocol: protocolNumber[protocol] })),
    ),
    ...resolvers.map((address) => ({
      endpoint: resolverListener,
      address,
      port: resolverPort,
      protocol: protocolNumber.udp,
    })),
  ]
}

function relay(network: ResolvedNetwork, { resolver, resolverHandledFs, outward }: RelaySetting): Relay {
  const { endpoints, resolvers, connectionsMax, idleMs } = network
  return {
    op: 'network.relay',
    origin: 'network.egress',
    endpoints: endpoints.map(({ key, host, port, protocol, tls, dial, within }) => ({
      key,
      host: dial.length > 0 ? '' : host,
      port,
      protocol: protocolNumber[protocol],
      tls: tlsDemand[tls],
      dial,
      within,
    })),
    listeners: socketsOf(network).map(({ endpoint, protocol }) => ({ endpoint, protocol })),
    names: resolvers.length === 0 ? [] : namesOf(network),
    refused: refusedToNames,
    unreachable,
    resolver,
    resolverHandledFs,
    connectionsMax,
    flowsMax,
    helloTimeoutMs,
    dialTimeoutMs,
    answerTimeoutMs,
    idleTimeoutMs: idleMs,
    flowIdleMs,
    lookupFreshMs,
    ...outward,
  }
}

/** Two ports of one name share its addresses. */
function namesOf({ endpoints }: ResolvedNetwork): Relay['names'] {
  const named = endpoints.filter(({ dial }) => dial.length === 0)
  return [...new Map(named.map(({ host, inside }) => [host, inside]))].map(([name, addresses]) => ({ name, addresses }))
}

function openGateway(network: ResolvedNetwork): OpenGateway {
  return {
    op: 'network.open-gateway',
    origin: 'network.egress',
    sockets: socketsOf(network).map(({ address, port, protocol }) => ({ address, port, protocol })),
  }
}

function publish({ published, connectionsMax, idleMs }: ResolvedNetwork, { inward }: RelaySetting): Publish {
  return {
    op: 'network.publish',
    origin: 'network.listen',
    published: published.map(({ key, port, publish: onHost, passed }) => ({
      key,
      address: '127.0.0.1',
      publish: onHost,
      descriptor: passed?.descriptor ?? 0,
      dial: passed === undefined ? ['127.0.0.1', '::1'] : [passed.inside],
      port,
    })),
    connectionsMax,
    dialTimeoutMs,
    answerTimeoutMs,
    idleTimeoutMs: idleMs,
    ...inward,
  }
}

/** Those of the host that a passed socket listens at: inside they are the loopback device's. */
function publishedAddresses({ published }: ResolvedNetwork): readonly NetworkStep[] {
  const addresses = published.flatMap(({ passed }) =>
    passed === undefined || isLoopback(passed.inside) ? [] : [passed.inside],
  )
  return [...new Set(addresses)].map((address) => {
    return { op: 'network.add-sandbox-address', origin: 'service.sockets', device: loopbackDevice, address }
  })
}

function isLoopback(address: string): boolean {
  return address === '::1' || address.startsWith('127.')
}

function link({ endpoints, resolvers }: ResolvedNetwork): readonly NetworkStep[] {
  const origin = 'network.egress'
  const remote = [
    ...endpoints.flatMap(({ key, inside }) => inside.map((address) => ({ key, address }))),
    ...resolvers.map((address) => ({ key: 'network.dns', address })),
  ]
  // Two ports of one host share its address and its route.
  const first = remote.filter(({ address }, index) => remote.findIndex((one) => one.address === address) === index)
  const own = sandboxAddresses.filter((address) => first.some((one) => isLike(one.address, address)))
  return [
    { op: 'network.add-veth', origin, device, peer },
    ...own.map((address): NetworkStep => ({ op: 'network.add-sandbox-address', origin, device, address })),
    ...first.flatMap(({ key, address }): readonly NetworkStep[] => [
      { op: 'network.add-gateway-address', origin: key, device: peer, address },
      { op: 'network.add-route', origin: key, device, destination: address, source: sameFamily(own, address) },
    ]),
    ...own.map((destination): NetworkStep => ({ op: 'network.add-return-route', origin, device: peer, destination })),
  ]
}

function isLike(left: string, right: string): boolean {
  return parseHost(left).kind === parseHost(right).kind
}
