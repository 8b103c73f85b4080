import { HostError, type Problem } from '../../core/errors.js'
import type { PolicyKey } from '../../core/policy-key.js'
import type { HostFacts } from '../../host/facts.js'
import type { ResolvedFilesystem, ResolvedNetwork } from '../../policy/resolved.js'
import { familyOf } from '../../policy/ip-address.js'
import type { Policy } from '../../policy/policy.js'
import type { StatusLine } from '../layer.js'
import { kernelOf, newestAbi } from './abi.js'

/** A rule of a filter, as in `syscalls.rules`. */
export interface SyscallRule {
  readonly syscall: string
  readonly when?: string
  readonly action: { readonly errno: string }
}

/** A rule that carries what Landlock does not, and the key whose grant would take it away. */
export interface Substitute {
  readonly key: PolicyKey
  readonly rule: SyscallRule
}

/** What Landlock is asked for, what carries it on this kernel, and what could not be carried at all. */
export interface Assessment {
  readonly status: readonly StatusLine[]
  /** Stand before the policy's own rules: what they refuse, no rule of the policy gives back. */
  readonly substitutes: readonly Substitute[]
  readonly problems: readonly Problem[]
}

/** One statement of the policy and the ABI from which on Landlock carries it. */
interface Protection {
  readonly name: string
  readonly abi: number
  readonly below: Below
}

/** Below that ABI: something as strict or stricter, or a refusal. Never nothing. */
type Below =
  | { readonly kind: 'seccomp'; readonly rules: readonly Substitute[] }
  | { readonly kind: 'other'; readonly by: string }
  | { readonly kind: 'refused'; readonly problem: Problem }

/**
 * Weighs what the policy needs against what the kernel has.
 * @throws HostError when there is no Landlock at all.
 */
export function assess(
  filesystem: ResolvedFilesystem,
  network: ResolvedNetwork,
  { abi, errata }: HostFacts['landlock'],
): Assessment {
  if (abi < 1) throw noLandlock()
  const protections = protectionsOf(filesystem, network)
  const missing = protections.filter((protection) => protection.abi > abi)
  return {
    status: [
      ...protections.map((protection) => statusOf(protection, abi)),
      ...newerKernel(abi),
      ...disconnectedDirectories(filesystem, errata),
    ],
    substitutes: missing.flatMap(({ below }) => (below.kind === 'seccomp' ? below.rules : [])),
    problems: missing.flatMap(({ below }) => (below.kind === 'refused' ? [below.problem] : [])),
  }
}

function noLandlock(): HostError {
  return new HostError(
    'filesystem',
    'Landlock (Linux 5.13 or later)',
    'a kernel without it',
    'add landlock to the list of the boot parameter lsm= (the current list is in /sys/kernel/security/lsm)',
  )
}

function protectionsOf(filesystem: ResolvedFilesystem, network: ResolvedNetwork): readonly Protection[] {
  return [
    // ABI 0 has been refused, so nothing stands below.
    { name: 'paths', abi: 1, below: byView },
    ...moves(filesystem),
    { name: 'truncation', abi: 3, below: withoutTruncate(filesystem) },
    { name: 'TCP ports', abi: network.loopback === 'up' ? never : 4, below: withoutTcp(network) },
    { name: 'ioctls of devices', abi: 5, below: { kind: 'other', by: 'the mount view: only harmless devices exist' } },
    {
      name: 'abstract unix sockets',
      abi: 6,
      // unix(7): abstract names belong to a net namespace.
      below: { kind: 'other', by: 'the network namespace: no abstract socket of the host exists' },
    },
    { name: 'signals', abi: 6, below: { kind: 'other', by: 'the pid namespace: no process of the host exists' } },
    {
      name: 'unix sockets',
      abi: 9,
      below: { kind: 'other', by: 'the mount view: no socket outside the grants exists' },
    },
    { name: 'UDP', abi: network.loopback === 'up' ? never : 10, below: withoutUdp(network) },
  ]
}

/** No ABI of Landlock tells one address from another. */
const never = Number.POSITIVE_INFINITY
const byView: Below = { kind: 'other', by: 'the mount view' }
const byRoutes: Below = {
  kind: 'other',
  by: 'the network namespace: no other address has a route, no other port listens',
}

/** Without REFER a domain never renames between directories, from ABI 1 on; only granting it needs ABI 2. */
function moves({ grants }: ResolvedFilesystem): readonly Protection[] {
  if (!grants.some(({ move }) => move)) return [{ name: 'moves between directories', abi: 1, below: byView }]
  const problem: Problem = {
    key: 'filesystem.move',
    message: `needs Landlock ABI 2 (Linux ${kernelOf(2)}): with ABI 1 every rename between directories is refused`,
    fix: 'take filesystem.move out, or run a newer kernel',
  }
  return [{ name: 'moves between directories', abi: 2, below: { kind: 'refused', problem } }]
}

/** Where something is writable, truncating is part of writing; where nothing is, no call needs to truncate. */
function withoutTruncate({ grants, tmpBytes }: ResolvedFilesystem): Below {
  if (tmpBytes !== null || grants.some(({ write }) => write)) {
    return { kind: 'other', by: 'the mount view: what is not granted for writing is mounted read-only' }
  }
  return { kind: 'seccomp', rules: truncationRefused }
}

