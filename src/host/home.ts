import { homedir } from 'node:os'
import { types } from 'node:util'

/** The caller's home; empty: nobody knows one, as of a user that systemd made for a unit (DynamicUser=). */
export function homeOfCaller(): string {
  try {
    return homedir()
  } catch (error) {
    if (isUnknownUser(error)) return ''
    throw error
  }
}

/** Node's SystemError: its own `code` is the same for all of them. */
function isUnknownUser(error: unknown): boolean {
  if (!types.isNativeError(error) || !('info' in error)) return false
  const { info } = error
  return typeof info === 'object' && info !== null && 'code' in info && info.code === 'ENOENT'
}
