import { assertNever } from '../../core/assert-never.js'
import { directoriesAbove, isWithin } from '../../core/path.js'
import type { PolicyKey } from '../../core/policy-key.js'
import { fileType } from './attributes.js'
import type { Bind, MakeDirectory, MakeFile, MakeSymlink, MountProc, MountTmpfs, PinFile } from './steps.js'

/** A step that puts something at `target`. */
export type Placing = Bind | MakeFile | MakeSymlink | MountProc | MountTmpfs | PinFile

/** Puts before each step the directories and the file that it needs and that nothing brings yet. */
export function withMountPoints(placings: readonly Placing[]): readonly (Placing | MakeDirectory)[] {
  const steps: (Placing | MakeDirectory)[] = []
  const made = new Set<string>()
  const brought: string[] = []
  for (const placing of placings) {
    const missing = (path: string) => !made.has(path) && !brought.some((mount) => isWithin(path, mount))
    for (const directory of directoriesAbove(placing.target).filter(missing)) {
      steps.push(makeDirectory(placing.origin, directory))
      made.add(directory)
    }
    if (missing(placing.target)) steps.push(...mountPoint(placing))
    steps.push(placing)
    made.add(placing.target)
    if (placing.op === 'filesystem.bind') brought.push(placing.target)
  }
  return steps
}

function mountPoint(placing: Placing): readonly (MakeDirectory | MakeFile)[] {
  const { origin, target } = placing
  switch (placing.op) {
    case 'filesystem.mount-proc':
    case 'filesystem.mount-tmpfs':
      return [makeDirectory(origin, target)]
    case 'filesystem.bind':
      if (placing.type === fileType('directory')) return [makeDirectory(origin, target)]
      return [{ op: 'filesystem.make-file', origin, target, mode: 0o444, content: new Uint8Array() }]
    case 'filesystem.make-file':
    case 'filesystem.make-symlink':
    case 'filesystem.pin-file':
      return []
    default:
      return assertNever(placing)
  }
}

function makeDirectory(origin: PolicyKey, target: string): MakeDirectory {
  return { op: 'filesystem.make-directory', origin, target, mode: 0o755 }
}
