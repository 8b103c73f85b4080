import { isWithin } from '../core/path.js'
import { isNeverGranted } from '../layers/never-granted.js'
import type { CompiledPlan } from './compile.js'
import { answerOf, depends, lets, refuses, type Answer, type Verdict } from './explain-answer.js'
import { askFilters, constant, nativeArch } from './explain-filter.js'
import { askPath } from './explain-landlock.js'
import type { Host, Mount, Node, User, View } from './explain-node.js'
import { userOf, viewOf } from './explain-view.js'
import { may, walk, type Walk } from './explain-walk.js'

/** `write` is to open for writing; in a directory, or where nothing stands, it is to make a file there. */
export type Access = 'read' | 'write' | 'exec'

/** Whether the program may read, write or start what stands at `path`, and what it finds in errno if not. */
export function explainPath(plan: CompiledPlan, path: string, access: Access, host: Host): Answer {
  const start = plan.steps.find((step) => step.op === 'process.change-directory')?.path ?? '/'
  const absolute = path.startsWith('/') ? path : `${start}/${path}`
  const asked = plainPath(absolute)
  const context = { plan, host, view: viewOf(plan, host), user: userOf(plan), access, asked }
  const looked = walk(context.view, absolute, context.user)
  const named = asksForDirectory(context, absolute, looked)
    ? [refuses('kernel', 'EISDIR', namesDirectory, '', null)]
    : []
  return answerOf([...callVerdicts(context, looked), ...named, ...verdictsOn(context, looked)])
}

interface Context {
  readonly plan: CompiledPlan
  readonly host: Host
  readonly view: View
  readonly user: User
  readonly access: Access
  /** The path of the question, absolute and without dots, as a policy would spell it. */
  readonly asked: string
}

function plainPath(path: string): string {
  const parts = path.split('/').reduce<readonly string[]>((before, part) => {
    if (part === '' || part === '.') return before
    return part === '..' ? before.slice(0, -1) : [...before, part]
  }, [])
  return `/${parts.join('/')}`
}

const namesDirectory = 'a name that ends with a slash is no name for a new file'

/** open(2) with O_CREAT looks at the name before it follows it (open_last_lookups of fs/namei.c). */
function asksForDirectory({ access, view, user }: Context, path: string, looked: Walk): boolean {
  if (access !== 'write' || !path.endsWith('/') || !isMissing(looked)) return false
  const parent = walk(view, path.replace(/[^/]+\/+$/, '.'), user)
  return parent.end === 'found'
}

function isMissing(looked: Walk): boolean {
  return looked.end === 'absent' || (looked.end === 'stopped' && looked.errno === 'ENOENT')
}

/** The filter is asked before the kernel looks at the path. */
function callVerdicts({ plan, access }: Context, looked: Walk): readonly Verdict[] {
  const arch = nativeArch(plan)
  const isDirectory = looked.end === 'found' && looked.node.kind === 'directory'
  const open = (...flags: readonly string[]): readonly Verdict[] => {
    const bits = flags.reduce((all, flag) => all | constant(flag, arch), constant('O_CLOEXEC', arch))
    return askFilters(plan, { name: 'openat', arch, args: [constant('AT_FDCWD', arch), 0n, bits] }, null)
  }
  const ask = (name: string) => askFilters(plan, { name, arch, args: [] }, null)
  const asked = {
    read: () => (isDirectory ? [open('O_DIRECTORY'), ask('getdents64')] : [open('O_RDONLY')]),
    write: () => [isDirectory || isMissing(looked) ? open('O_WRONLY', 'O_CREAT') : open('O_WRONLY')],
    exec: () => [ask('execve')],
  }[access]()
  return asked.flat()
}

