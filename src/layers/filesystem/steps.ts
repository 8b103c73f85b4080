import { step, type StepOf } from '../../plan/step.js'

/** An empty tmpfs that will become the root; until `enter-root` every target is resolved inside it. */
export const createRoot = step('filesystem.create-root', 'init', { sizeBytes: 'u64' })
export type CreateRoot = StepOf<typeof createRoot>

export const makeDirectory = step('filesystem.make-directory', 'init', { target: 'path', mode: 'u32' })
export type MakeDirectory = StepOf<typeof makeDirectory>

export const makeSymlink = step('filesystem.make-symlink', 'init', { target: 'path', content: 'text' })
export type MakeSymlink = StepOf<typeof makeSymlink>

export const makeFile = step('filesystem.make-file', 'init', { target: 'path', mode: 'u32', content: 'bytes' })
export type MakeFile = StepOf<typeof makeFile>

/** Clones the mounts at `source` with all below, sets `attributes` (MOUNT_ATTR_*) on each, and attaches them. */
export const bind = step('filesystem.bind', 'init', {
  source: 'path',
  target: 'path',
  /** S_IFMT bits that the source must have: what was granted is what gets mounted. */
  type: 'u32',
  attributes: 'u64',
})
export type Bind = StepOf<typeof bind>

/** Mounts a read-only file of fixed content over an existing one. */
export const pinFile = step('filesystem.pin-file', 'init', { target: 'path', mode: 'u32', content: 'bytes' })
export type PinFile = StepOf<typeof pinFile>

export const mountTmpfs = step('filesystem.mount-tmpfs', 'init', {
  target: 'path',
  mode: 'u32',
  sizeBytes: 'u64',
  attributes: 'u64',
})
export type MountTmpfs = StepOf<typeof mountTmpfs>

/** procfs of the sandbox's own pid namespace, `subset=pid`. */
export const mountProc = step('filesystem.mount-proc', 'init', { target: 'path' })
export type MountProc = StepOf<typeof mountProc>

/** Makes the new root read-only, pivots into it and detaches everything else. */
export const enterRoot = step('filesystem.enter-root', 'init', {})
export type EnterRoot = StepOf<typeof enterRoot>
