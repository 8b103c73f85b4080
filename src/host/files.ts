/** What Palisade looks at on the host before a launch, all through one interface, so that a witness can note it. */
import { errorCode } from '../core/error-code.js'
import { HostError } from '../core/errors.js'
import { accessSync, closeSync, constants, fstatSync, lstatSync, openSync, readlinkSync, readSync } from 'node:fs'

/** What lstat(2) says of a path. */
export interface Node {
  readonly type: NodeType
  readonly uid: number
  readonly gid: number
  /** Permission bits, 0o7777. */
  readonly mode: number
  readonly links: number
}
export type NodeType = 'directory' | 'file' | 'symlink' | 'device' | 'socket' | 'fifo'

export interface Files {
  /** lstat(2); null: nothing is there. Throws what node:fs throws otherwise. */
  look(path: string): Node | null
  /** readlink(2). */
  target(path: string): string
  /** access(2): whether the caller may write there. */
  mayWrite(path: string): boolean
  /** The first `length` bytes of whatever can be read there. Throws what node:fs throws. */
  read(path: string, length: number): Buffer
  /** `length` bytes of a regular file from `offset` on, fewer where it ends; null: it is none, or may not be read. */
  piece(path: string, offset: number, length: number): Buffer | null
}

/** The host's files as they are. */
export const hostFiles: Files = { look, target: (path) => readlinkSync(path), mayWrite, read, piece }

function look(path: string): Node | null {
  try {
    // An error for each name that is not there would cost more than the look.
    const stats = lstatSync(path, { throwIfNoEntry: false })
    if (stats === undefined) return null
    const { uid, gid, mode, nlink } = stats
    return { type: typeOf(mode), uid, gid, mode: mode & 0o7777, links: nlink }
  } catch (error) {
    if (errorCode(error) === 'ENOTDIR') return null
    throw error
  }
}

function typeOf(mode: number): NodeType {
  switch (mode & constants.S_IFMT) {
    case constants.S_IFDIR:
      return 'directory'
    case constants.S_IFREG:
      return 'file'
    case constants.S_IFLNK:
      return 'symlink'
    case constants.S_IFSOCK:
      return 'socket'
    case constants.S_IFIFO:
      return 'fifo'
    default:
      return 'device'
  }
}

function mayWrite(path: string): boolean {
  try {
    accessSync(path, constants.W_OK)
    return true
  } catch (error) {
    const code = errorCode(error)
    if (code === 'EACCES' || code === 'EROFS' || code === 'EPERM' || code === 'ETXTBSY') return false
    throw error
  }
}

function read(path: string, length: number): Buffer {
  const descriptor = openSync(path, constants.O_RDONLY)
  try {
    return readUpTo(descriptor, null, length)
  } finally {
    closeSync(descriptor)
  }
}

function piece(path: string, offset: number, length: number): Buffer | null {
  const descriptor = openReadable(path)
  if (descriptor === null) return null
  try {
    // A device or a fifo could hang or have no end.
    return fstatSync(descriptor).isFile() ? readUpTo(descriptor, offset, length) : null
  } finally {
    closeSync(descriptor)
  }
}

function openReadable(path: string): number | null {
  try {
    return openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY)
  } catch (error) {
    // A program may be executable without being readable.
    if (errorCode(error) === 'EACCES' || errorCode(error) === 'EPERM') return null
    throw error
  }
}

/** A pipe and procfs give less at a time than they have. */
function readUpTo(descriptor: number, offset: number | null, length: number): Buffer {
  const pieces: Buffer[] = []
  for (let done = 0; done < length;) {
    // Most of what is read is short.
    const next = Buffer.allocUnsafe(Math.min(length - done, done === 0 ? 4096 : 65_536))
    const count = readSync(descriptor, next, 0, next.length, offset === null ? null : offset + done)
    if (count === 0) break
    pieces.push(next.subarray(0, count))
    done += count
  }
  return pieces.length === 1 && pieces[0] !== undefined ? pieces[0] : Buffer.concat(pieces)
}

/** The whole text of a file. Throws what node:fs throws, and `HostError` when it has more than 1 MiB. */
export function readText(path: string, files: Files): string {
  const bytes = files.read(path, textBytesMax + 1)
  if (bytes.length <= textBytesMax) return bytes.toString('utf8')
  throw new HostError('', `${path} of up to 1 MiB`, 'more', 'make it shorter')
}

const textBytesMax = 1 << 20
