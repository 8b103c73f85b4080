import { fstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { errorCode } from '../core/error-code.js'

/**
 * Whether the caller gave us this descriptor. Node sets close-on-exec on what it inherits, so that flag tells nothing;
 * what Node opens for itself are event descriptors, and pipes of which it holds both ends.
 */
export function isInherited(descriptor: number): boolean {
  const target = targetOf(descriptor)
  if (target === null || /^anon_inode:\[(eventpoll|eventfd|io_uring|signalfd|timerfd)\]$/.test(target)) return false
  if (!target.startsWith('pipe:')) return true
  const mode = accessModeOf(descriptor)
  const others = readdirSync('/proc/self/fd').map(Number)
  return !others.some((other) => targetOf(other) === target && accessModeOf(other) !== mode)
}

/** What stands behind a number. */
export function descriptorKind(descriptor: number): 'closed' | 'directory' | 'other' {
  try {
    return fstatSync(descriptor).isDirectory() ? 'directory' : 'other'
  } catch (error) {
    if (errorCode(error) === 'EBADF') return 'closed'
    throw error
  }
}

function targetOf(descriptor: number): string | null {
  return whileOpen(() => readlinkSync(`/proc/self/fd/${descriptor}`))
}

/** O_ACCMODE of the open file (proc_pid_fdinfo(5)). */
function accessModeOf(descriptor: number): number | null {
  const accessMode = 0o3
  return whileOpen(() => {
    const flags = /^flags:\s*([0-7]+)$/m.exec(readFileSync(`/proc/self/fdinfo/${descriptor}`, 'utf8'))?.[1] ?? '0'
    return Number.parseInt(flags, 8) & accessMode
  })
}

function whileOpen<T>(read: () => T): T | null {
  try {
    return read()
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return null
    throw error
  }
}
