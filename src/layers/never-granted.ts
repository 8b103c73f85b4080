import type { Problem } from '../core/errors.js'
import { isWithin } from '../core/path.js'

/** What no policy can grant, and why. */
export function whyNever(path: string): Pick<Problem, 'message' | 'fix'> | null {
  if (path === '/') {
    return { message: '/ cannot be granted: it is the whole host', fix: 'name the directories that are needed' }
  }
  if (isWithin(path, '/proc')) {
    return { message: `${path} cannot be granted: the sandbox has a /proc of its own`, fix: 'take the entry out' }
  }
  if (isWithin(path, '/sys')) {
    return { message: `${path} cannot be granted: it controls the host's kernel`, fix: 'take the entry out' }
  }
  if (isWithin(path, '/dev')) {
    return {
      message: `${path} cannot be granted: the sandbox has a /dev of its own (null, zero, full, random, urandom)`,
      fix: 'take the entry out',
    }
  }
  return null
}

/** Whether the name alone says that no policy can grant it. */
export function isNeverGranted(path: string): boolean {
  return whyNever(path) !== null
}
