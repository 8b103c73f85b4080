import type { Problem } from '../../core/errors.js'
import { comparePaths, isWithin } from '../../core/path.js'
import type { PolicyKey } from '../../core/policy-key.js'
import type { HostFacts } from '../../host/facts.js'
import type {
  Command,
  DeniedPath,
  Grant,
  ResolvedFilesystem,
  ResolvedNetwork,
  ResolvedUser,
  Symlink,
} from '../../policy/resolved.js'
import type { LayerClaims, Resolution } from '../layer.js'
import { programFiles, type ProgramFile, type ProgramFiles } from '../program-files.js'
import { checkDenied, protect } from './carve.js'
import { checkMoves, checkPrograms, mergeGrants, type ImplicitProgram } from './grants.js'
import { believedByName, hide, type HiddenPath } from './hide.js'
import { checkKernelMounts } from './kernel-mounts.js'
import { locate, type Located } from './locate.js'
import { checkInterpreters, checkLinks } from './replaceable.js'
import { checkPinned, pinFiles } from './pinned.js'
import type { Policy } from '../../policy/policy.js'
import { missingSymlinks, symlinksOnTheWay } from './symlinks.js'
import { checkSearchable, type Destination } from './searchable.js'
import { checkWritable } from './writable.js'

export const claims: LayerClaims = {
  layer: 'filesystem',
  claims: [
    'filesystem.read',
    'filesystem.write',
    'filesystem.exec',
    'filesystem.deny',
    'filesystem.move',
    'filesystem.tmp',
  ],
}

/** The `filesystem` part of a parsed policy. */
export type FilesystemPolicy = Policy['filesystem']

/** What the file system needs to know of the rest of the policy. */
export interface FilesystemContext {
  readonly user: ResolvedUser
  readonly command: Command
  /** The name the command was found by, before symlinks. */
  readonly commandName: string
  readonly network: ResolvedNetwork
  /** The working directory as the policy spells it; null: the root. */
  readonly directory: string | null
  /** For /etc/passwd. */
  readonly home: string
  /** The policy, its bases and Palisade's own files, by the names used for them. */
  readonly ownPaths: readonly string[]
  /** Directories of Palisade's that nobody inside may see, whatever is granted. */
  readonly hiddenPaths: readonly HiddenPath[]
  /** `everything-read`: the policy promises `prot_exec`, so the program may load code from all it reads. */
  readonly mapping: 'programs' | 'everything-read'
}

/** Links of a merged /usr: programs and loaders are named through them. */
export const mergedUsrLinks = ['/bin', '/lib', '/lib32', '/lib64', '/libx32', '/sbin'] as const

/** Dynamic loaders of Linux libcs: whoever may start the programs of a directory may start these. */
export const standardLoaders = [
  '/lib/ld-linux-aarch64.so.1',
  '/lib/ld-linux.so.2',
  '/lib/ld-musl-aarch64.so.1',
  '/lib/ld-musl-i386.so.1',
  '/lib/ld-musl-x86_64.so.1',
  '/lib64/ld-linux-x86-64.so.2',
] as const

/** Finds what the policy grants and denies on this host: real paths, without contradictions. */
export function resolve(
  policy: FilesystemPolicy,
  host: HostFacts,
  context: FilesystemContext,
): Resolution<ResolvedFilesystem> {
  const read = locate('read', policy.read, host)
  const write = locate('write', policy.write, host)
  const exec = locate('exec', policy.exec, host)
  const deny = locate('deny', policy.deny, host)
  const move = locate('move', policy.move, host)

  const named = [...write.located, ...exec.located, ...read.located]
  const programs = implicitPrograms(exec.located, host, context)
  const grants = mergeGrants([...named, ...move.located], programs.files, context.mapping)
  const own = protect([...context.ownPaths, ...believedByName(context.hiddenPaths)], write.located, grants, host)
  const ours = hide(context.hiddenPaths, [...named, ...move.located], grants, host)
  const pinned = pinFiles(context.user, context.network, context.home, host)
  const denied = outermost([
    ...deny.located.map(({ key, facts }) => ({ key, path: facts.real, kind: facts.kind })),
    ...ours.hidden,
  ])
  const tmpBytes = policy.tmp ?? null
  const writable = { writes: write.located, covered: [...own.protected, ...denied] }
  const uses = [
    ...[...named, ...deny.located, ...move.located].map(({ key, spelled }) => ({ key, path: spelled })),
    ...(context.directory === null ? [] : [{ key: 'process.directory', path: context.directory }]),
    { key: 'command', path: context.commandName },
    ...programs.found.map(({ key, written }) => ({ key, path: written })),
  ]
  return {
    resolved: {
      grants,
      denied,
      protected: own.protected.filter(({ path }) => !denied.some((hidden) => isWithin(path, hidden.path))),
      symlinks: neededSymlinks([...named.map(({ spelled }) => spelled), ...programs.names], grants, host).filter(
        ({ path }) => !pinned.some((file) => file.path === path) && !(path === '/tmp' && tmpBytes !== null),
      ),
      pinned,
      tmpBytes,
    },
    problems: [
      ...[read, write, exec, deny, move].flatMap(({ problems }) => problems),
      ...programs.problems,
      ...checkPrograms(exec.located),
      ...checkMoves(move.located, write.located),
      ...checkWritable(write.located, context.user, host),
      ...checkSearchable(destinations(named, deny.located, programs.found, context, host), {
        shown: grants.filter(({ kind }) => kind === 'directory').map(({ path }) => path),
        // These are asked for more.
        told: write.located.map(({ facts }) => facts.real),
        user: context.user,
        host,
      }),
      ...checkDenied(deny.located, named, context.command),
      ...checkKernelMounts(named, deny.located, host),
      ...checkPinned(pinned, named, deny.located, host),
      ...checkTmp(named, tmpBytes),
      ...own.problems,
      ...ours.problems,
      ...checkLinks(uses, writable, host),
      ...checkInterpreters(
        programs.found,
        named,
        loaders(host).found.map(({ facts }) => facts.real),
        writable,
      ),
    ],
  }
}

