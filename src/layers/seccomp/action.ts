import { InternalError } from '../../core/errors.js'
import { errnoName, errnoOf } from './tables.js'

/** What a filter answers. `log` allows and leaves an audit record; `user_notif` asks the holder of the listener. */
export type Action = 'allow' | 'log' | 'kill_process' | 'user_notif' | { readonly errno: string }

/** SECCOMP_RET_* of linux/seccomp.h. RET 0 is KILL_THREAD, which we never use: locks of a dead thread stay taken. */
const values = {
  kill_process: 0x80000000,
  user_notif: 0x7fc00000,
  log: 0x7ffc0000,
  allow: 0x7fff0000,
} as const
const errnoAction = 0x00050000

/** The value that the program returns for an action. */
export function returnValue(action: Action): number {
  if (typeof action === 'string') return values[action]
  const errno = errnoOf(action.errno)
  if (errno === null) throw new InternalError(`no error number ${action.errno}`)
  return errnoAction | errno
}

/** The action that a returned value stands for. */
export function actionOf(value: number): Action {
  const named = (['allow', 'log', 'kill_process', 'user_notif'] as const).find((name) => values[name] === value)
  if (named !== undefined) return named
  const errno = errnoName(value & 0xffff)
  if ((value & 0xffff0000) >>> 0 === errnoAction && errno !== null) return { errno }
  throw new InternalError(`no action of ours returns 0x${value.toString(16)}`)
}

/** Whether the call takes place. */
export function lets(action: Action): boolean {
  return action === 'allow' || action === 'log'
}

/** For people: `allow`, `EPERM`. */
export function actionText(action: Action): string {
  return typeof action === 'string' ? action : action.errno
}

export function sameAction(a: Action, b: Action): boolean {
  return actionText(a) === actionText(b)
}
