import { types } from 'node:util'

/**
 * `code` of an error of Node's, such as ENOENT; empty: it has none. Its class is not asked for: in a VM context, which
 * test runners make, `Error` is another one than Node's own.
 */
export function errorCode(error: unknown): string {
  return types.isNativeError(error) && 'code' in error ? String(error.code) : ''
}

/** As `errorCode`. @throws the error itself when it has none: it is a bug, not the host's answer. */
export function errorCodeOrThrow(error: unknown): string {
  const code = errorCode(error)
  if (code === '') throw error
  return code
}
