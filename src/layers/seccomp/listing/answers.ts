import { errnoName } from '../tables.js'

/** An action in the words of the kernel, and what it does to the caller. Any 32-bit value has one. */
export interface Answer {
  /** `allow`, `EPERM`, `kill_process`. */
  readonly name: string
  readonly words: string
  /** As C writes it: `SECCOMP_RET_ERRNO | 1`. */
  readonly constant: string
}

/** What a filter's return value means (seccomp(2)): the upper half is the action, the lower its data. */
export function answerOf(value: number): Answer {
  const data = value & 0xffff
  switch ((value & 0xffff0000) >>> 0) {
    case 0x80000000:
      return answer('kill_process', 'the process is ended (SIGSYS)', 'SECCOMP_RET_KILL_PROCESS', data)
    case 0x00000000:
      return answer('kill_thread', 'the thread is ended (SIGSYS)', 'SECCOMP_RET_KILL_THREAD', data)
    case 0x00030000:
      return answer('trap', 'the thread gets SIGSYS, which it may handle', 'SECCOMP_RET_TRAP', data)
    case 0x00050000:
      return errnoAnswer(data)
    case 0x7fc00000:
      return answer('user_notif', 'the holder of the listener decides; ENOSYS without one', userNotif, data)
    case 0x7ff00000:
      return answer('trace', 'a tracer decides; ENOSYS without one', 'SECCOMP_RET_TRACE', data)
    case 0x7ffc0000:
      return answer('log', 'allowed, with an audit record', 'SECCOMP_RET_LOG', data)
    case 0x7fff0000:
      return answer('allow', 'allowed', 'SECCOMP_RET_ALLOW', data)
    default: {
      const hex = `0x${value.toString(16).padStart(8, '0')}`
      return { name: hex, words: 'no action that the kernel knows: the process is ended', constant: hex }
    }
  }
}

const userNotif = 'SECCOMP_RET_USER_NOTIF'

/** Whether the call takes place. */
export function letsThrough(value: number): boolean {
  const name = answerOf(value).name
  return name === 'allow' || name === 'log'
}

function answer(name: string, words: string, constant: string, data: number): Answer {
  return { name, words, constant: data === 0 ? constant : `${constant} | ${data}` }
}

/** MAX_ERRNO of the kernel: more is cut to it. */
const errnoMax = 4095

function errnoAnswer(data: number): Answer {
  const errno = Math.min(data, errnoMax)
  const name = errno === 0 ? 'success' : (errnoName(errno) ?? `errno ${errno}`)
  const words = errno === 0 ? 'not done, and reported as success' : `fails with ${name}`
  return { name, words, constant: `SECCOMP_RET_ERRNO | ${data}` }
}
