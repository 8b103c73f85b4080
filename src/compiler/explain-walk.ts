import type { Node, Rights, User, View } from './explain-node.js'

/** Where a lookup in the view ends. Paths are without symlinks. */
export type Walk =
  | { readonly end: 'found'; readonly path: string; readonly node: Node }
  /** Only the last component is missing: it could be made in `parent`. */
  | { readonly end: 'absent'; readonly path: string; readonly parent: Node; readonly parentPath: string }
  /** `at`: the component that stops it; `node`: what stands there, if anything does. */
  | { readonly end: 'stopped'; readonly errno: string; readonly at: string; readonly node: Node | null }
  | { readonly end: 'unknown'; readonly at: string }

/** As many as the kernel follows in one lookup (path_resolution(7)). */
const symlinksMax = 40

/** Looks `path` up as the kernel does: search permission on each directory, symlinks followed, also the last one. */
export function walk(view: View, path: string, user: User): Walk {
  let rest = path.split('/')
  let here = '/'
  let node = view(here)
  let followed = 0
  while (rest.length > 0) {
    const [part = '', ...after] = rest
    rest = after
    if (node === 'unknown') return { end: 'unknown', at: here }
    if (typeof node === 'string') return { end: 'stopped', errno: 'ENOENT', at: here, node: null }
    if (part === '' && rest.length > 0) continue
    if (part === '' && here === '/') continue
    if (node.kind !== 'directory') return { end: 'stopped', errno: 'ENOTDIR', at: here, node }
    if (part === '') continue
    if (!may('execute', node, user)) return { end: 'stopped', errno: 'EACCES', at: here, node }
    if (part === '.') continue
    if (part === '..') {
      here = here.slice(0, Math.max(here.lastIndexOf('/'), 1))
      node = view(here)
      continue
    }
    const parentPath = here
    const parent = node
    const next = here === '/' ? `/${part}` : `${here}/${part}`
    const found = view(next)
    if (found === 'refused') return { end: 'stopped', errno: 'EACCES', at: next, node: null }
    if (found === 'absent') {
      if (rest.every((one) => one === '')) return { end: 'absent', path: next, parent, parentPath }
      return { end: 'stopped', errno: 'ENOENT', at: next, node: null }
    }
    if (found === 'unknown') return { end: 'unknown', at: next }
    if (found.kind !== 'symlink') {
      here = next
      node = found
      continue
    }
    followed += 1
    if (followed > symlinksMax) return { end: 'stopped', errno: 'ELOOP', at: next, node: found }
    if (found.target.startsWith('/')) {
      here = '/'
      node = view(here)
    }
    rest = [...found.target.split('/'), ...rest]
  }
  if (node === 'unknown') return { end: 'unknown', at: here }
  if (typeof node === 'string') return { end: 'stopped', errno: 'ENOENT', at: here, node: null }
  return { end: 'found', path: here, node }
}

const bits = { read: 4, write: 2, execute: 1 } as const satisfies Record<keyof Rights, number>

/** Whether the permission bits let a user without capabilities (inode_permission of fs/namei.c). */
export function may(right: keyof Rights, { uid, gid, mode, mine }: Node, user: User): boolean {
  if (mine !== null) return mine[right]
  const own = uid === user.uid ? mode >> 6 : gid === user.gid ? mode >> 3 : mode
  return (own & bits[right]) !== 0
}
