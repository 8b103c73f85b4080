/** The guest as a host of sandboxes: its files, its addresses, and what the compiler is told of both. */
import { compile, type CompileOptions } from '../../src/compiler/compile.js'
import { questionsOf } from '../../src/compiler/questions.js'
import { factsOf, type Tree } from '../../src/host/fixtures/made-up-host.js'
import { encodePlan } from '../../src/plan/codec.js'
import { parsePolicyObject } from '../../src/policy/load.js'
import { variablesOf } from '../../src/policy/variables.js'
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
  secret: '/srv/secret',
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
      { path: top, content: 'directory', uid: owner },
      { path: `${top}/file`, content: { text: 'content\n' }, uid: owner },
      { path: `${top}/other`, content: 'directory', uid: owner },
      { path: `${top}/deny`, content: 'directory', uid: owner },
      { path: `${top}/deny/file`, content: { text: 'content\n' }, uid: owner },
    ]
  }),
]

/** The plan of a policy for the probe in `batch`, made here for the guest: a plan is data. */
export function planFor(
  guest: Guest,
  uid: Uid,
  policy: Readonly<Record<string, unknown>>,
  without: NonNullable<CompileOptions['without']> = [],
): Uint8Array {
  const caller = { uid, home: '/', directory: '/' }
  const loaded = parsePolicyObject({ version: 1, ...policy }, variablesOf(caller, new Map()))
  const tree = treeOf([...files, { path: paths.probe, content: { text: '' }, mode: 0o755 }])
  const facts = factsOf(
    {
      tree,
      links: {},
      facts: {
        arch: guest.arch,
        caller: { ...caller, gid: uid },
        landlock: guest.landlock,
        kernelMounts: ['/dev', '/proc', '/sys'],
      },
    },
    questionsOf(loaded.policy, paths.probe, []),
  )
  const command = { path: paths.probe, arguments: [paths.probe, 'batch'] }
  return encodePlan(compile(loaded, facts, command, { reportDescriptor: null, ownPaths: [], without }))
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
