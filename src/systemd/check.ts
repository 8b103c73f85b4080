/** What in a unit would break its sandbox, or make its policy be refused. */
import type { Policy } from '../policy/policy.js'
import { breakingOptions } from './options.js'
import { isTrue, lastOf, valuesOf, type Assignment } from './unit-file.js'
import { readCommand } from './words.js'

export interface Finding {
  readonly file: string
  /** 0: of the unit as a whole. */
  readonly line: number
  readonly key: string
  readonly message: string
  readonly fix: string
}

/** The policy that its ExecStart= names; null: none. */
export function policyOfUnit(unit: readonly Assignment[]): string | null {
  return execStart(unit)?.command.policy ?? null
}

/** `policy`: that of its command; null: it could not be read, which is told elsewhere. */
export function checkUnit(file: string, unit: readonly Assignment[], policy: Policy | null): readonly Finding[] {
  const start = execStart(unit)
  if (start === null) return [whole(file, 'ExecStart', 'starts nothing', 'write ExecStart=')]
  if (!start.command.runsSandbox) {
    const message = 'does not run sandbox-exec'
    return [at(start.assignment, message, 'write ExecStart=/usr/bin/sandbox-exec --policy FILE -- PROGRAM')]
  }
  const { command, assignment } = start
  return [
    ...(command.policy === null && !command.hasPlan
      ? [at(assignment, 'names no policy', 'write --policy FILE before the --')]
      : []),
    ...breakingOptions.flatMap(({ key, breaks, why, fix }) =>
      valuesOf(unit, 'Service', key).flatMap((one) => (breaks(one.value) ? [at(one, why, fix)] : [])),
    ),
    ...lifeFindings(unit),
    ...(policy === null ? [] : policyFindings(file, unit, policy)),
  ]
}

function execStart(unit: readonly Assignment[]) {
  const assignment = lastOf(unit, 'Service', 'ExecStart')
  return assignment === null ? null : { assignment, command: readCommand(assignment.value) }
}

function lifeFindings(unit: readonly Assignment[]): readonly Finding[] {
  const type = lastOf(unit, 'Service', 'Type')
  const kill = lastOf(unit, 'Service', 'KillMode')
  const pidFile = lastOf(unit, 'Service', 'PIDFile')
  return [
    ...(type?.value === 'forking'
      ? [
          at(
            type,
            'waits until the first process has ended, and a sandbox ends with its first process',
            'let the program stay in the foreground, with Type=exec or Type=notify',
          ),
        ]
      : []),
    ...(type?.value === 'dbus'
      ? [at(type, 'waits for a name on a bus, which no program in a sandbox reaches', 'use Type=notify or Type=exec')]
      : []),
    ...(kill?.value === 'none'
      ? [at(kill, 'leaves everything running when the unit stops', 'use KillMode=mixed')]
      : []),
    ...(pidFile === null
      ? []
      : [at(pidFile, 'would be written with numbers of the sandbox', 'remove it: systemd knows the process')]),
  ]
}

function policyFindings(file: string, unit: readonly Assignment[], policy: Policy): readonly Finding[] {
  return [...notifyFindings(file, unit, policy), ...networkFindings(unit, policy), ...limitFindings(file, unit, policy)]
}

function notifyFindings(file: string, unit: readonly Assignment[], { service }: Policy): readonly Finding[] {
  const type = lastOf(unit, 'Service', 'Type')
  const access = lastOf(unit, 'Service', 'NotifyAccess')
  const watchdog = lastOf(unit, 'Service', 'WatchdogSec')
  const waiting = type !== null && /^notify(-reload)?$/.test(type.value) ? type : null
  const say = 'set service.notify: true in the policy'
  if (!service.notify) {
    return [
      ...(waiting === null ? [] : [at(waiting, 'waits for READY=1, which the policy lets nobody say', say)]),
      ...(watchdog === null ? [] : [at(watchdog, 'waits for WATCHDOG=1, which the policy lets nobody say', say)]),
    ]
  }
  if (access?.value === 'none') return [at(access, 'lets nobody tell anything', 'use NotifyAccess=main')]
  if (waiting === null && watchdog === null && access === null)
    return [whole(file, 'Type', 'does not listen to what the policy lets the program tell', 'use Type=notify')]
  return []
}

function networkFindings(unit: readonly Assignment[], { network }: Policy): readonly Finding[] {
  const alone = lastOf(unit, 'Service', 'PrivateNetwork')
  if (alone === null || !isTrue(alone.value)) return []
  if (network.egress.length === 0 && network.listen.length === 0) return []
  const message = 'leaves the relay without a network, which dials for the program'
  return [at(alone, message, 'remove it: the program has a network of its own, with a way to its endpoints only')]
}

function limitFindings(file: string, unit: readonly Assignment[], { limits }: Policy): readonly Finding[] {
  const limit = (['memory', 'pids', 'cpus'] as const).find((name) => limits[name] !== undefined)
  if (limit === undefined) return []
  const delegate = lastOf(unit, 'Service', 'Delegate')
  const groups = lastOf(unit, 'Service', 'ProtectControlGroups')
  return [
    ...(delegate === null || !delegates(delegate.value)
      ? [
          whole(
            file,
            'Delegate',
            `is needed for limits.${limit}, by a cgroup below that of the unit`,
            'write Delegate=yes',
          ),
        ]
      : []),
    ...(groups !== null && !/^(0|no|n|false|f|off)$/i.test(groups.value)
      ? [at(groups, `keeps the cgroup of limits.${limit} from being made`, 'remove it: no program sees a cgroup')]
      : []),
  ]
}

/** A list of controllers delegates too. */
function delegates(value: string): boolean {
  return !/^(0|no|n|false|f|off)$/i.test(value)
}

function at({ file, line, key, value }: Assignment, message: string, fix: string): Finding {
  return { file, line, key, message: `${value} ${message}`, fix }
}

function whole(file: string, key: string, message: string, fix: string): Finding {
  return { file, line: 0, key, message, fix }
}
