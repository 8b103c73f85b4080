import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs'
import { loaderOf, type ReadAt } from './elf.js'

/** BINPRM_BUF_SIZE: the kernel looks at so much of a file to tell what it is (execve(2)). */
const headBytes = 256

/**
 * What execve(2) opens besides the file: the interpreter of a `#!` line, or the dynamic loader of an ELF file; none
 * when the file cannot be read, is neither, or is malformed: then execve(2) refuses it, or Landlock refuses what it
 * names.
 */
export function readInterpreters(path: string): readonly string[] {
  const fd = openProgram(path)
  if (fd === null) return []
  try {
    // A device or a fifo could hang or have no end.
    if (!fstatSync(fd).isFile()) return []
    const interpreter = interpreterOf((offset, length) => readAt(fd, offset, length))
    return interpreter === null ? [] : [interpreter]
  } finally {
    closeSync(fd)
  }
}

/** The interpreter that the content of a file names. */
export function interpreterOf(read: ReadAt): string | null {
  const head = read(0, headBytes)
  if (head.subarray(0, 2).toString('latin1') === '#!') return shebang(head)
  if (head.subarray(0, 4).toString('latin1') === '\x7fELF') return loaderOf(head, read)
  return null
}

function openProgram(path: string): number | null {
  try {
    return openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY)
  } catch (error) {
    // A program may be executable without being readable.
    if (error instanceof Error && 'code' in error && (error.code === 'EACCES' || error.code === 'EPERM')) return null
    throw error
  }
}

function readAt(fd: number, offset: number, length: number): Buffer {
  const buffer = Buffer.alloc(length)
  return buffer.subarray(0, readSync(fd, buffer, 0, length, offset))
}

/** `#!` blanks, path, then at most one argument. */
function shebang(head: Buffer): string | null {
  const newline = head.indexOf('\n')
  const line = head.subarray(2, newline === -1 ? head.length : newline).toString('utf8')
  const [path = ''] = line.replace(/^[ \t]+/, '').split(/[ \t\0]/, 1)
  return path === '' ? null : path
}
