/** The client host of the world, whose device forwards, with sandboxes of `network.via: route` on it. */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { makeSweep, type Sweep } from '../faults/sweep.js'
import { addresses } from '../world/addresses.js'
import type { Outcome, Running } from '../world/process.js'

/** A sandbox in which a program waits. */
export interface Napping {
  readonly running: Running
  /** Acts as root in its net namespace. */
  readonly inside: (argv: readonly string[]) => Promise<Outcome>
  /** The beginning of a command line that does. */
  readonly enter: readonly string[]
  /** Its addresses. */
  readonly own: string
  readonly own6: string
}

export interface Routed {
  readonly sweep: Sweep
  /** TCP at both addresses of the endpoint, UDP at one. */
  readonly policy: string
  readonly policyOf: (egress: string, more?: string) => string
  readonly napping: () => Promise<Napping>
  /** Devices, addresses, routes, rules and what forwards. */
  readonly hostState: () => Promise<string>
  readonly letForward: () => Promise<void>
}

export const settings = ['net.ipv4.conf.eth0.forwarding', 'net.ipv6.conf.eth0.force_forwarding']

export async function makeRouted(): Promise<Routed> {
  const sweep = await makeSweep()
  const { harness, faults } = sweep
  const { world } = harness
  const policyOf = (egress: string, more = ''): string => `version: 1
name: routed
filesystem: { read: [/usr, /etc/ssl, ${world.directory}], exec: [/usr/bin] }
network: { via: route, egress: [${egress}]${more} }
syscalls: { promises: [stdio, rpath, inet, threads, exec] }
`
  const { allowed, allowed6 } = addresses
  const policy = policyOf(
    `{ host: ${allowed}, port: 443 }, { host: '${allowed6}', port: 443 }, { host: '${allowed6}', port: 443, protocol: udp }`,
  )
  const must = async (argv: readonly string[]): Promise<string> => {
    const { code, stdout, stderr } = await world.run(argv)
    if (code !== 0) throw new Error(stderr)
    return stdout
  }
  return {
    sweep,
    policy,
    policyOf,
    hostState: () => must(['sh', '-c', state]),
    letForward: async () => void (await must(['sysctl', '-qw', ...settings.map((setting) => `${setting}=1`)])),
    napping: async () => {
      const known = pidsOf(faults.nap)
      const running = world.start([...harness.command, '--policy', await harness.policyFile(policy), '--', faults.nap])
      await running.firstLine
      const pid = pidsOf(faults.nap).find((one) => !known.includes(one))
      const enter = ['nsenter', `--target=${pid}`, '--net', '--']
      const inside = (argv: readonly string[]) => world.run([...enter, ...argv])
      const shown = (await inside(['ip', '-brief', 'address'])).stdout
      const [, own = '', own6 = ''] = /(198\.19\.\d+\.\d+)\/32 (\S+)\/128/.exec(shown) ?? []
      return { running, inside, enter, own, own6 }
    },
  }
}

const state = `set -e
ip -brief link; ip -brief address; ip route show table all; ip -6 route show table all | sed 's/ expires.*//'
nft list ruleset
for setting in /proc/sys/net/ipv[46]/conf/*/*forwarding; do echo "$setting $(cat "$setting")"; done`

/** By SIGTERM, which its program does not catch. */
export async function end({ running }: Napping): Promise<void> {
  running.signal('SIGTERM')
  await running.outcome
}

export function pidsOf(program: string): readonly number[] {
  return processes().flatMap(({ pid, argv }) => (argv[0] === program ? [pid] : []))
}

/** The nft of a sandbox. */
export function nftOf(supervisor: Running): readonly number[] {
  return childrenOf(supervisor).flatMap(({ pid, argv }) => (argv[0] === 'nft' ? [pid] : []))
}

/** Its guard: unlike init it is in the supervisor's own net namespace. */
export function guardOf(supervisor: Running): readonly number[] {
  const own = netOf(supervisor.pid)
  return childrenOf(supervisor).flatMap(({ pid, argv }) => (argv[0] !== 'nft' && netOf(pid) === own ? [pid] : []))
}

function childrenOf({ pid: supervisor }: Running): readonly Process[] {
  return processes().filter(({ parent }) => parent === supervisor)
}

interface Process {
  readonly pid: number
  readonly parent: number
  readonly argv: readonly string[]
}

function processes(): readonly Process[] {
  return readdirSync('/proc').flatMap((name) => {
    if (!/^\d+$/.test(name)) return []
    const [, , , parent] = read(name, 'stat')
      .replace(/\(.*\)/, '()')
      .split(' ')
    return [{ pid: Number(name), parent: Number(parent), argv: read(name, 'cmdline').split('\0') }]
  })
}

function netOf(pid: number): string {
  return orNothing(() => readlinkSync(`/proc/${pid}/ns/net`))
}

function read(pid: string, file: string): string {
  return orNothing(() => readFileSync(`/proc/${pid}/${file}`, 'utf8'))
}

function orNothing(look: () => string): string {
  try {
    return look()
  } catch (error) {
    // It has ended meanwhile.
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ESRCH')) return ''
    throw error
  }
}
