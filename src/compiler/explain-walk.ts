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
  return goOn(view, user, { here: '/', rest: componentsOf(path), links: 0 })
}

/** How far a lookup has come: `here` stands for a place without symlinks. */
interface Way {
  readonly here: string
  readonly rest: readonly string[]
  readonly links: number
}

function goOn(view: View, user: User, way: Way): Walk {
  const { here, rest } = way
  const node = view(here)
  if (node === 'unknown') return { end: 'unknown', at: here }
  if (typeof node === 'string') return stop('ENOENT', here, null)
  const [part, ...after] = rest
  if (part === undefined) return { end: 'found', path: here, node }
  if (node.kind !== 'directory') return stop('ENOTDIR', here, node)
  if (part === '') return goOn(view, user, { ...way, rest: after })
  if (!may('execute', node, user)) return stop('EACCES', here, node)
  if (part === '.') return goOn(view, user, { ...way, rest: after })
  if (part === '..') return goOn(view, user, { ...way, here: parentOf(here), rest: after })
  return enter(view, user, { ...way, rest: after }, node, part)
}

/** From the directory `parent` to what it calls `name`. */
function enter(view: View, user: User, { here, rest, links }: Way, parent: Node, name: string): Walk {
  const next = here === '/' ? `/${name}` : `${here}/${name}`
  const node = view(next)
  if (node === 'unknown') return { end: 'unknown', at: next }
  if (node === 'refused') return stop('EACCES', next, null)
  if (node === 'absent') {
    const isLast = rest.every((part) => part === '')
    return isLast ? { end: 'absent', path: next, parent, parentPath: here } : stop('ENOENT', next, null)
  }
  if (node.kind !== 'symlink') return goOn(view, user, { here: next, rest, links })
  if (links === symlinksMax) return stop('ELOOP', next, node)
  const from = node.target.startsWith('/') ? '/' : here
  return goOn(view, user, { here: from, rest: [...componentsOf(node.target), ...rest], links: links + 1 })
}

/** Doubled slashes are one; a slash at the end stays, as an empty component: it asks for a directory. */
function componentsOf(path: string): readonly string[] {
  return path.split('/').filter((part, index, all) => part !== '' || index === all.length - 1)
}

function parentOf(path: string): string {
  return path.slice(0, Math.max(path.lastIndexOf('/'), 1))
}

function stop(errno: string, at: string, node: Node | null): Walk {
  return { end: 'stopped', errno, at, node }
}

const bits = { read: 4, write: 2, execute: 1 } as const satisfies Record<keyof Rights, number>

/** Whether the permission bits let a user without capabilities (inode_permission of fs/namei.c). */
export function may(right: keyof Rights, { uid, gid, mode, mine }: Node, user: User): boolean {
  if (mine !== null) return mine[right]
  const own = uid === user.uid ? mode >> 6 : gid === user.gid ? mode >> 3 : mode
  return (own & bits[right]) !== 0
}
