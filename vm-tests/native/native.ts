/** The native tier: plans made here, run by the launcher in the guest, with the probe of the integration tests. */
import { addresses } from '../../integration/world/addresses.js'
import type { GuestFile } from '../host/initramfs.js'
import type { Programs } from '../host/programs.js'
import type { Guest } from '../matrix.js'
import { denialsOf, grantsOf, policyOf, type Denial } from './denials.js'
import { jobFiles, type Job, type Place } from './jobs.js'
import { tableJobs } from './tables.js'
import { files, paths, planFor, programUid, uids, type Uid } from './place.js'

/** The guest's own network: what a sandbox may reach, and what it may not. */
const place: Place = [
  ...['allowed', 'denied', 'other', 'allowed6', 'denied6'].map((name) => [
    'address',
    addresses[name as keyof typeof addresses],
  ]),
  ...[addresses.allowed, addresses.allowed6].flatMap((address) =>
    ['443', '8443', '80'].map((port) => ['tcp', address, port]),
  ),
  ...[addresses.denied, addresses.other, addresses.denied6].map((address) => ['tcp', address, '443']),
  ['udp', addresses.allowed, '443'],
  ['unix', 'palisade-guest'],
]

/** All files of the initramfs but the modules and init. */
export function nativeFiles(guest: Guest, programs: Programs): readonly GuestFile[] {
  const program = (path: string, file: string): GuestFile => ({ path, content: { file }, mode: 0o755 })
  return [
    program('/payload/jobs-runner', programs.jobs),
    program('/payload/palisade-launcher', programs.launcher),
    program(paths.probe, programs.probe),
    program('/payload/calls', programs.calls),
    ...(programs.callsOfOther === null ? [] : [program('/payload/calls-of-other', programs.callsOfOther)]),
    ...files,
    ...jobFiles(place, [...uids.flatMap((uid) => denialJobs(guest, uid)), ...tableJobs(guest)]),
  ]
}

export const nativeRun = 'palisade.run=/payload/jobs-runner,/payload/jobs'

function denialJobs(guest: Guest, uid: Uid): readonly Job[] {
  const grants = grantsOf(uid)
  const denials = denialsOf(uid, guest.landlock.abi)
  const acts = [...grants, ...denials.map(({ act }) => act)]
  const input = acts.map((act) => `${act.join(' ')}\n`).join('')
  const ends = (name: string) => ({ kind: 'ends', name, expected: 'exit 0' }) as const
  const granted = (prefix: string) =>
    grants.map((act) => ({ kind: 'act', name: `${prefix}: ${act.join(' ')}`, expected: 'ok' }) as const)
  // The control as whoever the program is in the sandbox would lack root's rights; root tries what only root can.
  const free = uid === 0 ? 0 : programUid(uid)
  return [
    {
      uid: free,
      runs: { program: [paths.probe, 'batch'] },
      input,
      points: [
        ...granted(`uid ${uid}, control`),
        ...denials.map((denial) => ({
          kind: 'act' as const,
          name: `uid ${uid}, control: ${denial.what}`,
          expected: controlOf(denial, uid),
        })),
        ends(`uid ${uid}, control: ends`),
      ],
    },
    {
      uid,
      runs: { plan: planFor(guest, uid, policyOf(uid)) },
      input,
      points: [
        ...granted(`uid ${uid}, granted`),
        ...denials.map(({ what, answer }) => ({
          kind: 'act' as const,
          name: `uid ${uid}, refused: ${what}`,
          expected: answer,
        })),
        ends(`uid ${uid}: the sandbox ends`),
      ],
    },
  ]
}

function controlOf({ control }: Denial, uid: Uid): string {
  return control === 'root' && uid !== 0 ? '!ok' : 'ok'
}
