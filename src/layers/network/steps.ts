import { step, type StepOf } from '../../plan/step.js'

/** IPPROTO_* of the sockets that the steps below name. */
export const protocolNumber = { tcp: 6, udp: 17 } as const

export const loopbackUp = step('network.loopback-up', 'sandboxee', {})
export type LoopbackUp = StepOf<typeof loopbackUp>

/** Makes the gateway's net namespace, listens there, and hands the sockets out in this order. */
export const openGateway = step('network.open-gateway', 'init', {
  sockets: { list: { address: 'ip', port: 'u16', protocol: 'u8' } },
})
export type OpenGateway = StepOf<typeof openGateway>

/** A veth pair: `device` in the sandbox, `peer` in the gateway; neither gets IPv6 addresses by itself. */
export const addVeth = step('network.add-veth', 'sandboxee', { device: 'text', peer: 'text' })
export type AddVeth = StepOf<typeof addVeth>

export const addSandboxAddress = step('network.add-sandbox-address', 'sandboxee', { device: 'text', address: 'ip' })
export type AddSandboxAddress = StepOf<typeof addSandboxAddress>

export const addGatewayAddress = step('network.add-gateway-address', 'sandboxee', { device: 'text', address: 'ip' })
export type AddGatewayAddress = StepOf<typeof addGatewayAddress>

/** One host route (/32 or /128) on the link: from the sandbox to an endpoint. */
export const addRoute = step('network.add-route', 'sandboxee', { device: 'text', destination: 'ip', source: 'ip' })
export type AddRoute = StepOf<typeof addRoute>

/** The gateway's way back to the sandbox. */
export const addReturnRoute = step('network.add-return-route', 'sandboxee', { device: 'text', destination: 'ip' })
export type AddReturnRoute = StepOf<typeof addReturnRoute>

/**
 * Loads `rules` into the host's nftables by a child, `nft`, that owns the table: the kernel removes it when the child
 * ends. Then, with init made and before it goes on, a veth pair: `link` here, without addresses, and `device` with
 * init. `settings` are files below /proc/sys that become 1. Each of `sources` is the first of 65536 addresses, of which
 * the pair takes the one that its number says. In all texts `%` stands for ten characters that no other run has.
 */
export const openRoute = step('network.open-route', 'supervisor', {
  nft: 'path',
  /** What the rules let through, for whoever reads the plan. */
  passes: { list: { key: 'text', address: 'ip', port: 'u16', protocol: 'u8' } },
  rules: 'text',
  /** Asks for the table; what is answered begins with `standing`. */
  check: 'text',
  standing: 'text',
  link: 'text',
  device: 'text',
  settings: { list: 'text' },
  sources: { list: 'ip' },
})
export type OpenRoute = StepOf<typeof openRoute>

/** The sandbox's end of that pair: gets its address of `sources`, and comes up. */
export const takeRoute = step('network.take-route', 'sandboxee', { device: 'text', sources: { list: 'ip' } })
export type TakeRoute = StepOf<typeof takeRoute>

/** One host route from the sandbox to an address that the host forwards to. */
export const addForwardedRoute = step('network.add-forwarded-route', 'sandboxee', { device: 'text', destination: 'ip' })
export type AddForwardedRoute = StepOf<typeof addForwardedRoute>

/** How a relay confines itself before it serves: as `uid`:`gid` if started by root, by Landlock (handled bits as in `landlock.restrict-self`), and by its own seccomp program. */
const confinement = {
  uid: 'u32',
  gid: 'u32',
  handledFs: 'u64',
  handledNet: 'u64',
  scoped: 'u64',
  ports: { list: { port: 'u16', access: 'u64' } },
  filter: 'bytes',
} as const

/** What of a ClientHello is demanded: 0 nothing, 1 the endpoint's name, 2 likewise with ECH allowed. */
export const tlsDemand = { any: 0, required: 1, 'required, ECH allowed': 2 } as const

/**
 * Serves the sockets of `open-gateway`, in the same order, from the host's net namespace. `endpoint` of a listener is
 * the index of its endpoint, or `resolverListener`. `host` of an endpoint is '' for a literal, whose only address is
 * `dial`; a name is resolved by `resolver`, a program that the relay's resolver process starts.
 */
export const relay = step('network.relay', 'relay', {
  endpoints: {
    list: {
      key: 'text',
      host: 'text',
      port: 'u16',
      protocol: 'u8',
      tls: 'u8',
      dial: { list: 'ip' },
      within: { list: { address: 'ip', prefix: 'u8' } },
    },
  },
  listeners: { list: { endpoint: 'u32', protocol: 'u8' } },
  /** What the resolver inside answers. */
  names: { list: { name: 'text', addresses: { list: 'ip' } } },
  /** Where names must not lead, and where they may not even if `within` says so. */
  refused: { list: { address: 'ip', prefix: 'u8' } },
  unreachable: { list: { address: 'ip', prefix: 'u8' } },
  resolver: 'path',
  resolverHandledFs: 'u64',
  connectionsMax: 'u32',
  flowsMax: 'u32',
  helloTimeoutMs: 'u32',
  dialTimeoutMs: 'u32',
  answerTimeoutMs: 'u32',
  idleTimeoutMs: 'u32',
  flowIdleMs: 'u32',
  lookupFreshMs: 'u32',
  ...confinement,
})
export type Relay = StepOf<typeof relay>

/** `endpoint` of a listener that the resolver inside answers on. */
export const resolverListener = 0xffff_ffff

/**
 * Listens on the host for each published port, or takes the passed `descriptor` (0: there is none), and relays to the program's loopback address, from inside the sandbox's
 * net namespace.
 */
export const publish = step('network.publish', 'relay', {
  published: {
    list: { key: 'text', address: 'ip', publish: 'u16', descriptor: 'u32', dial: { list: 'ip' }, port: 'u16' },
  },
  connectionsMax: 'u32',
  dialTimeoutMs: 'u32',
  answerTimeoutMs: 'u32',
  idleTimeoutMs: 'u32',
  ...confinement,
})
export type Publish = StepOf<typeof publish>
