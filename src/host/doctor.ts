/** What a host lacks for a sandbox, and how to mend it: from trials that were made and settings that were read. */
import { fixFor } from './doctor-fixes.js'
import { notes } from './doctor-notes.js'
import type { OwnCgroup } from './facts.js'

export { namespaceLimits } from './doctor-fixes.js'

/** A plan of few steps that shows whether the kernel does one thing for this user. */
export type TrialName =
  | 'user'
  | 'pid'
  | 'mount'
  | 'ipc'
  | 'uts'
  | 'cgroup'
  | 'net'
  | 'capabilities'
  | 'view'
  | 'procfs'
  | 'descriptors'
  | 'keyring'
  | 'filter'
  | 'notification'
  | 'landlock'
  | 'veth'
  | 'whole'

/** What came of it: the step and the call that failed, with the kernel's answer. */
export type TrialResult =
  | { readonly kind: 'worked' }
  | { readonly kind: 'failed'; readonly step: string; readonly syscall: string; readonly errno: string }
  /** The launcher itself did not answer. */
  | { readonly kind: 'broken'; readonly text: string }

/** As `usualPlace` of src/launch/kept-place.ts has it. */
export type KeptPlans =
  | { readonly path: string }
  | { readonly lacks: 'key'; readonly syscall: string; readonly errno: string }
  | { readonly lacks: 'directory'; readonly found: readonly string[] }

/** Settings of the host that explain a failure; null: the kernel has no such setting. */
export interface Readings {
  /** `root of a namespace`: uid 0 of a user namespace in which 65534 does not exist. */
  readonly caller: 'root' | 'root of a namespace' | 'user'
  /** Where the launcher stands: an AppArmor profile names it by path. */
  readonly launcher: string
  readonly release: string
  /** What /proc/sys/user says of namespaces: `max_user_namespaces` and its kin. */
  readonly namespacesMax: ReadonlyMap<string, number>
  /** Debian's kernel.unprivileged_userns_clone. */
  readonly unprivilegedUserNamespaces: number | null
  /** Ubuntu's kernel.apparmor_restrict_unprivileged_userns. */
  readonly appArmorRestricts: number | null
  /** Whether this process is under a seccomp filter already, as in a container. */
  readonly filtered: boolean
  readonly container: 'docker' | 'podman' | 'none'
  readonly landlock: { readonly abi: number; readonly errata: number }
  /** Newest ABI and kernel that our own tables know, and when those were made. */
  readonly known: { readonly landlockAbi: number; readonly syscalls: string; readonly syscallsDate: string }
  readonly cgroup: OwnCgroup
  /** nft(8), if it is installed where root alone can write. */
  readonly nft: string | null
  /** Calls that the tables know and this kernel is too old for. */
  readonly callsAhead: number
  /** Where plans are kept, or what that fails at. */
  readonly keptPlans: KeptPlans
}

export interface Row {
  readonly feature: string
  /** `note`: nothing is missing, but a newer kernel or release would add something. */
  readonly state: 'OK' | 'missing' | 'note' | 'not tried'
  /** How it was tried, or what came of it. */
  readonly detail: string
  /** What mends it, a line each; empty: nothing to mend. */
  readonly fix: readonly string[]
}

/** One row for each feature, in the order in which a launch needs them. */
export function diagnose(results: ReadonlyMap<TrialName, TrialResult>, readings: Readings): readonly Row[] {
  const trials = features.reduce<readonly Row[]>((rows, feature) => {
    const one = row(feature, results.get(feature.trial), readings)
    // Trials build on each other: one failure is told once.
    const cause = rows.find(({ state, detail }) => state === 'missing' && detail === one.detail)
    return [...rows, cause === undefined ? one : notTried(feature, `needs ${cause.feature}`)]
  }, [])
  return [...trials, ...notes(readings)]
}

/** Whether every sandbox can be made on this host. */
export function isFit(rows: readonly Row[]): boolean {
  return rows.every(({ state }) => state === 'OK' || state === 'note')
}

function notTried({ name }: Feature, detail: string): Row {
  return { feature: name, state: 'not tried', detail, fix: [] }
}

interface Feature {
  readonly name: string
  readonly trial: TrialName
  /** How it is tried. */
  readonly how: string
  /** Calls of a larger trial that are this feature, in the order in which they are made; absent: all of them. */
  readonly calls?: readonly string[]
}