function verdictsOn(context: Context, looked: Walk): readonly Verdict[] {
  const { access } = context
  switch (looked.end) {
    case 'unknown':
      return [depends('kernel', `${looked.at} leads wherever the process that looks has it`)]
    case 'stopped':
      return [stopped(context, looked)]
    case 'absent':
      if (access === 'write') return makeFile(context, looked.parent, looked.parentPath, looked.path)
      return [absent(context, looked.path, looked.parent.mount)]
    case 'found':
      switch (access) {
        case 'read':
          return readNode(context, looked.node, looked.path)
        case 'write':
          if (looked.node.kind === 'directory') return makeFile(context, looked.node, looked.path, `${looked.path}/`)
          return writeNode(context, looked.node, looked.path)
        case 'exec':
          return startNode(context, looked.node, looked.path, 0)
      }
  }
}

function stopped(context: Context, { errno, at, node }: Extract<Walk, { end: 'stopped' }>): Verdict {
  if (errno === 'ENOENT') return absent(context, at, null)
  if (errno !== 'EACCES') return refuses('kernel', errno, `${at} stops the lookup`, '', null)
  if (node === null) return refuses('permissions', errno, `the caller may not look at ${at}`, '', null)
  return forbidden(context, node, at, 'searched')
}

function absent(context: Context, path: string, mount: Mount | null): Verdict {
  const { plan, asked } = context
  if (mount?.what === 'bind' || mount?.what === 'host') {
    return refuses('filesystem', 'ENOENT', `${path} does not exist on this host either`, mount.origin, null)
  }
  if (isNeverGranted(asked)) {
    return refuses('filesystem', 'ENOENT', `${path} is not in the view, and cannot be granted`, 'filesystem', null)
  }
  const text = `nothing is mounted at ${path}`
  const isTmp = ['/tmp', '/dev/shm'].some((tmp) => isWithin(path, tmp))
  const isThere = context.host.look(asked) !== 'absent'
  if (isTmp && !isThere && !plan.steps.some(({ origin }) => origin === 'filesystem.tmp')) {
    return refuses('filesystem', 'ENOENT', text, 'filesystem.tmp', 'set filesystem.tmp: 64M')
  }
  return refuses('filesystem', 'ENOENT', text, 'filesystem', grantOfAsked(context))
}

/** To grant what was asked for, or the directory in which it is to be made; null: this host has neither. */
function grantOfAsked({ host, access, asked }: Context): string | null {
  const key = { read: 'filesystem.read', write: 'filesystem.write', exec: 'filesystem.exec' }[access]
  const above = asked.slice(0, Math.max(asked.lastIndexOf('/'), 1))
  const path = [asked, ...(access === 'write' ? [above] : [])].find((one) => host.look(one) !== 'absent')
  return path === undefined ? null : grant(key, path)
}

/** Permission bits refuse: those of a denied path's cover are ours, all others are the host's. */
function forbidden({ user }: Context, { mount, mode, uid, gid }: Node, path: string, done: string): Verdict {
  const isCover = mode === 0 && (mount.what === 'tmpfs' || mount.what === 'pinned')
  if (isCover) {
    const change = `take ${mount.target} out of filesystem.deny`
    return refuses(
      'filesystem',
      'EACCES',
      `${mount.target} is covered by an empty place of mode 0`,
      mount.origin,
      change,
    )
  }
  const owner = `owner ${uid}:${gid}, mode ${mode.toString(8).padStart(4, '0')}`
  return refuses('permissions', 'EACCES', `${path} may not be ${done} by ${user.uid}:${user.gid} (${owner})`, '', null)
}

function readNode(context: Context, node: Node, path: string): readonly Verdict[] {
  const { plan, user } = context
  const right = node.kind === 'directory' ? 'read_dir' : 'read_file'
  return [
    ...(may('read', node, user) ? [] : [forbidden(context, node, path, 'read')]),
    ...listed(askPath(plan, right, path, grant('filesystem.read', path))),
    ...(node.kind === 'socket' ? [refuses('kernel', 'ENXIO', `${path} is a socket`, '', null)] : []),
    lets('filesystem', `${path} is in the view`, node.mount.origin),
  ]
}

