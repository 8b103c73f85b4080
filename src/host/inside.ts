import { accessSync, closeSync, constants, lstatSync, openSync, readlinkSync, readSync, type Stats } from 'node:fs'
import { errorCode, errorCodeOrThrow } from '../core/error-code.js'
import type { Host, Program, Rights, Seen, User } from '../compiler/explain-node.js'
import { hostFiles } from './files.js'
import { readInterpreters } from './interpreters.js'

/** The host's files, as a program that runs as `user` will find them on the mounts of its view. */
export function hostFor(user: User): Host {
  const isCaller = process.getuid?.() === user.uid && user.uid !== 0
  return { look: (path) => look(path, isCaller), program }
}

function look(path: string, isCaller: boolean): Seen | 'absent' | 'refused' {
  try {
    return seen(path, lstatSync(path), isCaller)
  } catch (error) {
    const code = errorCodeOrThrow(error)
    if (code === 'ENOENT' || code === 'ENOTDIR') return 'absent'
    if (code === 'EACCES') return 'refused'
    throw error
  }
}

function seen(path: string, stats: Stats, isCaller: boolean): Seen {
  const kind = kindOf(stats)
  const { uid, gid } = stats
  const mode = stats.mode & 0o7777
  const base = { kind, uid, gid, mode, target: kind === 'symlink' ? readlinkSync(path) : '' }
  if (kind === 'symlink') return { ...base, mine: null, readOnly: false, noExec: false }
  const rights: Rights = {
    read: access(path, constants.R_OK) === '',
    write: ['', 'EROFS'].includes(access(path, constants.W_OK)),
    execute: access(path, constants.X_OK) === '',
  }
  return {
    ...base,
    mine: isCaller ? rights : null,
    readOnly: access(path, constants.W_OK) === 'EROFS',
    // Root may execute what has any x bit, unless it lies on a noexec mount.
    noExec: process.getuid?.() === 0 && kind === 'file' && (mode & 0o111) !== 0 && !rights.execute,
  }
}

/** The errno of access(2), or nothing. */
function access(path: string, mode: number): string {
  try {
    accessSync(path, mode)
    return ''
  } catch (error) {
    return errorCodeOrThrow(error)
  }
}

function kindOf(stats: Stats): Seen['kind'] {
  if (stats.isDirectory()) return 'directory'
  if (stats.isFile()) return 'file'
  if (stats.isSymbolicLink()) return 'symlink'
  if (stats.isSocket()) return 'socket'
  return stats.isFIFO() ? 'fifo' : 'device'
}

/** What execve(2) does with a file. One that the caller cannot read may be a program all the same. */
function program(path: string): Program {
  const head = headOf(path)
  if (head === null) return { format: 'program', interpreter: null }
  const [interpreter = null] = readInterpreters(path, hostFiles)
  const isScript = head.startsWith('#!') && interpreter !== null
  return isScript || head === '\x7fELF' ? { format: 'program', interpreter } : { format: 'none' }
}

function headOf(path: string): string | null {
  try {
    const file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
    try {
      const head = Buffer.alloc(4)
      return head.subarray(0, readSync(file, head, 0, 4, 0)).toString('latin1')
    } finally {
      closeSync(file)
    }
  } catch (error) {
    if (errorCode(error) === 'EACCES') return null
    throw error
  }
}