/** The calls of the trial of the view, in their order. */
const viewCalls = ['fsopen', 'fsconfig', 'fsmount', 'openat2', 'open_tree', 'mount_setattr', 'move_mount', 'pivot_root']

const features: readonly Feature[] = [
  { name: 'user namespaces', trial: 'user', how: 'clone3(2) with CLONE_NEWUSER, and its id maps' },
  { name: 'capabilities inside', trial: 'capabilities', how: 'sethostname(2) in a user namespace' },
  { name: 'pid namespaces', trial: 'pid', how: 'clone3(2) with CLONE_NEWPID' },
  { name: 'mount namespaces', trial: 'mount', how: 'clone3(2) with CLONE_NEWNS' },
  { name: 'net namespaces', trial: 'net', how: 'unshare(2) with CLONE_NEWNET' },
  { name: 'ipc namespaces', trial: 'ipc', how: 'clone3(2) with CLONE_NEWIPC' },
  { name: 'uts namespaces', trial: 'uts', how: 'clone3(2) with CLONE_NEWUTS' },
  { name: 'cgroup namespaces', trial: 'cgroup', how: 'clone3(2) with CLONE_NEWCGROUP' },
  { name: 'veth pairs and routes', trial: 'veth', how: 'a gateway, a veth pair, a route and a relay' },
  {
    name: 'new mount API',
    trial: 'view',
    how: 'fsopen(2), fsmount(2), open_tree(2), move_mount(2) in a user namespace',
    calls: ['fsopen', 'fsconfig', 'fsmount', 'open_tree', 'move_mount'],
  },
  { name: 'openat2', trial: 'view', how: 'openat2(2) with RESOLVE_NO_SYMLINKS', calls: ['openat2'] },
  { name: 'mount_setattr', trial: 'view', how: 'mount_setattr(2), recursively', calls: ['mount_setattr'] },
  { name: 'pivot_root', trial: 'view', how: 'pivot_root(2) into the view', calls: ['pivot_root'] },
  { name: 'procfs inside', trial: 'procfs', how: 'procfs with subset=pid in a user and pid namespace' },
  { name: 'session keyrings', trial: 'keyring', how: 'keyctl(2) with KEYCTL_JOIN_SESSION_KEYRING' },
  { name: 'close_range', trial: 'descriptors', how: 'close_range(2) with CLOSE_RANGE_CLOEXEC' },
  { name: 'Landlock', trial: 'landlock', how: 'landlock_restrict_self(2) with every right of the ABI' },
  { name: 'seccomp filters', trial: 'filter', how: 'seccomp(2) with a filter' },
  { name: 'seccomp notification', trial: 'notification', how: 'one execve(2) let through by its listener' },
  { name: 'all together', trial: 'whole', how: 'a whole sandbox with one endpoint' },
]

function row(feature: Feature, result: TrialResult | undefined, readings: Readings): Row {
  const { name, trial, how, calls } = feature
  if (result === undefined) return notTried(feature, how)
  if (result.kind === 'worked') return { feature: name, state: 'OK', detail: how, fix: [] }
  if (result.kind === 'broken') {
    return { feature: name, state: 'missing', detail: result.text, fix: ['run `npm run build:native` in the package'] }
  }
  const reached = reachedBy(calls, result.syscall)
  if (reached === 'before') return { feature: name, state: 'OK', detail: how, fix: [] }
  if (reached === 'after') return notTried(feature, `${result.syscall} failed before it`)
  const detail = `${result.step === '' ? '' : `${result.step}: `}${result.syscall}: ${result.errno}`
  return { feature: name, state: 'missing', detail, fix: fixFor(trial, result, readings) }
}

/** Where the calls of a feature stand to the one that failed. */
function reachedBy(calls: readonly string[] | undefined, failed: string): 'before' | 'here' | 'after' {
  if (calls === undefined || calls.includes(failed)) return 'here'
  const at = viewCalls.indexOf(failed)
  // Some other call of the same trial: the first feature takes the blame, so that it is told once.
  if (at === -1) return calls.includes('fsopen') ? 'here' : 'after'
  return calls.every((call) => viewCalls.indexOf(call) < at) ? 'before' : 'after'
}
