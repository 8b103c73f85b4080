import type { ResolvedNetwork } from '../../policy/resolved.js'
import type {
  AddGatewayAddress,
  AddReturnRoute,
  AddRoute,
  AddSandboxAddress,
  AddVeth,
  LoopbackUp,
  OpenGateway,
  Relay,
} from './steps.js'

export type NetworkStep =
  | AddGatewayAddress
  | AddReturnRoute
  | AddRoute
  | AddSandboxAddress
  | AddVeth
  | LoopbackUp
  | OpenGateway
  | Relay

/** The sandbox's own address; names count up from the other end of the same range. */
export const sandboxAddress = '198.18.255.254'
const device = 'eth0'
const peer = 'gateway'
/** More at a time wait in the listen queue, so a program cannot exhaust the relay's descriptors. */
const connectionsMax = 128
/** Linux gives up a SYN after about two minutes; a program has lost interest long before. */
const dialTimeoutMs = 10_000

/**
 * What the relay may do once it serves: move bytes between sockets that it accepts and sockets that it dials. No path
 * is opened, no process started, no memory mapped.
 */
export const relaySyscalls = [
  // From the listeners to the endpoint.
  'accept4',
  'close',
  'connect',
  'getsockopt',
  'pipe2',
  'setsockopt',
  'shutdown',
  'socket',
  'splice',
  // Its loop.
  'clock_gettime',
  'ppoll',
  // Tells the supervisor once that it is ready.
  'sendmsg',
  // Being stopped and continued, and ending.
  'exit',
  'exit_group',
  'restart_syscall',
  'rt_sigreturn',
] as const

/** What libc calls instead where time_t has outgrown the word. */
export const relaySyscallsOf32Bit = ['clock_gettime64', 'ppoll_time64', 'sigreturn'] as const

/** How the relay confines itself before it serves: Landlock as in `landlock.restrict-self`, and its own filter. */
export type RelayConfinement = Pick<Relay, 'uid' | 'gid' | 'handledFs' | 'handledNet' | 'scoped' | 'ports' | 'filter'>

/**
 * One host route an address and nothing else: whatever is no endpoint has no path out, so nothing has to be dropped.
 * Without endpoints the net namespace stays as the kernel makes it, with nothing but a loopback device that is down.
 */
export function lower(
  { endpoints, loopback }: ResolvedNetwork,
  confine: () => RelayConfinement,
): readonly NetworkStep[] {
  const up: readonly NetworkStep[] =
    loopback === 'up' ? [{ op: 'network.loopback-up', origin: 'network.loopback' }] : []
  const [first] = endpoints
  if (first === undefined) return up
  // Two ports of one host share its address and its route.
  const hosts = endpoints.filter(({ inside }, index) => {
    return endpoints.findIndex((endpoint) => endpoint.inside === inside) === index
  })
  const origin = 'network.egress'
  return [
    {
      op: 'network.relay',
      origin,
      endpoints: endpoints.map(({ dial }) => ({ dial })),
      connectionsMax,
      dialTimeoutMs,
      ...confine(),
    },
    {
      op: 'network.open-gateway',
      origin,
      endpoints: endpoints.map(({ inside, port }) => ({ address: inside, port })),
    },
    ...up,
    { op: 'network.add-veth', origin, device, peer },
    { op: 'network.add-sandbox-address', origin, device, address: sandboxAddress },
    ...hosts.flatMap(({ key, inside }): readonly NetworkStep[] => [
      { op: 'network.add-gateway-address', origin: key, device: peer, address: inside },
      { op: 'network.add-route', origin: key, device, destination: inside, source: sandboxAddress },
    ]),
    { op: 'network.add-return-route', origin, device: peer, destination: sandboxAddress },
  ]
}
