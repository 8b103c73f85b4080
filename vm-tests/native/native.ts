/** The native tier: plans made here, run by the launcher in the guest, with the probe of the integration tests. */
import { addresses } from '../../integration/world/addresses.js'
import type { GuestFile } from '../host/initramfs.js'
import type { Programs } from '../host/programs.js'
import type { Guest } from '../matrix.js'
import { cgroupFiles } from './cgroup-places.js'
import { cgroupJobs } from './cgroups.js'
import { denialJobs } from './denials.js'
import { doorJobs } from './doors.js'
import { freestandingJobs, freestandingProbe } from './freestanding.js'
import { jobFiles, type Job, type Place } from './jobs.js'
import { landlockJobs } from './landlock.js'
import { files, paths, uids } from './place.js'
import { tableJobs } from './tables.js'

const { allowed, allowed6, denied, denied6, other } = addresses

/** The guest's own network: what a sandbox may reach, and what it may not. */
const place: Place = [
  ...[allowed, allowed6, denied, denied6, other].map((address) => ['address', address]),
  ...[allowed, allowed6].flatMap((address) => ['443', '8443', '80'].map((port) => ['tcp', address, port])),
  ...[denied, denied6, other].map((address) => ['tcp', address, '443']),
  ['udp', allowed, '443'],
  ['unix', 'palisade-guest'],
  ['unix', paths.socket],
]

/** Everything that is asked of a guest. */
export function nativeJobs(guest: Guest): readonly Job[] {
  const ofUsers = uids.flatMap((uid) => [
    ...denialJobs(guest, uid),
    ...landlockJobs(guest, uid),
    ...doorJobs(guest, uid),
  ])
  return [...freestandingJobs(guest.arch), ...ofUsers, ...cgroupJobs(guest), ...tableJobs(guest)]
}

/** All files of the initramfs but the modules and init. */
export function nativeFiles(jobs: readonly Job[], programs: Programs): readonly GuestFile[] {
  const present: readonly (readonly [path: string, file: string | null])[] = [
    ['/payload/jobs-runner', programs.jobs],
    ['/payload/started', programs.started],
    ['/payload/killed-at-each', programs.killedAtEach],
    ['/payload/palisade-launcher', programs.launcher],
    [freestandingProbe, programs.freestandingProbe],
    [paths.probe, programs.probe],
    [paths.probeByLibrary, programs.probeByLibrary],
    [paths.probeOfOther, programs.probeOfOther],
    ['/payload/calls', programs.calls],
    ['/payload/calls-of-other', programs.callsOfOther],
  ]
  return [
    ...present.flatMap(([path, file]) => (file === null ? [] : [{ path, content: { file }, mode: 0o755 }])),
    ...files,
    ...cgroupFiles,
    ...jobFiles(place, jobs),
  ]
}

export const nativeRun = 'palisade.run=/payload/jobs-runner,/payload/jobs'
