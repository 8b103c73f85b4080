/** The guest as a host of sandboxes: its files, its addresses, and what the compiler is told of both. */
import type { CompileOptions } from '../../src/compiler/compile.js'
import { compileMadeUp } from '../../src/host/fixtures/compile-made-up.js'
import type { Tree } from '../../src/host/fixtures/made-up-host.js'
import { encodePlan } from '../../src/plan/codec.js'
import type { Step } from '../../src/plan/descriptors.js'
import type { GuestFile } from '../host/initramfs.js'
import type { Guest } from '../matrix.js'

/** Whom sandboxes are started by, and whom root's program runs as. */
export const uids = [0, 1000] as const
export type Uid = (typeof uids)[number]

export function programUid(uid: Uid): number {
  return uid === 0 ? 65534 : uid
}

export const paths = {
  probe: '/payload/probe',
  /** The same, with the C library's socket functions. */
  probeByLibrary: '/payload/probe-by-library',
  /** The same, as a program of the kernel's other table. */
  probeOfOther: '/payload/probe-of-other',
  secret: '/srv/secret',
  socket: '/srv/socket',
  read: '/srv/read',
  write: (uid: Uid) => `/srv/write-${uid}`,
} as const

/** What stands in every guest beside the programs. */
export const files: readonly GuestFile[] = [
  { path: '/etc/passwd', content: { text: 'root:x:0:0:::\nuser:x:1000:1000:::\nnobody:x:65534:65534:::\n' } },
  { path: '/etc/group', content: { text: 'root:x:0:\nuser:x:1000:\nnogroup:x:65534:\n' } },
  { path: '/etc/hosts', content: { text: '127.0.0.1 localhost\n' } },
  { path: '/etc/nsswitch.conf', content: { text: 'hosts: files dns\n' } },
  { path: paths.secret, content: { text: 'secret\n' }, mode: 0o666 },
  { path: `${paths.read}/file`, content: { text: 'content\n' }, mode: 0o666 },
  { path: '/srv/open', content: 'directory', mode: 0o777 },
  ...uids.flatMap((uid): GuestFile[] => {
    const top = paths.write(uid)
    const owner = programUid(uid)
    return [
      { path: `/srv/open/old-${uid}`, content: { text: 'content\n' } },
      { path: `/srv/open/old-directory-${uid}`, content: 'directory' },
      { path: top, content: 'directory', uid: owner },
      { path: `${top}/file`, content: { text: 'content\n' }, uid: owner },
      { path: `${top}/other`, content: 'directory', uid: owner },
      { path: `${top}/deny`, content: 'directory', uid: owner },
      { path: `${top}/deny/file`, content: { text: 'content\n' }, uid: owner },
    ]
  }),
]

export interface PlanOptions {
  readonly program?: string
  readonly without?: CompileOptions['without']
  readonly reportDescriptor?: number
  /** A defect that the plan gets: for tests of these tests. */
  readonly plant?: (steps: readonly Step[]) => readonly Step[]
}

/** The plan of a policy for a probe in `batch`, made here for the guest: a plan is data. */
export function planFor(
  guest: Guest,
  uid: Uid,
  policy: Readonly<Record<string, unknown>>,
  { program = paths.probe, without = [], reportDescriptor, plant = (same) => same }: PlanOptions = {},
): Uint8Array {
  const programs = [paths.probe, paths.probeByLibrary, paths.probeOfOther]
  const tree = treeOf([...files, ...programs.map((path) => ({ path, content: { text: '' }, mode: 0o755 }))])
  const plan = compileMadeUp(policy, {
    host: { tree, links: {}, facts: { kernelMounts: ['/dev', '/proc', '/sys'] } },
    facts: {
      arch: guest.arch,
      caller: { uid, gid: uid, home: '/', directory: '/' },
      landlock: guest.landlock,
    },
    command: [program, 'batch'],
    options: { without, reportDescriptor: reportDescriptor ?? null },
  })
  return encodePlan({ ...plan, steps: plant(plan.steps) })
}

function treeOf(all: readonly GuestFile[]): Tree {
  const tree: Record<string, Tree[string]> = { '/proc': ['directory', '0:0', 0o555] }
  for (const { path, content, mode, uid = 0 } of all) {
    for (let at = path.lastIndexOf('/'); at > 0; at = path.lastIndexOf('/', at - 1)) {
      tree[path.slice(0, at)] ??= ['directory', '0:0', 0o755]
    }
    const kind = content === 'directory' ? 'directory' : 'file'
    tree[path] = [kind, `${uid}:${uid}`, mode ?? (kind === 'directory' ? 0o755 : 0o644)]
  }
  return tree
}
