/**
 * The sanitized tier: what the native one asks, of a launcher under AddressSanitizer and UndefinedBehaviorSanitizer, for
 * an arch whose programs the host may be unable to run.
 */
import type { GuestFile } from '../host/initramfs.js'
import { buildSanitized, type Programs } from '../host/programs.js'
import type { Guest } from '../matrix.js'
import { cgroupJobs } from './cgroups.js'
import { denialJobs } from './denials.js'
import { doorJobs } from './doors.js'
import type { Job } from './jobs.js'
import { nativeFiles } from './native.js'
import { planFor, uids } from './place.js'

const fuzzer = '/payload/decode-fuzz'
const libcFuzzer = '/payload/freestanding-fuzz'

export function sanitizedFiles(guest: Guest, programs: Programs): readonly GuestFile[] {
  const { launcher, decodeFuzz, freestandingFuzz, libraries } = buildSanitized(guest.arch)
  return [
    ...nativeFiles(sanitizedJobs(guest), { ...programs, launcher }),
    { path: fuzzer, content: { file: decodeFuzz }, mode: 0o755 },
    { path: libcFuzzer, content: { file: freestandingFuzz }, mode: 0o755 },
    ...libraries.map((file) => ({ path: `/lib/${file.split('/').at(-1)}`, content: { file }, mode: 0o755 })),
  ]
}

/** A sanitizer that speaks ends its process, so that the answers are others. */
function sanitizedJobs(guest: Guest): readonly Job[] {
  const ofUsers = uids.flatMap((uid) => [...denialJobs(guest, uid), ...doorJobs(guest, uid)])
  return [...ofUsers, ...cgroupJobs(guest), fuzzJob(guest), libcJob]
}

const libcJob: Job = {
  uid: 1000,
  runs: { program: [libcFuzzer, '4000', '1'] },
  points: [
    { kind: 'lines', layer: 'process', name: 'in place of libc: functions that do the same', expected: ['alike'] },
    { kind: 'ends', layer: 'process', name: 'in place of libc: no fault', expected: 'exit 0' },
  ],
}

/** Mutated plans are decoded or refused, never a fault. */
function fuzzJob(guest: Guest): Job {
  const plan = planFor(guest, 1000, {
    network: { egress: [{ host: '192.0.2.1', port: 443 }], listen: [{ port: 80, publish: 8080 }] },
    limits: { pids: 10 },
    syscalls: { promises: ['stdio', 'inet'] },
  })
  return {
    uid: 1000,
    runs: { program: [fuzzer, plan, '4000', '1'] },
    points: [
      {
        kind: 'has',
        layer: 'process',
        name: 'mutated plans: some are decoded, others refused',
        expected: ' decoded, ',
      },
      { kind: 'ends', layer: 'process', name: 'mutated plans: no fault', expected: 'exit 0' },
    ],
  }
}
