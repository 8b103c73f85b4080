/** Net namespaces for the network part of the bench. They are named in /run, which must be one of our own. */
import { must, searchPath, start, type Running } from '../world/process.js'
import { onProcessor } from './network-processes.js'

/** The same for every candidate: on the loopback device of the server's namespace. */
export const serverAddress = '10.9.9.9'
export const serverPort = 7000
const server = 'server'

/** The tools without which nothing can be measured, and the package that has each. */
export const needed = { cc: 'g++', ip: 'iproute2', nsenter: 'util-linux', unshare: 'util-linux' } as const

/** Makes the namespace of the server and starts it. */
export async function makeServer(load: string): Promise<Running> {
  await makeNamespace(server)
  await must(['ip', '-n', server, 'address', 'add', `${serverAddress}/32`, 'dev', 'lo'])
  const running = start(onProcessor(1, inside(server, [load, 'server', `${serverPort}`])), {
    env: { PATH: searchPath },
    timeoutMs: 3_600_000,
  })
  await running.firstLine
  return running
}

let hosts = 0
const made: string[] = []

/** A namespace of a host: it reaches the server by a veth pair, and nothing else. Each candidate has its own. */
export async function makeHost(name: string): Promise<string> {
  const net = `10.8.${(hosts += 1)}`
  await makeNamespace(name)
  await must(['ip', '-n', name, 'link', 'add', 'eth0', 'type', 'veth', 'peer', 'name', `host${hosts}`, 'netns', server])
  await must(['ip', '-n', server, 'address', 'add', `${net}.1/30`, 'dev', `host${hosts}`])
  await must(['ip', '-n', server, 'link', 'set', `host${hosts}`, 'up'])
  await must(['ip', '-n', name, 'address', 'add', `${net}.2/30`, 'dev', 'eth0'])
  await must(['ip', '-n', name, 'link', 'set', 'eth0', 'up'])
  await must(['ip', '-n', name, 'route', 'add', 'default', 'via', `${net}.1`])
  return name
}

/** A namespace with nothing but a loopback device. */
export async function makeNamespace(name: string): Promise<string> {
  await must(['ip', 'netns', 'add', name])
  await must(['ip', '-n', name, 'link', 'set', 'lo', 'up'])
  if (congestionControl !== null) await must(writeCongestionControl(name, congestionControl))
  made.push(name)
  return name
}

let congestionControl: string | null = null

/**
 * From now on connections that begin in a namespace made here, before or later, use it (tcp(7)). Inside a sandbox they
 * use what the machine uses outside of all namespaces.
 */
export async function useCongestionControl(algorithm: string): Promise<void> {
  congestionControl = algorithm
  for (const name of made) await must(writeCongestionControl(name, algorithm))
}

function writeCongestionControl(namespace: string, algorithm: string): readonly string[] {
  return inside(namespace, ['sh', '-c', 'echo "$0" >/proc/sys/net/ipv4/tcp_congestion_control', algorithm])
}

/** The command line that runs another one in a namespace. */
export function inside(namespace: string, argv: readonly string[]): readonly string[] {
  return ['nsenter', `--net=/run/netns/${namespace}`, '--', ...argv]
}
