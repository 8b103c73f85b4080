import type { Problem } from '../../core/errors.js'
import type { HostFacts, PassedSocket } from '../../host/facts.js'
import type { SocketFacts } from '../../host/passed-sockets.js'
import { printable } from '../../policy/characters.js'
import type { Policy } from '../../policy/policy.js'
import type { PassedListener, ResolvedService } from '../../policy/resolved.js'
import type { LayerClaims, Resolution, StatusLine } from '../layer.js'
import type { OpenListeners, PassNotices, TakeNotices } from './steps.js'

export const claims: LayerClaims = { layer: 'service', claims: ['service.notify', 'service.sockets'] }

/** What the service manager says to its service, as far as a plan depends on it (systemd.exec(5)). */
export const managerVariables = ['NOTIFY_SOCKET', 'WATCHDOG_USEC'] as const

/** Inside; in the sandbox's own net namespace, where nobody else has names. */
const socketName = 'palisade/notify'
/** sun_path of unix(7), with the NUL or the `@`. */
const nameBytesMax = 108
/** init makes the program's process first of all. */
const programPid = '2'

type Variable = ResolvedService['variables'][number]

/** What the filter lets the program do, and whether it is to be started. */
export interface ServiceSetting {
  readonly onlyAsks: boolean
  readonly makesUnixSockets: boolean
  readonly connectsSockets: boolean
}

/** What passes between the program and its service manager. */
export function resolve(
  { service, process }: Pick<Policy, 'service' | 'process'>,
  host: Pick<HostFacts, 'environment' | 'passed'>,
  setting: ServiceSetting,
): Resolution<ResolvedService> {
  const notify = service.notify ? resolveNotify(host, setting.makesUnixSockets) : nothingToTell
  const sockets = resolveSockets(service.sockets, Object.values(process.descriptors), host, setting)
  return {
    resolved: {
      manager: notify.manager,
      listeners: sockets.listeners,
      descriptors: sockets.descriptors,
      variables: [...notify.variables, ...sockets.variables],
    },
    problems: [...notify.problems, ...sockets.problems],
  }
}

interface Notify {
  readonly manager: string | null
  readonly variables: readonly Variable[]
  readonly problems: readonly Problem[]
}

const nothingToTell: Notify = { manager: null, variables: [], problems: [] }

function resolveNotify({ environment }: Pick<HostFacts, 'environment'>, makesSockets: boolean): Notify {
  const key = 'service.notify'
  if (!makesSockets) {
    const message = 'the program may not make a unix socket, by which it would tell'
    return { ...nothingToTell, problems: [{ key, message, fix: 'add unix to syscalls.promises' }] }
  }
  const manager = environment.get('NOTIFY_SOCKET')
  if (manager === undefined) return nothingToTell
  if (!/^[/@]./.test(manager) || new TextEncoder().encode(manager).length >= nameBytesMax) {
    const message = `NOTIFY_SOCKET is "${printable(manager, nameBytesMax)}", which is no socket of this host`
    const fix = 'start it from a service manager, whose socket is a path or an abstract name, or without that variable'
    return { ...nothingToTell, problems: [{ key, message, fix }] }
  }
  const watchdog = environment.get('WATCHDOG_USEC')
  const watched: readonly Variable[] = [
    ['WATCHDOG_USEC', watchdog ?? ''],
    ['WATCHDOG_PID', programPid],
  ]
  return {
    manager,
    variables: [['NOTIFY_SOCKET', `@${socketName}`], ...(watchdog === undefined ? [] : watched)],
    problems: [],
  }
}

type Sockets = Pick<ResolvedService, 'listeners' | 'descriptors' | 'variables'> & {
  readonly problems: readonly Problem[]
}