/** do_open of fs/namei.c: permission bits first, then the mount, then the security modules. */
function writeNode(context: Context, node: Node, path: string): readonly Verdict[] {
  const { plan, user } = context
  const special = node.kind !== 'file'
  return [
    ...(may('write', node, user) ? [] : [forbidden(context, node, path, 'written')]),
    ...(node.mount.readOnly && !special ? [readOnly(node.mount, path)] : []),
    ...listed(askPath(plan, 'write_file', path, grant('filesystem.write', path))),
    ...(node.kind === 'socket' ? [refuses('kernel', 'ENXIO', `${path} is a socket`, '', null)] : []),
    lets('filesystem', `${path} is mounted for writing`, node.mount.origin),
  ]
}

/** may_o_create of fs/namei.c: the mount, then Landlock, then the permission bits of the directory. */
function makeFile(context: Context, parent: Node, parentPath: string, path: string): readonly Verdict[] {
  const { plan, user } = context
  // The name is looked up before anything is made: with search permission, and procfs answers that itself.
  if (!may('execute', parent, user)) return [forbidden(context, parent, parentPath, 'searched')]
  if (parent.mount.what === 'proc') return [refuses('kernel', 'ENOENT', 'procfs holds processes only', '', null)]
  const change = grant('filesystem.write', parentPath)
  return [
    ...(parent.mount.readOnly ? [readOnly(parent.mount, parentPath)] : []),
    ...listed(askPath(plan, 'make_reg', parentPath, change)),
    ...(may('write', parent, user) ? [] : [forbidden(context, parent, parentPath, 'written')]),
    ...listed(askPath(plan, 'write_file', path, change)),
    lets('filesystem', `${parentPath} is mounted for writing`, parent.mount.origin),
  ]
}

/** `#!` lines and loaders are opened by the kernel under the same rules; execve(2) goes through at most six. */
const interpretersMax = 6

function startNode(context: Context, node: Node, path: string, depth: number): readonly Verdict[] {
  const { plan, user, host } = context
  if (node.kind !== 'file') return [refuses('kernel', 'EACCES', `${path} is no file`, '', null)]
  const change = grant('filesystem.exec', path)
  const own: readonly Verdict[] = [
    ...(node.mount.noExec
      ? [refuses('filesystem', 'EACCES', `${path} is mounted noexec`, node.mount.origin, change)]
      : []),
    ...(may('execute', node, user) ? [] : [forbidden(context, node, path, 'executed')]),
    ...listed(askPath(plan, 'execute', path, change)),
    lets('filesystem', `${path} is in the view`, node.mount.origin),
  ]
  const program = node.hostPath === null ? ({ format: 'none' } as const) : host.program(node.hostPath)
  if (program.format === 'none') return [...own, refuses('kernel', 'ENOEXEC', `${path} is no program`, '', null)]
  if (program.interpreter === null) return own
  if (depth === interpretersMax) return [...own, refuses('kernel', 'ELOOP', `${path}: too many interpreters`, '', null)]
  const looked = walk(context.view, program.interpreter, user)
  if (looked.end === 'found') return [...own, ...startNode(context, looked.node, looked.path, depth + 1)]
  return [...own, ...verdictsOn(context, looked)]
}

function readOnly({ origin, what, target }: Mount, path: string): Verdict {
  // Bound read-only inside a write grant: the policy, its bases, or a file of Palisade.
  const isOwn = what === 'bind' && origin.startsWith('filesystem.write')
  const text = isOwn
    ? `${target} belongs to the policy or to Palisade: never writable`
    : `${target} is mounted read-only`
  return refuses('filesystem', 'EROFS', text, origin, isOwn ? null : grant('filesystem.write', path))
}

function grant(key: string, path: string): string | null {
  return isNeverGranted(path) ? null : `add ${path} to ${key}`
}

function listed(verdict: Verdict | null): readonly Verdict[] {
  return verdict === null ? [] : [verdict]
}
