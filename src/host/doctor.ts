/** What a host lacks for a sandbox, and how to mend it: from trials that were made and settings that were read. */
import { bootForV2, delegatedScope, isHeldByV1, mountOwn } from './cgroup-fixes.js'
import { fixFor } from './doctor-fixes.js'
import type { CgroupFacts } from './facts.js'

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
  readonly cgroup: CgroupFacts
  /** nft(8), if it is installed where root alone can write. */
  readonly nft: string | null
  /** Calls that the tables know and this kernel is too old for. */
  readonly callsAhead: number
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
  return [
    ...trials,
    landlockRow(readings),
    errataRow(readings),
    tablesRow(readings),
    cgroupRow(readings),
    routeRow(readings),
  ]
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
  { name: 'net namespaces', trial: 'net', how: 'clone3(2) with CLONE_NEWNET' },
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

function landlockRow({ landlock, known }: Readings): Row {
  const feature = 'Landlock ABI'
  const { abi } = landlock
  if (abi > known.landlockAbi) {
    const detail = `${abi}; this release knows ${known.landlockAbi} and uses that much`
    return { feature, state: 'note', detail, fix: ['update Palisade'] }
  }
  if (abi < known.landlockAbi) {
    const detail = `${abi} of ${known.landlockAbi}; other layers carry what it lacks (docs/policy-reference.md)`
    return { feature, state: 'note', detail, fix: [] }
  }
  return { feature, state: 'OK', detail: String(abi), fix: [] }
}

/** Erratum 3 lets a directory that was moved out of a bind mount widen rights; it matters with filesystem.move only. */
function errataRow({ landlock: { abi, errata } }: Readings): Row {
  const feature = 'Landlock errata'
  const fixed = [1, 2, 3].filter((number) => (errata & (1 << (number - 1))) !== 0)
  const detail = fixed.length === 0 ? 'the kernel tells of no fix' : `fixed: ${fixed.join(', ')}`
  if (abi === 0 || fixed.includes(3)) return { feature, state: 'OK', detail, fix: [] }
  return { feature, state: 'note', detail, fix: ['update the kernel, or do without filesystem.move'] }
}

function tablesRow({ release, known, callsAhead }: Readings): Row {
  const feature = 'system call tables'
  const newer = compareReleases(release, known.syscalls) > 0
  const detail = `of Linux ${known.syscalls}, made ${known.syscallsDate}; this kernel is ${release}`
  if (!newer && callsAhead === 0) return { feature, state: 'OK', detail, fix: [] }
  if (!newer) return { feature, state: 'OK', detail: `${detail}, without the ${callsAhead} newest calls`, fix: [] }
  const brought = `${releasesBetween(known.syscalls, release)}: calls that came since then get ENOSYS`
  return { feature, state: 'note', detail: `${detail}, ${brought}`, fix: ['update Palisade'] }
}

/** Only three limits need it. */
function cgroupRow({ cgroup, caller }: Readings): Row {
  const feature = 'limits by cgroup'
  const note = (why: string, fix: string): Row => ({
    feature,
    state: 'note',
    detail: `${why}; for limits.memory, pids and cpus`,
    fix: [fix],
  })
  if (cgroup.kind === 'none') return note('no cgroup v2 at /sys/fs/cgroup', bootForV2)
  if (cgroup.kind === 'unseen')
    return note("the caller's own cgroup is not in what is mounted at /sys/fs/cgroup", mountOwn)
  const { path, controllers, delegated, shared } = cgroup
  const wanted = ['memory', 'pids', 'cpu']
  const missing = wanted.filter((one) => !controllers.includes(one))
  const detail = `cgroup ${path} has ${wanted.filter((one) => !missing.includes(one)).join(', ') || 'no controller'}`
  if (missing.some((one) => isHeldByV1(cgroup, one))) return note(`${detail}; v1 has ${missing.join(', ')}`, bootForV2)
  if (delegated && shared === 'no' && missing.length === 0) return { feature, state: 'OK', detail, fix: [] }
  const lacks = missing.length === 0 ? 'has other processes' : `lacks ${missing.join(', ')}`
  const why = delegated ? lacks : "is not this user's to divide"
  return note(`${detail}, but ${why}`, delegatedScope(caller === 'user' ? 'user' : 'root'))
}

/** Only one setting of a policy needs it, and root. */
function routeRow({ nft }: Readings): Row {
  const feature = 'network.via: route'
  if (nft !== null) return { feature, state: 'OK', detail: `${nft}; for root`, fix: [] }
  return { feature, state: 'note', detail: 'no nft(8); for root', fix: ['apt-get install nftables'] }
}

/** Each release may bring calls; how many minor numbers a major one has had is not known in advance. */
function releasesBetween(older: string, newer: string): string {
  const [[major, minor], [majorNow, minorNow]] = [numbersOf(older), numbersOf(newer)]
  if (major !== majorNow) return `${majorNow - major === 1 ? 'a major release' : 'major releases'} newer`
  return minorNow - minor === 1 ? '1 release newer' : `${minorNow - minor} releases newer`
}

/** By the two first numbers, which are what brings new calls. */
function compareReleases(left: string, right: string): number {
  const [[a, b], [c, d]] = [numbersOf(left), numbersOf(right)]
  return a === c ? b - d : a - c
}

function numbersOf(release: string): readonly [major: number, minor: number] {
  const [major = 0, minor = 0] = release.split(/[.-]/).map(Number)
  return [major, minor]
}