const truncationRefused = substitutes('filesystem.write', [
  ...['truncate', 'truncate64', 'ftruncate', 'ftruncate64', 'creat'].map((syscall) => ({
    syscall,
    action: { errno: 'EACCES' },
  })),
  ...['open', 'openat'].map((syscall) => ({
    syscall,
    when: 'flags & O_TRUNC == O_TRUNC',
    action: { errno: 'EACCES' },
  })),
  // Its flags lie in memory, where a filter cannot look; ENOSYS sends libc back to openat.
  { syscall: 'openat2', action: { errno: 'ENOSYS' } },
])

function substitutes(key: PolicyKey, rules: readonly SyscallRule[]): readonly Substitute[] {
  return rules.map((rule) => ({ key, rule }))
}

/** What of a network decides on its sockets. */
interface Sockets {
  readonly endpoints: readonly Pick<ResolvedNetwork['endpoints'][number], 'protocol' | 'inside'>[]
  readonly resolvers: readonly string[]
  readonly loopback: ResolvedNetwork['loopback']
}

function withoutTcp({ endpoints, loopback }: Sockets): Below {
  // The routes are stricter than ports: they know the address too.
  if (endpoints.length > 0 || loopback !== 'down') return byRoutes
  return { kind: 'seccomp', rules: internetRefused }
}

function withoutUdp(network: Sockets): Below {
  if (usesDatagrams(network)) return byRoutes
  return { kind: 'seccomp', rules: datagramsRefused }
}

/** Whether anything in the policy is about UDP: an endpoint, the resolver, or loopback with all its ports. */
function usesDatagrams({ endpoints, resolvers, loopback }: Sockets): boolean {
  const needed = endpoints.some(({ protocol, inside }) => protocol === 'udp' || inside.every(isIpv6))
  return loopback === 'up' || resolvers.length > 0 || needed
}

/** curl and others find out whether there is IPv6 by making a datagram socket. */
function isIpv6(address: string): boolean {
  return familyOf(address) === 6
}

/** socketcall(2) of 32-bit programs keeps the family in memory, where a filter cannot look. */
function refuseSockets(when: string): readonly Substitute[] {
  return substitutes('network.egress', [
    { syscall: 'socket', when, action: { errno: 'EACCES' } },
    { syscall: 'socketcall', action: { errno: 'ENOSYS' } },
  ])
}

const internetRefused = refuseSockets('family in [AF_INET, AF_INET6]')
const datagramsRefused = refuseSockets('family in [AF_INET, AF_INET6] and type & SOCK_TYPE_MASK == SOCK_DGRAM')

/**
 * What the filter says of sockets beside the promises, whatever Landlock knows: where all endpoints are TCP there are no
 * datagrams, and unless a promise has sockets that need it, nothing is sent to an address.
 */
export function streamRules(network: Sockets, promises: readonly string[]): readonly Substitute[] {
  if (network.endpoints.length === 0 || usesDatagrams(network)) return []
  const addressed = ['unix', 'netlink', 'dns', 'rawnet'].some((promise) => promises.includes(promise))
  return addressed ? datagramsRefused : [...datagramsRefused, ...addressesRefused]
}

const addressesRefused = substitutes('network.egress', [
  { syscall: 'sendto', when: 'addr != NULL', action: { errno: 'EACCES' } },
])

/** All that can stand before the rules of a policy, on whatever kernel. Looks at no host. */
export function possibleRules({ filesystem, network, service, syscalls }: Policy): readonly SyscallRule[] {
  const isWritable = filesystem.tmp !== undefined || filesystem.write.length > 0
  const sockets: Sockets = {
    endpoints: network.egress.map(({ host, protocol }) => ({ protocol, inside: [host] })),
    resolvers: network.dns === 'stub' ? ['inside'] : [],
    loopback: network.loopback ? 'up' : network.listen.length + service.sockets.length > 0 ? 'published' : 'down',
  }
  const below = [withoutTcp(sockets), withoutUdp(sockets)].flatMap((one) => (one.kind === 'seccomp' ? one.rules : []))
  const all = [...(isWritable ? [] : truncationRefused), ...below, ...streamRules(sockets, syscalls.promises)]
  return all.map(({ rule }) => rule)
}

function statusOf({ name, abi, below }: Protection, running: number): StatusLine {
  const status = 'fully_enforced'
  if (abi <= running) return { layer: 'landlock', protection: name, status, text: `enforced by Landlock ABI ${abi}` }
  const needs =
    abi === never ? 'Landlock knows ports only' : `kernel too old for Landlock ABI ${abi}, Linux ${kernelOf(abi)}`
  switch (below.kind) {
    case 'seccomp':
      return { layer: 'landlock', protection: name, status, text: `enforced by seccomp (${needs})` }
    case 'other':
      return { layer: 'landlock', protection: name, status, text: `enforced by ${below.by} (${needs})` }
    case 'refused':
      return { layer: 'landlock', protection: name, status: 'not_enforced', text: `not available (${needs})` }
  }
}

function newerKernel(abi: number): readonly StatusLine[] {
  if (abi <= newestAbi) return []
  const text = `this kernel has Landlock ABI ${abi}, this version knows ${newestAbi}: as on a kernel of that ABI`
  return [{ layer: 'landlock', protection: 'rights of later ABIs', status: 'not_enforced', text }]
}

/** Erratum 3: rename and link could widen rights below a directory that was moved out of a bind mount. */
function disconnectedDirectories({ grants }: ResolvedFilesystem, errata: number): readonly StatusLine[] {
  if ((errata & 0b100) !== 0 || !grants.some(({ move }) => move)) return []
  const text = 'this kernel lacks the fix of Landlock erratum 3: update it, or take filesystem.move out'
  return [{ layer: 'landlock', protection: 'directories moved out of a mount', status: 'partially_enforced', text }]
}
