import { comparePaths, directoriesAbove } from '../../core/path.js'
import type { Grant, ResolvedFilesystem, ResolvedNetwork } from '../../policy/resolved.js'
import { fsRights, netRights, newestAbi, rightsOf, union, type FsRight } from './abi.js'
import type { RestrictSelf } from './steps.js'

/** Whether the program may reach the socket files in its grants (unix(7)): what the promise `unix` says. */
export type SocketFiles = 'reachable' | 'refused'

export type RelayRights = Pick<RestrictSelf, 'handledFs' | 'handledNet' | 'scoped' | 'ports'>

interface PathRule {
  readonly path: string
  readonly access: bigint
}

/**
 * One ruleset that handles every right of the running ABI, so that what no rule grants is denied. It says a second
 * time what the mount view and the routes say; rules are made inside the view, by the paths that stand there.
 */
export function lower(
  filesystem: ResolvedFilesystem,
  network: ResolvedNetwork,
  abi: number,
  sockets: SocketFiles,
): RestrictSelf {
  const rights = rightsOf(Math.min(abi, newestAbi))
  const handledNet = handledNetwork(rights.net, network)
  return {
    op: 'landlock.restrict-self',
    origin: 'filesystem',
    handledFs: rights.fs,
    handledNet,
    scoped: rights.scoped,
    flags: 0,
    paths: pathRules(filesystem, rights.fs, sockets),
    ports: portRules(programPorts(network), handledNet),
  }
}

/** The relay opens no file and dials the endpoints' ports only. */
export function lowerRelay({ endpoints, resolvers }: ResolvedNetwork, abi: number): RelayRights {
  const rights = rightsOf(Math.min(abi, newestAbi))
  // It answers datagrams at whatever port the program chose, also those that ask its resolver.
  const answers = netRights.bind_udp | netRights.connect_send_udp
  const hasDatagrams = resolvers.length > 0 || endpoints.some(({ protocol }) => protocol === 'udp')
  const handledNet = hasDatagrams ? rights.net & ~answers : rights.net
  const ports = endpoints.map(({ port, protocol }) => ({ port, right: connectRight[protocol] }))
  return { handledFs: rights.fs, handledNet, scoped: rights.scoped, ports: portRules(ports, handledNet) }
}

/** The relay of published ports dials those of the program. */
export function lowerPublisher({ published }: ResolvedNetwork, abi: number): RelayRights {
  const rights = rightsOf(Math.min(abi, newestAbi))
  const ports = published.map(({ port }) => ({ port, right: netRights.connect_tcp }))
  return { handledFs: rights.fs, handledNet: rights.net, scoped: rights.scoped, ports: portRules(ports, rights.net) }
}

/** What the relay's resolver process, and what it starts, may do to files: read them, as every resolver library does. */
export function readOnlyRights(abi: number): bigint {
  return rightsOf(Math.min(abi, newestAbi)).fs & (write | bits(['make_char', 'make_block', 'refer']))
}

/**
 * A rule names ports, never addresses: whoever may use the sandbox's own loopback must get every port. Then the net
 * namespace alone says what is reachable.
 */
function handledNetwork(net: bigint, { loopback }: ResolvedNetwork): bigint {
  return loopback === 'up' ? 0n : net
}

/** Of all rights, only these may stand in a rule on something that is no directory (EINVAL otherwise). */
const fileRights = bits(['execute', 'write_file', 'read_file', 'truncate', 'ioctl_dev', 'resolve_unix'])
const read = bits(['read_file', 'read_dir'])
/** write_file without truncate would let open(2) succeed and O_TRUNC fail. Devices are made by nobody. */
const write = bits([
  'write_file',
  'truncate',
  'remove_dir',
  'remove_file',
  'make_dir',
  'make_reg',
  'make_sock',
  'make_fifo',
  'make_sym',
])
const device = bits(['read_file', 'write_file', 'truncate'])

