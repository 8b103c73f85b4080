import { join } from 'node:path'
import { getSystemErrorName } from 'node:util'
import { HostError } from '../core/errors.js'
import { lazily } from '../core/lazily.js'
import { packageRoot } from '../core/package-root.js'
import type { SocketFacts } from '../host/passed-sockets.js'

/** The functions of native/addon/addon.cc. Those that fail throw an Error with `errno` and `syscall`. */
export interface Addon {
  /** `abi` 0: the kernel has no Landlock. `errata`: the kernel's bit mask of fixes. */
  landlockAbi(): { readonly abi: number; readonly errata: number }
  /** 0, or the errno that keeps this process from making and using a user namespace. */
  userNamespaceError(): number
  /** What a descriptor is; null: no socket. */
  describeSocket(descriptor: number): SocketFacts | null
  /** A sealed memfd with `plan`, close-on-exec. Held: closed by `closeDescriptor`, or with the thread. */
  makePlanDescriptor(plan: Uint8Array): number
  /** The tag of a plan, by the key that seals kept plans (native/sys/keys.h); makes the key where there is none. */
  sealPlan(plan: Uint8Array): Uint8Array
  /** pipe2(2), close-on-exec: the end to read from and the end to write to; held both. */
  makePipe(): readonly [read: number, write: number]
  /** close(2) of what is held. */
  closeDescriptor(descriptor: number): void
  /** It is not held any more: whoever gets the result closes it. */
  releaseDescriptor(descriptor: number): number
  /**
   * posix_spawn(3) of `path` with an empty environment, in a session of its own; its pid. `descriptors`: the number that
   * the child has one by, and ours.
   */
  startLauncher(
    path: string,
    words: readonly string[],
    descriptors: readonly (readonly [theirs: number, ours: number])[],
  ): number
  /** waitpid(2) of one that `startLauncher` has started. */
  reapLauncher(pid: number): { readonly exitCode: number | null; readonly signal: number | null }
  /**
   * execve(2) of `path` with an empty environment; the number of the plan's descriptor is added to `argv`. Descriptors
   * 0, 1, 2 and `keep` stay open, signals get their defaults.
   */
  execLauncher(path: string, argv: readonly string[], plan: Uint8Array, keep: readonly number[]): never
}

/** Loads the native addon; throws `HostError` when it has not been built. */
export const loadAddon = lazily((): Addon => {
  const path = join(packageRoot(), 'build', 'Release', 'palisade.node')
  const loaded: unknown = load(path)
  if (!isAddon(loaded)) {
    throw new HostError('', 'the native addon of this version', `another one at ${path}`, rebuild)
  }
  return loaded
})

/** Where the launcher stands. */
export function launcherPath(): string {
  return join(packageRoot(), 'build', 'Release', 'palisade-launcher')
}

/** What the launcher is started with; the number of the plan's descriptor follows. */
export function launcherWords(): readonly string[] {
  return [launcherPath(), '--plan-descriptor']
}

/** `''`, or the name of the errno (`EPERM`) that keeps this process from making and using a user namespace. */
export function canUnshareUser(addon: Addon): string {
  const errno = addon.userNamespaceError()
  return errno === 0 ? '' : getSystemErrorName(-errno)
}

/** The call and the errno that keep this process from the key that seals kept plans; null: it has it. */
export function sealFailure(addon: Addon): { readonly syscall: string; readonly errno: string } | null {
  try {
    addon.sealPlan(new Uint8Array())
    return null
  } catch (error) {
    if (!(error instanceof Error) || !('syscall' in error) || !('errno' in error)) throw error
    return { syscall: String(error.syscall), errno: keyErrors.get(Number(error.errno)) ?? errnoName(error.errno) }
  }
}

function errnoName(errno: unknown): string {
  return getSystemErrorName(-Number(errno))
}

/** Those that Node has other names for, or none (errno(3)). */
const keyErrors: ReadonlyMap<number, string> = new Map([
  [95, 'EOPNOTSUPP'],
  [122, 'EDQUOT'],
  [126, 'ENOKEY'],
  [127, 'EKEYEXPIRED'],
  [128, 'EKEYREVOKED'],
])

const rebuild = 'run `npm run build:native` in the package of Palisade'

function load(path: string): unknown {
  try {
    // What require() does in the end, without a search for what has one name.
    const module: { exports: unknown } = { exports: {} }
    process.dlopen(module, path)
    return module.exports
  } catch (error) {
    throw new HostError(
      '',
      `the native addon at ${path}`,
      error instanceof Error ? error.message : String(error),
      rebuild,
    )
  }
}

function isAddon(value: unknown): value is Addon {
  if (typeof value !== 'object' || value === null) return false
  const functions = [
    'landlockAbi',
    'userNamespaceError',
    'describeSocket',
    'makePlanDescriptor',
    'sealPlan',
    'makePipe',
    'closeDescriptor',
    'releaseDescriptor',
    'startLauncher',
    'reapLauncher',
    'execLauncher',
  ]
  return functions.every((name) => typeof Reflect.get(value, name) === 'function')
}
