import { InternalError } from '../../core/errors.js'
import { errnoName, errnoOf } from './tables.js'

/**
 * What a filter answers, as in seccomp(2).
 * - `log` allows and leaves an audit record
 * - `trap` sends SIGSYS to the thread, which may handle it; without a handler the process ends
 * - `user_notif` asks the holder of the listener; where nobody listens the call fails with ENOSYS
 * - `kill_thread` ends one thread, whose locks stay taken; the last thread takes the process with it
 */
export type Action = NamedAction | { readonly errno: string }
export type NamedAction = 'allow' | 'log' | 'user_notif' | 'trap' | 'kill_thread' | 'kill_process'

/** SECCOMP_RET_* of linux/seccomp.h. RET 0 is KILL_THREAD, never allow. */
const values: Readonly<Record<NamedAction, number>> = {
  kill_process: 0x80000000,
  kill_thread: 0,
  trap: 0x00030000,
  user_notif: 0x7fc00000,
  log: 0x7ffc0000,
  allow: 0x7fff0000,
}
const errnoAction = 0x00050000

/** All actions that are words of their own, the strictest first: of several filters' answers the strictest counts. */
export const namedActions: readonly NamedAction[] = [
  'kill_process',
  'kill_thread',
  'trap',
  'user_notif',
  'log',
  'allow',
]

/** The value that the program returns for an action. */
export function returnValue(action: Action): number {
  if (typeof action === 'string') return values[action]
  const errno = errnoOf(action.errno)
  if (errno === null) throw new InternalError(`no error number ${action.errno}`)
  return errnoAction | errno
}

/** The action that a returned value stands for. */
export function actionOf(value: number): Action {
  const named = namedActions.find((name) => values[name] === value)
  if (named !== undefined) return named
  const errno = errnoName(value & 0xffff)
  if ((value & 0xffff0000) >>> 0 === errnoAction && errno !== null) return { errno }
  throw new InternalError(`no action of ours returns 0x${value.toString(16)}`)
}

/** Whether the call takes place. */
export function lets(action: Action): boolean {
  return action === 'allow' || action === 'log'
}

/** The order in which stacked filters' answers count, the strictest first: that of the values as signed numbers. */
export function byStrictness(left: Action, right: Action): number {
  return (returnValue(left) | 0) - (returnValue(right) | 0)
}

/** For people: `allow`, `EPERM`. */
export function actionText(action: Action): string {
  return typeof action === 'string' ? action : action.errno
}

export function sameAction(a: Action, b: Action): boolean {
  return actionText(a) === actionText(b)
}
