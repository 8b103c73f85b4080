/** The ways from a client to the server that the network part of the bench compares. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as passes } from 'node:timers/promises'
import { launcherPath } from '../../src/launch/addon.js'
import type { LaunchOptions } from '../launch-plan.js'
import { must, run, searchPath, start, type Running } from '../world/process.js'
import { startLoad, type Load } from './network-load.js'
import { inside, makeHost, makeNamespace, serverAddress, serverPort } from './network-place.js'
import { floor, noise } from './network-table.js'
import { demand, NotRun } from './not-run.js'

export interface Candidate {
  readonly name: string
  /** Which way its bytes go. */
  readonly path: string
  readonly start: (tools: Tools) => Promise<Load>
}

export interface Tools {
  readonly directory: string
  /** The compiled network-load. */
  readonly load: string
  /** Programs that are to end with the bench. */
  readonly helpers: Running[]
}

export const relay = 'palisade'
export const route = 'palisade via: route'
export const byHand = 'route by hand'
export const peers = ['slirp4netns', 'pasta', 'socat'] as const

const veth = '-veth-'
const endpoint = `{ host: ${serverAddress}, port: ${serverPort} }`

/** Every one in a host's namespace of its own, all with the same kind of veth pair to the same server. */
export const candidates: readonly Candidate[] = [
  { name: floor, path: `client ${veth} server`, start: (tools) => direct('direct', tools) },
  { name: noise, path: `client ${veth} server`, start: (tools) => direct('direct2', tools) },
  {
    name: relay,
    path: `client ${veth} gateway: relay, which dials from the host ${veth} server`,
    start: (tools) => palisade('relay', endpoint, tools),
  },
  {
    name: 'slirp4netns',
    path: `client -tap- slirp4netns, which dials from the host ${veth} server`,
    start: slirp4netns,
  },
  { name: 'pasta', path: `client -tap- pasta, which dials from the host ${veth} server`, start: pasta },
  { name: 'socat', path: `client -loopback- socat -unix socket- socat on the host ${veth} server`, start: socat },
  { name: byHand, path: `client ${veth} host: forwarding, nft filter and masquerade ${veth} server`, start: forwarded },
  {
    name: route,
    path: `client ${veth} host: forwarding, nft rules ${veth} server`,
    start: routed,
  },
]

/** Only root can have packets forwarded for a sandbox. */
async function routed(tools: Tools): Promise<Load> {
  if (process.getuid?.() !== 0) throw new NotRun('only root can set it up')
  await demand('nft')
  return palisade('route', endpoint, tools, 'route')
}

async function direct(name: string, { load }: Tools): Promise<Load> {
  return clientIn(await makeHost(name), load)
}

function clientIn(namespace: string, load: string): Load {
  return startLoad(inside(namespace, [load, ...clientArguments]))
}

const clientArguments = ['client', serverAddress, `${serverPort}`]

/** A sandbox, started in a host's namespace, in which the client is the program. `egress` is the policy's one entry. */
export async function palisade(
  name: string,
  egress: string,
  { directory, load }: Tools,
  via: 'relay' | 'route' = 'relay',
): Promise<Load> {
  const [policy, plan] = ['yaml', 'plan'].map((suffix) => join(directory, `${name}.${suffix}`))
  if (policy === undefined || plan === undefined) throw new Error('two files')
  await writeFile(policy, policyOf(load, egress, via))
  const options: LaunchOptions = { policy, to: plan }
  const compiler = [process.execPath, join(import.meta.dirname, '../launch-plan.js'), JSON.stringify(options)]
  const host = await makeHost(name)
  // What `via: route` asks of its host, as the way by hand does.
  if (via === 'route') await must(inside(host, ['sh', '-c', 'echo 1 >/proc/sys/net/ipv4/conf/eth0/forwarding']))
  const compiled = await run(inside(host, [...compiler, load, ...clientArguments]), { env: { PATH: searchPath } })
  if (compiled.code !== 0) throw new Error(compiled.stderr.trim())
  return startLoad(inside(host, [launcherPath(), '--plan-descriptor', '3']), plan)
}

function policyOf(load: string, egress: string, via: string): string {
  return `version: 1
name: bench
filesystem: { read: [${load}] }
network: { via: ${via}, egress: [${egress}] }
syscalls: { promises: [stdio, rpath, inet_client, threads] }
limits: { files: 4096 }
`
}