function resolveSockets(
  names: readonly string[],
  others: readonly number[],
  { passed }: Pick<HostFacts, 'passed'>,
  setting: ServiceSetting,
): Sockets {
  if (names.length === 0) return { listeners: [], descriptors: [], variables: [], problems: [] }
  const missing = setting.onlyAsks ? [] : names.filter((name) => !passed.some((one) => one.name === name))
  return {
    listeners: passed.flatMap(listenerOf),
    descriptors: passed.map(({ descriptor }) => descriptor),
    variables: [
      ['LISTEN_FDS', String(passed.length)],
      ['LISTEN_FDNAMES', passed.map(({ name }) => name).join(':')],
      ['LISTEN_PID', programPid],
    ],
    problems: [
      ...missing.map((name) => ({
        key: `service.sockets[${names.indexOf(name)}]`,
        message: `nothing was passed by the name "${name}"`,
        fix: `start it by a .socket unit with FileDescriptorName=${name}, or remove the name`,
      })),
      ...passed.flatMap((one) => socketProblems(one, names, others, setting)),
    ],
  }
}

function listenerOf({ descriptor, socket }: PassedSocket): readonly PassedListener[] {
  const isTcp =
    socket !== null && socket !== 'closed' && socket.listens && (socket.family === 'ipv4' || socket.family === 'ipv6')
  if (!isTcp) return []
  return [{ descriptor, address: socket.address, port: socket.port }]
}

function socketProblems(
  { descriptor, name, socket }: PassedSocket,
  names: readonly string[],
  others: readonly number[],
  setting: ServiceSetting,
): readonly Problem[] {
  const key = 'service.sockets'
  const what = `descriptor ${descriptor}, "${printable(name, 255)}",`
  if (!names.includes(name))
    return [{ key, message: `${what} is passed and not named here`, fix: 'add its name, or take it from the unit' }]
  if (others.includes(descriptor))
    return [{ key, message: `${what} is one of process.descriptors too`, fix: 'take it from there' }]
  if (socket === 'closed')
    return [{ key, message: `${what} is not open`, fix: 'let the service manager set LISTEN_FDS' }]
  const way = socket === null ? null : wayOut(socket, setting)
  return way === null ? [] : [{ key, message: `${what} is ${way.what}`, fix: way.fix }]
}

/** A socket of the host's network by which the program could reach others; null: none. */
function wayOut(
  { family, type, listens }: SocketFacts,
  { connectsSockets }: ServiceSetting,
): { readonly what: string; readonly fix: string } | null {
  const ip = family === 'ipv4' || family === 'ipv6'
  if (ip && type === 'stream' && (listens || !connectsSockets)) return null
  if (ip && type === 'stream') {
    const fix = 'use Accept=no, or only promises without connect(2): inet_server in place of inet, and no unix'
    return { what: 'a TCP connection, which connect(2) makes another one', fix }
  }
  if (family === 'unix' && type !== 'datagram') return null
  if (family === 'unix')
    return { what: 'a datagram socket, which reaches every abstract name of the host', fix: 'use ListenStream=' }
  return { what: 'a socket that can send to any address', fix: 'use ListenStream= with a TCP port' }
}

export function lower({ manager, listeners, descriptors }: ResolvedService): readonly ServiceStep[] {
  const notices: readonly ServiceStep[] =
    manager === null
      ? []
      : [
          { op: 'service.pass-notices', origin: 'service.notify', manager },
          { op: 'service.take-notices', origin: 'service.notify', name: socketName },
        ]
  if (descriptors.length === 0) return notices
  return [...notices, { op: 'service.open-listeners', origin: 'service.sockets', listeners }]
}

type ServiceStep = PassNotices | TakeNotices | OpenListeners

export function status({ manager, listeners, descriptors }: ResolvedService): readonly StatusLine[] {
  const line = (protection: string, by: string): StatusLine => {
    return { layer: 'service', protection, status: 'fully_enforced', text: `enforced by ${by}` }
  }
  return [
    ...(manager === null ? [] : [line('notices', 'a check of each message, and a socket of its own')]),
    ...(descriptors.length === 0
      ? []
      : [
          line(
            'passed sockets',
            listeners.length === 0 ? 'their names and types' : 'their names and types, and a relay to its own',
          ),
        ]),
  ]
}
