import type { HostFacts } from '../../host/facts.js'
import { printable } from '../../policy/characters.js'
import type { Policy } from '../../policy/policy.js'
import type { ResolvedService } from '../../policy/resolved.js'
import type { LayerClaims, Resolution, StatusLine } from '../layer.js'
import type { PassNotices, TakeNotices } from './steps.js'

export const claims: LayerClaims = { layer: 'service', claims: ['service.notify'] }

/** What the service manager says to its service, as far as a plan depends on it (systemd.exec(5)). */
export const managerVariables = ['NOTIFY_SOCKET', 'WATCHDOG_USEC'] as const

/** Inside; in the sandbox's own net namespace, where nobody else has names. */
const socketName = 'palisade/notify'
/** sun_path of unix(7), with the NUL or the `@`. */
const nameBytesMax = 108
/** init makes the program's process first of all. */
const programPid = 2

/** What passes between the program and its service manager. `makesSockets`: the filter lets the program make unix sockets. */
export function resolve(
  { notify }: Policy['service'],
  { environment }: Pick<HostFacts, 'environment'>,
  makesSockets: boolean,
): Resolution<ResolvedService> {
  const nothing = { manager: null, variables: [] }
  if (!notify) return { resolved: nothing, problems: [] }
  const key = 'service.notify'
  if (!makesSockets) {
    const message = 'the program may not make a unix socket, by which it would tell'
    return { resolved: nothing, problems: [{ key, message, fix: 'add unix to syscalls.promises' }] }
  }
  const manager = environment.get('NOTIFY_SOCKET')
  if (manager === undefined) return { resolved: nothing, problems: [] }
  if (!/^[/@]./.test(manager) || new TextEncoder().encode(manager).length >= nameBytesMax) {
    const message = `NOTIFY_SOCKET is "${printable(manager, nameBytesMax)}", which is no socket of this host`
    const fix = 'start it from a service manager, whose socket is a path or an abstract name, or without that variable'
    return { resolved: nothing, problems: [{ key, message, fix }] }
  }
  return { resolved: { manager, variables: variables(environment) }, problems: [] }
}

/** What a program that watches over itself asks for, with its numbers inside. */
function variables(environment: HostFacts['environment']): ResolvedService['variables'] {
  const watchdog = environment.get('WATCHDOG_USEC')
  return [
    ['NOTIFY_SOCKET', `@${socketName}`],
    ...(watchdog === undefined
      ? []
      : ([
          ['WATCHDOG_USEC', watchdog],
          ['WATCHDOG_PID', String(programPid)],
        ] as const)),
  ]
}

export function lower({ manager }: ResolvedService): readonly (PassNotices | TakeNotices)[] {
  if (manager === null) return []
  const origin = 'service.notify'
  return [
    { op: 'service.pass-notices', origin, manager },
    { op: 'service.take-notices', origin, name: socketName },
  ]
}

export function status({ manager }: ResolvedService): readonly StatusLine[] {
  if (manager === null) return []
  const text = 'enforced by a check of each message, and a socket of its own'
  return [{ layer: 'service', protection: 'notices', status: 'fully_enforced', text }]
}
