/** The mount view of a plan as the program will find it: what stands at a path, and on which mount. */
import { isWithin } from '../core/path.js'
import { mountAttribute } from '../layers/filesystem/attributes.js'
import type { Plan } from '../plan/codec.js'
import type { Step } from '../plan/descriptors.js'
import type { Host, Mount, Node, Seen, User, View } from './explain-node.js'
import { lookAtProcess } from './explain-proc.js'

/** Whom the program runs as, outside. */
export function userOf({ steps }: Pick<Plan, 'steps'>): User {
  const clone = steps.find((step) => step.op === 'namespaces.clone')
  return { uid: clone?.uidOutside ?? 0, gid: clone?.gidOutside ?? 0 }
}

/** The view after all steps. A later step covers an earlier one, because it was done in the view that there was then. */
export function viewOf({ steps }: Pick<Plan, 'steps'>, host: Host): View {
  const user = userOf({ steps })
  const placed = steps.flatMap((step): readonly Placed[] => {
    const mount = mountOf(step)
    return mount !== null
      ? [{ step, mount, path: mount.target }]
      : isMade(step)
        ? [{ step, mount, path: step.target }]
        : []
  })
  return (path) => {
    const at = placed.findLastIndex(({ mount }) => mount !== null && isWithin(path, mount.target))
    const over = placed[at]
    if (over === undefined) return nodeOfHost(host.look(path), path, { ...nothing, what: 'host', target: '/' })
    if (over.mount === null) return 'absent'
    const { step, mount } = over
    const inside = path === mount.target ? '' : path.slice(mount.target === '/' ? 0 : mount.target.length)
    if (step.op === 'filesystem.bind') return nodeOfHost(host.look(step.source + inside), step.source + inside, mount)
    if (step.op === 'filesystem.mount-proc') return lookAtProcess(inside, { user, mount, host })
    if (step.op === 'filesystem.pin-file') return { ...plain, ...user, kind: 'file', mode: step.mode, mount }
    if (inside === '') {
      const mode = step.op === 'filesystem.mount-tmpfs' ? step.mode : 0o755
      return { ...plain, ...user, kind: 'directory', mode, mount }
    }
    const made = placed.findLast((one, index) => index > at && one.mount === null && one.path === path)?.step
    return made === undefined || !isMade(made) ? 'absent' : madeNode(made, user, mount)
  }
}

interface Placed {
  readonly step: Step
  readonly mount: Mount | null
  readonly path: string
}

const nothing = { origin: '', readOnly: false, noExec: false } as const
const plain = { target: '', mine: null, hostPath: null } as const

function mountOf(step: Step): Mount | null {
  if (step.op === 'filesystem.create-root') {
    // enter-root makes it read-only.
    return { what: 'root', target: '/', origin: step.origin, readOnly: true, noExec: false }
  }
  if (step.op === 'filesystem.bind' || step.op === 'filesystem.mount-tmpfs') {
    const what = step.op === 'filesystem.bind' ? 'bind' : 'tmpfs'
    const readOnly = (step.attributes & mountAttribute.readOnly) !== 0n
    const noExec = (step.attributes & mountAttribute.noExec) !== 0n
    return { what, target: step.target, origin: step.origin, readOnly, noExec }
  }
  if (step.op === 'filesystem.pin-file') {
    return { what: 'pinned', target: step.target, origin: step.origin, readOnly: true, noExec: true }
  }
  if (step.op === 'filesystem.mount-proc') {
    return { what: 'proc', target: step.target, origin: step.origin, readOnly: false, noExec: true }
  }
  return null
}

type Made = Extract<Step, { op: 'filesystem.make-directory' | 'filesystem.make-file' | 'filesystem.make-symlink' }>

function isMade(step: Step): step is Made {
  return ['filesystem.make-directory', 'filesystem.make-file', 'filesystem.make-symlink'].includes(step.op)
}

function madeNode(step: Made, user: User, mount: Mount): Node {
  const own = { ...plain, ...user, mount: { ...mount, origin: step.origin } }
  switch (step.op) {
    case 'filesystem.make-directory':
      return { ...own, kind: 'directory', mode: step.mode }
    case 'filesystem.make-file':
      return { ...own, kind: 'file', mode: step.mode }
    case 'filesystem.make-symlink':
      return { ...own, kind: 'symlink', mode: 0o777, target: step.content }
  }
}

function nodeOfHost(seen: Seen | 'absent' | 'refused', hostPath: string, mount: Mount): Node | 'absent' | 'refused' {
  if (typeof seen === 'string') return seen
  const { readOnly, noExec, ...rest } = seen
  const both = { ...mount, readOnly: mount.readOnly || readOnly, noExec: mount.noExec || noExec }
  return { ...rest, mount: both, hostPath }
}