/** Where mounts, rules, the working directory and the program are. */
function destinations(
  named: readonly Located[],
  denied: readonly Located[],
  programs: readonly (ProgramFile & { readonly key: PolicyKey })[],
  { command, directory }: FilesystemContext,
  host: HostFacts,
): readonly Destination[] {
  const start = directory === null ? null : (host.paths.get(directory) ?? null)
  return [
    ...named.map(({ key, facts: { real, kind } }) => ({ key, path: real, into: kind === 'directory' })),
    ...denied.map(({ key, facts }) => ({ key, path: facts.real, into: false })),
    ...(start === null ? [] : [{ key: 'process.directory', path: start.real, into: true }]),
    { key: 'command', path: command.path, into: false },
    ...programs.map(({ key, facts }) => ({ key, path: facts.real, into: false })),
  ]
}

/** What lies in a denied directory is gone with it. */
function outermost(denied: readonly DeniedPath[]): readonly DeniedPath[] {
  const paths = new Map(denied.map((one) => [one.path, one]))
  return [...paths.values()]
    .filter(({ path }) => !denied.some((other) => other.path !== path && isWithin(path, other.path)))
    .toSorted((left, right) => comparePaths(left.path, right.path))
}

/** Whether `path` exists in the view: granted, on the way to something in it, or always there. */
export function isInView(path: string, { grants, pinned, symlinks, tmpBytes }: ResolvedFilesystem): boolean {
  const directories = ['/proc', '/dev', ...(tmpBytes === null ? [] : ['/tmp'])]
  const there = [...directories, ...grants.map((grant) => grant.path)]
  if (grants.some((grant) => isWithin(path, grant.path))) return true
  return [...there, ...pinned.map((file) => file.path), ...symlinks.map((link) => link.path)].some((inside) =>
    isWithin(inside, path),
  )
}

/** The command, what starts it, and what starts the programs of `exec`. */
function implicitPrograms(
  exec: readonly Located[],
  host: HostFacts,
  { command, commandName }: FilesystemContext,
): {
  readonly files: readonly ImplicitProgram[]
  readonly found: readonly (ProgramFile & { readonly key: PolicyKey })[]
  readonly names: readonly string[]
  readonly problems: readonly Problem[]
} {
  const commandFacts = host.paths.get(commandName) ?? null
  const ofCommand = commandFacts === null ? { found: [], refused: [] } : programFiles(commandFacts, host)
  const started = exec.map(({ key, spelled, facts }) => {
    return { key, spelled, ...(facts.kind === 'directory' ? loaders(host) : programFiles(facts, host)) }
  })
  const found = [{ key: 'command', ...ofCommand }, ...started].flatMap((program) =>
    program.found.map((file) => ({ ...file, key: program.key })),
  )
  return {
    files: [
      ...(commandFacts === null ? [] : [{ key: 'command', facts: commandFacts }]),
      ...found.map(({ key, facts }) => ({ key, facts })),
    ],
    found,
    names: [commandName, command.path, ...found.map(({ written }) => written)],
    problems: started.flatMap(({ key, spelled, refused }) =>
      refused.map(({ written, why }) => ({
        key,
        message: `${spelled} is started by ${written}, which ${why}`,
        fix: why === 'does not exist' ? `install ${written}, or take the entry out` : 'take the entry out',
      })),
    ),
  }
}

/** Nobody names these: they are there for whatever program a directory holds. */
function loaders(host: HostFacts): ProgramFiles {
  const found = standardLoaders.flatMap((written) => {
    const facts = host.paths.get(written) ?? null
    return facts === null ? [] : [{ written, facts, namedBy: written }]
  })
  return { found, refused: [] }
}

function neededSymlinks(names: readonly string[], grants: readonly Grant[], host: HostFacts): readonly Symlink[] {
  const used = names.flatMap((name) => symlinksOnTheWay(name, host.symlinks))
  const merged = mergedUsrLinks.flatMap((path) => {
    const target = host.symlinks.get(path)
    const real = host.paths.get(path)?.real
    if (target === undefined || real === undefined) return []
    const isThere = grants.some((grant) => isWithin(real, grant.path) || isWithin(grant.path, real))
    return isThere ? [{ path, target }] : []
  })
  const directories = grants.filter(({ kind }) => kind === 'directory').map(({ path }) => path)
  return missingSymlinks([...merged, ...used], directories).toSorted((left, right) =>
    comparePaths(left.path, right.path),
  )
}

function checkTmp(named: readonly Located[], tmpBytes: bigint | null): readonly Problem[] {
  if (tmpBytes === null) return []
  return named
    .filter(({ facts }) => facts.real === '/tmp')
    .map(({ key }) => ({
      key,
      message: "/tmp cannot be granted beside filesystem.tmp: the sandbox's own /tmp would cover it",
      fix: 'take one of the two out',
    }))
}