function pathRules(filesystem: ResolvedFilesystem, handled: bigint, sockets: SocketFiles): readonly PathRule[] {
  const grantable = sockets === 'reachable' ? handled : handled & ~fsRights.resolve_unix
  const limited = ({ path, access }: PathRule): PathRule => ({ path, access: access & grantable })
  const granted = filesystem.grants.map((grant) => limited({ path: grant.path, access: accessOf(grant) }))
  const byPath = new Map(granted.map(({ path, access }) => [path, access]))
  return [
    ...granted.filter((rule) => adds(rule, directoriesAbove(rule.path), byPath)),
    ...baseRules(filesystem)
      .map(limited)
      .filter((rule) => adds(rule, [...directoriesAbove(rule.path), rule.path], byPath)),
  ].toSorted((left, right) => comparePaths(left.path, right.path))
}

function accessOf(grant: Grant): bigint {
  const access =
    (grant.read ? read : 0n) |
    (grant.write ? write : 0n) |
    (grant.execute ? fsRights.execute : 0n) |
    (grant.move ? fsRights.refer : 0n) |
    fsRights.resolve_unix
  return grant.kind === 'directory' ? access : access & fileRights
}

/** What every view holds besides the grants. */
function baseRules({ pinned, tmpBytes }: ResolvedFilesystem): readonly PathRule[] {
  // One file system each, with the same rights everywhere in it: a move inside leads to nothing new.
  const own = read | write | fsRights.refer | fsRights.resolve_unix
  return [
    { path: '/proc', access: read },
    { path: '/dev/full', access: device },
    { path: '/dev/null', access: device },
    { path: '/dev/random', access: fsRights.read_file },
    { path: '/dev/urandom', access: fsRights.read_file },
    { path: '/dev/zero', access: device },
    ...pinned.map(({ path }) => ({ path, access: fsRights.read_file })),
    ...(tmpBytes === null ? [] : ['/dev/shm', '/tmp'].map((path) => ({ path, access: own }))),
  ]
}

/** A rule holds beneath its path, across mounts: what lies in a grant needs a rule only for more rights. */
function adds({ access }: PathRule, above: readonly string[], granted: ReadonlyMap<string, bigint>): boolean {
  return (access & ~union(above.map((path) => granted.get(path) ?? 0n))) !== 0n
}

interface PortRight {
  readonly port: number
  readonly right: bigint
}

const connectRight = { tcp: netRights.connect_tcp, udp: netRights.connect_send_udp } as const

function programPorts({ endpoints, resolvers, published }: ResolvedNetwork): readonly PortRight[] {
  const datagrams = resolvers.length > 0 || endpoints.some(({ protocol }) => protocol === 'udp')
  return [
    ...endpoints.map(({ port, protocol }) => ({ port, right: connectRight[protocol] })),
    ...(resolvers.length === 0 ? [] : [{ port: 53, right: connectRight.udp }]),
    // Who sends is bound to a port of the kernel's choice, which is what binding to 0 asks for.
    ...(datagrams ? [{ port: 0, right: netRights.bind_udp }] : []),
    // A socket that was passed is bound already.
    ...published.flatMap(({ port, passed }) => (passed === undefined ? [{ port, right: netRights.bind_tcp }] : [])),
  ]
}

/** One rule a port, in their order; rights that are not handled cannot be in a rule. */
function portRules(ports: readonly PortRight[], handled: bigint): RestrictSelf['ports'] {
  const numbers = [...new Set(ports.map(({ port }) => port))].toSorted((left, right) => left - right)
  const rules = numbers.map((number) => ({
    port: number,
    access: union(ports.flatMap(({ port, right }) => (port === number ? [right] : []))) & handled,
  }))
  return rules.filter(({ access }) => access !== 0n)
}

function bits(names: readonly FsRight[]): bigint {
  return union(names.map((name) => fsRights[name]))
}
