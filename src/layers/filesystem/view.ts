import { comparePaths, directoriesAbove, isWithin } from '../../core/path.js'
import type { DeniedPath, Grant, ResolvedFilesystem } from '../../policy/resolved.js'
import { fileType, grantAttributes, mountAttribute } from './attributes.js'
import { baseView } from './base-view.js'
import { withMountPoints, type Placing } from './mount-points.js'
import type { Bind, CreateRoot, EnterRoot, MakeDirectory, MakeFile, MakeSymlink, MountTmpfs, PinFile } from './steps.js'

export type FilesystemStep = Placing | CreateRoot | EnterRoot | MakeDirectory

/** Directories, links and the pinned files; nobody can write here once the root is read-only. */
const rootBytes = 4n << 20n
const { readOnly, noSuid, noDev, noExec } = mountAttribute
const nothingAllowed = readOnly | noSuid | noDev | noExec

/**
 * The mount view: an empty root, then everything in it from the outside in, so that what lies deeper is mounted over
 * what lies above it. A directory or file to mount on is made only where no earlier mount brings one.
 */
export function lower(resolved: ResolvedFilesystem): readonly FilesystemStep[] {
  const grants = mountedGrants(resolved.grants)
  const placings = [
    ...baseView(resolved.tmpBytes),
    ...grants.map(bindGrant),
    ...resolved.symlinks.map(({ path, target }): MakeSymlink => {
      return { op: 'filesystem.make-symlink', origin: 'filesystem', target: path, content: target }
    }),
    ...resolved.pinned.map((file) => pinOrMake(file, grants)),
    ...held(resolved, grants),
    ...resolved.protected.map((path) => bindReadOnly(path, grants)),
    ...resolved.denied.map(coverDenied),
  ]
  // toSorted is stable: on one path a grant is bound first, then what covers it.
  const sorted = placings.toSorted((left, right) => comparePaths(left.target, right.target))
  return [
    { op: 'filesystem.create-root', origin: 'filesystem', sizeBytes: rootBytes },
    ...withMountPoints(sorted),
    { op: 'filesystem.enter-root', origin: 'filesystem' },
  ]
}

/** Grants add up, so one inside another needs a mount of its own only if the outer one refuses what it allows. */
function mountedGrants(grants: readonly Grant[]): readonly Grant[] {
  const byPath = new Map(grants.map((grant) => [grant.path, grant]))
  return grants.filter((grant) => {
    const outer = directoriesAbove(grant.path)
      .flatMap((directory) => byPath.get(directory) ?? [])
      .at(-1)
    if (outer === undefined) return true
    return (grant.write && !outer.write) || (grant.map && !outer.map)
  })
}

function bindGrant(grant: Grant): Bind {
  return {
    op: 'filesystem.bind',
    origin: grant.key,
    source: grant.path,
    target: grant.path,
    type: fileType(grant.kind),
    attributes: grantAttributes(grant),
  }
}

function pinOrMake(
  { key, path, content }: ResolvedFilesystem['pinned'][number],
  grants: readonly Grant[],
): PinFile | MakeFile {
  const fields = { origin: key, target: path, mode: 0o444, content: new TextEncoder().encode(content) }
  const isGranted = grants.some((grant) => isWithin(path, grant.path))
  return isGranted ? { op: 'filesystem.pin-file', ...fields } : { op: 'filesystem.make-file', ...fields }
}

/**
 * A directory between a writable mount and something mounted inside it could be renamed away, and another one put in
 * its place. Bound onto itself it is a mount point, which rename(2) refuses with EBUSY.
 */
function held({ denied, protected: own }: ResolvedFilesystem, grants: readonly Grant[]): readonly Bind[] {
  const directories = [...denied, ...own].flatMap(({ path }) =>
    directoriesAbove(path).flatMap((directory) => {
      const grant = innermost(directory, grants)
      if (grant === undefined || !grant.write || grant.path === directory) return []
      // What is covered read-only cannot be renamed, and a writable mount in it would open it again.
      return own.some(({ path: covered }) => isWithin(directory, covered)) ? [] : [{ ...grant, path: directory }]
    }),
  )
  const unique = new Map(directories.map((directory) => [directory.path, directory]))
  return [...unique.values()].map((directory) => bindGrant({ ...directory, kind: 'directory' }))
}

function innermost(path: string, grants: readonly Grant[]): Grant | undefined {
  return grants.filter((grant) => isWithin(path, grant.path)).at(-1)
}

function bindReadOnly({ key, path, kind }: DeniedPath, grants: readonly Grant[]): Bind {
  const map = innermost(path, grants)?.map ?? false
  return {
    op: 'filesystem.bind',
    origin: key,
    source: path,
    target: path,
    type: fileType(kind),
    attributes: grantAttributes({ write: false, map }),
  }
}

/** Mode 0 of the program's own uid: it is refused to read, and a read-only mount refuses it to chmod(2). */
function coverDenied({ key, path, kind }: DeniedPath): MountTmpfs | PinFile {
  if (kind !== 'directory') {
    return { op: 'filesystem.pin-file', origin: key, target: path, mode: 0, content: new Uint8Array() }
  }
  return {
    op: 'filesystem.mount-tmpfs',
    origin: key,
    target: path,
    mode: 0,
    // Zero would mean no limit; nothing can be written there anyway.
    sizeBytes: 4096n,
    attributes: nothingAllowed,
  }
}
