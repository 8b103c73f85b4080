import { loaderOf, type ReadAt } from './elf.js'
import type { Files } from './files.js'

/** BINPRM_BUF_SIZE: the kernel looks at so much of a file to tell what it is (execve(2)). */
const headBytes = 256

/**
 * What execve(2) opens besides the file: the interpreter of a `#!` line, or the dynamic loader of an ELF file; none
 * when the file cannot be read, is neither, or is malformed: then execve(2) refuses it, or Landlock refuses what it
 * names.
 */
export function readInterpreters(path: string, files: Files): readonly string[] {
  if (files.piece(path, 0, headBytes) === null) return []
  const interpreter = interpreterOf((offset, length) => files.piece(path, offset, length) ?? Buffer.alloc(0))
  return interpreter === null ? [] : [interpreter]
}

/** The interpreter that the content of a file names. */
export function interpreterOf(read: ReadAt): string | null {
  const head = read(0, headBytes)
  if (head.subarray(0, 2).toString('latin1') === '#!') return shebang(head)
  if (head.subarray(0, 4).toString('latin1') === '\x7fELF') return loaderOf(head, read)
  return null
}

/** `#!` blanks, path, then at most one argument. */
function shebang(head: Buffer): string | null {
  const newline = head.indexOf('\n')
  const line = head.subarray(2, newline === -1 ? head.length : newline).toString('utf8')
  const [path = ''] = line.replace(/^[ \t]+/, '').split(/[ \t\0]/, 1)
  return path === '' ? null : path
}
