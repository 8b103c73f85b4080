/** What was not tried but read: what a newer kernel or release would add, and what only some sandboxes need. */
import { bootForV2, delegatedScope, isHeldByV1, mountOwn } from './cgroup-fixes.js'
import { keyFix } from './doctor-fixes.js'
import type { Readings, Row } from './doctor.js'

/** One row for each, none of which makes a host unfit. */
export function notes(readings: Readings): readonly Row[] {
  const rows = [landlockRow, errataRow, tablesRow, cgroupRow, routeRow, keptRow]
  return rows.map((rowOf) => rowOf(readings))
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

/** Nothing needs it: every start makes its plan anew then. */
function keptRow({ keptPlans, container }: Readings): Row {
  const feature = 'kept plans'
  if (!('lacks' in keptPlans)) return { feature, state: 'OK', detail: `sealed, in ${keptPlans.path}`, fix: [] }
  const every = 'every start needs Node'
  if (keptPlans.lacks === 'key') {
    const { syscall, errno } = keptPlans
    return { feature, state: 'note', detail: `${syscall}: ${errno}; ${every}`, fix: keyFix(errno, container) }
  }
  const detail = `${keptPlans.found.join(', ') || 'HOME is no absolute path'}; ${every}`
  return { feature, state: 'note', detail, fix: ['set XDG_CACHE_HOME to a directory of this user, without symlinks'] }
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