/** Gives the client's namespace a tap device with a default route. */
async function slirp4netns({ load, helpers }: Tools): Promise<Load> {
  await demand('slirp4netns')
  const [host, client] = [await makeHost('slirp'), await makeNamespace('slirp-client')]
  // 65520 is what its users set: rootless Podman and Docker.
  const flags = ['--configure', '--mtu=65520', '--disable-host-loopback', '--netns-type=path']
  const helper = help(helpers, inside(host, ['slirp4netns', ...flags, `/run/netns/${client}`, 'tap0']))
  return connected(clientIn(client, load), helper)
}

async function pasta({ load, helpers }: Tools): Promise<Load> {
  await demand('pasta')
  const [host, client] = [await makeHost('pasta'), await makeNamespace('pasta-client')]
  const ports = ['none', 'none', 'none', 'none'].flatMap((none, index) => [['-t', '-u', '-T', '-U'][index] ?? '', none])
  // As root it would become nobody, who may not enter the namespace.
  const flags = ['--foreground', '--config-net', '--ipv4-only', '--mtu=65520', '--netns-only', '--runas=0:0', ...ports]
  const helper = help(helpers, inside(host, ['pasta', ...flags, '--netns', `/run/netns/${client}`]))
  return connected(clientIn(client, load), helper)
}

/** Two of them with a UNIX socket between them, as sandboxes without a device of their own do it. */
async function socat({ directory, load, helpers }: Tools): Promise<Load> {
  await demand('socat')
  const [host, client] = [await makeHost('socat'), await makeNamespace('socat-client')]
  const socket = join(directory, 'socat')
  await must(['ip', '-n', client, 'address', 'add', `${serverAddress}/32`, 'dev', 'lo'])
  const outer = [`UNIX-LISTEN:${socket},fork,backlog=128`, `TCP4:${serverAddress}:${serverPort},nodelay`]
  const inner = [`TCP4-LISTEN:${serverPort},fork,reuseaddr,nodelay,backlog=128`, `UNIX-CONNECT:${socket}`]
  // 128 KiB: what network-load itself sends and receives at once; its own default is 8 KiB.
  const [first, second] = [outer, inner].map((addresses) => ['socat', '-b', '131072', ...addresses])
  help(helpers, inside(host, first ?? []))
  return connected(clientIn(client, load), help(helpers, inside(client, second ?? [])))
}

/** What `via: route` does, set up with the usual tools: only the endpoint is forwarded. */
async function forwarded({ load }: Tools): Promise<Load> {
  await demand('nft')
  const [host, client] = [await makeHost('forward'), await makeNamespace('forward-client')]
  await must(['ip', '-n', host, 'link', 'add', 'client', 'type', 'veth', 'peer', 'name', 'eth0', 'netns', client])
  await must(['ip', '-n', host, 'address', 'add', '10.7.0.1/30', 'dev', 'client'])
  await must(['ip', '-n', host, 'link', 'set', 'client', 'up'])
  await must(['ip', '-n', client, 'address', 'add', '10.7.0.2/30', 'dev', 'eth0'])
  await must(['ip', '-n', client, 'link', 'set', 'eth0', 'up'])
  await must(['ip', '-n', client, 'route', 'add', `${serverAddress}/32`, 'via', '10.7.0.1'])
  await must(inside(host, ['sh', '-c', 'echo 1 >/proc/sys/net/ipv4/ip_forward']))
  await must(inside(host, ['nft', '-f', '-']), { stdin: ruleset })
  return clientIn(client, load)
}

const ruleset = `table ip sandbox {
  chain forward {
    type filter hook forward priority filter; policy drop;
    iifname "client" ip daddr ${serverAddress} tcp dport ${serverPort} accept
    oifname "client" ct state established,related accept
  }
  chain postrouting {
    type nat hook postrouting priority srcnat;
    iifname "client" masquerade
  }
}
`

function help(helpers: Running[], argv: readonly string[]): Running {
  const helper = start(argv, { env: { PATH: searchPath }, timeoutMs: 3_600_000 })
  helpers.push(helper)
  return helper
}

/** Waits until `helper` has set up the path. */
async function connected(load: Load, helper: Running): Promise<Load> {
  for (let tries = 1; ; tries += 1) {
    try {
      await load.ask('crr 0.01')
      return load
    } catch (error) {
      if (tries === 50) throw await whyNot(error, helper)
      await passes(100)
    }
  }
}

async function whyNot(error: unknown, helper: Running): Promise<NotRun> {
  helper.signal('SIGKILL')
  const { stderr } = await helper.outcome
  const said = [error instanceof Error ? error.message : String(error), ...stderr.trimEnd().split('\n').slice(-1)]
  return new NotRun(`no connection: ${said.join('; ')}`)
}
