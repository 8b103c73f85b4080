/** The guest's first file system: cpio(5) in its `newc` form, which the kernel unpacks (initramfs). */
import { readFileSync } from 'node:fs'

export interface GuestFile {
  /** Absolute in the guest; directories above it are made. */
  readonly path: string
  readonly content: { readonly file: string } | { readonly text: string } | { readonly bytes: Uint8Array } | 'directory'
  /** Permission bits; 0o644, and 0o755 for directories, by default. */
  readonly mode?: number
  /** 0 by default. */
  readonly uid?: number
}

const regular = 0o100000
const directory = 0o040000

/** One archive; the kernel takes several behind each other. */
export function archive(files: readonly GuestFile[]): Buffer {
  const made = new Set(['/'])
  const entries = files.flatMap((file) => [
    ...parents(file.path)
      .filter((path) => !made.has(path))
      .map((path) => (made.add(path), entry(path, directory | 0o755, 0, Buffer.alloc(0)))),
    ...(file.content === 'directory' ? (made.add(file.path), []) : []),
    entryOf(file),
  ])
  return Buffer.concat([...entries, entry('/TRAILER!!!', 0, 0, Buffer.alloc(0))])
}

function parents(path: string): readonly string[] {
  const parts = path.split('/').slice(1, -1)
  return parts.map((_, index) => `/${parts.slice(0, index + 1).join('/')}`)
}

function entryOf({ path, content, mode, uid = 0 }: GuestFile): Buffer {
  if (content === 'directory') return entry(path, directory | (mode ?? 0o755), uid, Buffer.alloc(0))
  return entry(path, regular | (mode ?? 0o644), uid, bytesOf(content))
}

export function bytesOf(content: Exclude<GuestFile['content'], 'directory'>): Buffer {
  if ('file' in content) return readFileSync(content.file)
  return 'text' in content ? Buffer.from(content.text) : Buffer.from(content.bytes)
}

let inode = 0

function entry(path: string, mode: number, uid: number, bytes: Buffer): Buffer {
  const name = Buffer.from(`${path.slice(1)}\0`)
  // ino, mode, uid, gid, nlink, mtime, filesize, devmajor, devminor, rdevmajor, rdevminor, namesize, check.
  const fields = [(inode += 1), mode, uid, uid, 1, 0, bytes.length, 0, 0, 0, 0, name.length, 0]
  const head = Buffer.from(`070701${fields.map((field) => field.toString(16).padStart(8, '0')).join('')}`)
  return Buffer.concat([padded(Buffer.concat([head, name])), padded(bytes)])
}

function padded(bytes: Buffer): Buffer {
  return Buffer.concat([bytes, Buffer.alloc((4 - (bytes.length % 4)) % 4)])
}
