import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs'

/** BINPRM_BUF_SIZE: the kernel looks at so much of a file to tell what it is (execve(2)). */
const headBytes = 256
/** The kernel refuses program headers of more than a page; PT_INTERP holds a path. */
const programHeadersMax = 4096
const pathBytesMax = 4096

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

/** Bytes of a file from an offset; fewer where the file ends. */
export type ReadAt = (offset: number, length: number) => Buffer

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

/** elf(5): finds PT_INTERP. Only little-endian files: there is no other on the architectures that we know. */
function loaderOf(head: Buffer, read: ReadAt): string | null {
  const layout = layoutOf(head)
  if (layout === null) return null
  const { tableOffset, entryBytes, entries, offsetAt, sizeAt, word } = layout
  const table = read(tableOffset, Math.min(entryBytes * entries, programHeadersMax))
  for (let start = 0; start + entryBytes <= table.length; start += entryBytes) {
    const entry = table.subarray(start, start + entryBytes)
    if (entry.readUInt32LE(0) !== interpreterSegment) continue
    const size = word(entry, sizeAt)
    if (size < 2 || size > pathBytesMax) return null
    const path = read(word(entry, offsetAt), size)
    // The kernel wants the closing NUL (ENOEXEC).
    return path.length === size && path[size - 1] === 0 ? path.subarray(0, path.indexOf(0)).toString('utf8') : null
  }
  return null
}

const interpreterSegment = 3

interface Layout {
  readonly tableOffset: number
  readonly entryBytes: number
  readonly entries: number
  /** Places of p_offset and p_filesz in an entry. */
  readonly offsetAt: number
  readonly sizeAt: number
  /** Reads a word of this class; what no file can be as large as becomes an empty read. */
  readonly word: (bytes: Buffer, at: number) => number
}

function layoutOf(head: Buffer): Layout | null {
  const [elfClass, encoding] = [head[4], head[5]]
  if (head.length < 64 || encoding !== 1) return null
  if (elfClass === 1) {
    const word = (bytes: Buffer, at: number): number => bytes.readUInt32LE(at)
    return layout(head, { word, tableAt: 28, sizesAt: 42, entryBytesMin: 32, offsetAt: 4, sizeAt: 16 })
  }
  if (elfClass === 2) {
    const word = (bytes: Buffer, at: number): number => Number(bytes.readBigUInt64LE(at))
    return layout(head, { word, tableAt: 32, sizesAt: 54, entryBytesMin: 56, offsetAt: 8, sizeAt: 32 })
  }
  return null
}

interface ClassLayout extends Pick<Layout, 'word' | 'offsetAt' | 'sizeAt'> {
  /** Places of e_phoff and of e_phentsize, which e_phnum follows. */
  readonly tableAt: number
  readonly sizesAt: number
  readonly entryBytesMin: number
}

function layout(head: Buffer, { word, tableAt, sizesAt, entryBytesMin, offsetAt, sizeAt }: ClassLayout): Layout | null {
  const tableOffset = word(head, tableAt)
  const entryBytes = head.readUInt16LE(sizesAt)
  if (entryBytes !== entryBytesMin || tableOffset > fileBytesMax) return null
  const bounded = (bytes: Buffer, at: number): number => Math.min(word(bytes, at), fileBytesMax)
  return { tableOffset, entryBytes, entries: head.readUInt16LE(sizesAt + 2), offsetAt, sizeAt, word: bounded }
}

/** 1 TiB: offsets beyond are no program's, and pread(2) takes no number above 2^63. */
const fileBytesMax = 2 ** 40
