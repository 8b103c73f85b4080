import { step, type StepOf } from '../../plan/step.js'

export const loopbackUp = step('network.loopback-up', 'init', {})
export type LoopbackUp = StepOf<typeof loopbackUp>

/** Listens on every endpoint in the gateway's net namespace, hands the sockets out, and moves on to a new namespace. */
export const openGateway = step('network.open-gateway', 'init', {
  endpoints: { list: { address: 'ipv4', port: 'u16' } },
})
export type OpenGateway = StepOf<typeof openGateway>

/** A veth pair: `device` in the sandbox, `peer` in the gateway; neither gets IPv6 addresses. */
export const addVeth = step('network.add-veth', 'init', { device: 'text', peer: 'text' })
export type AddVeth = StepOf<typeof addVeth>

export const addSandboxAddress = step('network.add-sandbox-address', 'init', { device: 'text', address: 'ipv4' })
export type AddSandboxAddress = StepOf<typeof addSandboxAddress>

export const addGatewayAddress = step('network.add-gateway-address', 'init', { device: 'text', address: 'ipv4' })
export type AddGatewayAddress = StepOf<typeof addGatewayAddress>

/** One host route (/32) on the link: from the sandbox to an endpoint. */
export const addRoute = step('network.add-route', 'init', { device: 'text', destination: 'ipv4', source: 'ipv4' })
export type AddRoute = StepOf<typeof addRoute>

/** The gateway's way back to the sandbox. */
export const addReturnRoute = step('network.add-return-route', 'init', { device: 'text', destination: 'ipv4' })
export type AddReturnRoute = StepOf<typeof addReturnRoute>

/**
 * Serves the listening sockets of `open-gateway`, in the same order, from the host's net namespace. It serves only
 * after it has confined itself: as `uid`:`gid` if started by root, by Landlock (no files, no ports but the dialled
 * ones; handled bits as in `landlock.restrict-self`), and by its own seccomp program `filter`.
 */
export const relay = step('network.relay', 'relay', {
  endpoints: { list: { dial: { list: { address: 'ipv4', port: 'u16' } } } },
  connectionsMax: 'u32',
  dialTimeoutMs: 'u32',
  uid: 'u32',
  gid: 'u32',
  handledFs: 'u64',
  handledNet: 'u64',
  scoped: 'u64',
  ports: { list: { port: 'u16', access: 'u64' } },
  filter: 'bytes',
})
export type Relay = StepOf<typeof relay>
