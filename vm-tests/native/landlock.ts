/**
 * Landlock by ABI: what it refuses alone, with every other layer that could left out; what stands in for it where the
 * kernel is too old; and, as the control of both, the same plan without any of them.
 */
import { addresses } from '../../integration/world/addresses.js'
import type { Layer } from '../layers.js'
import type { Guest } from '../matrix.js'
import { errno } from './denials.js'
import { actsOf, type Job } from './jobs.js'
import { paths, planFor, type PlanOptions, type Uid } from './place.js'

interface Right {
  readonly what: string
  readonly act: readonly string[]
  /** The ABI from which on Landlock refuses it, and its answer. */
  readonly from: number
  readonly answer: string
  /** The answer without Landlock; `ok` by default. */
  readonly otherwise?: string
}

function policyOf(uid: Uid, more: Readonly<Record<string, unknown>> = {}): Readonly<Record<string, unknown>> {
  return {
    name: 'landlock',
    filesystem: { read: [paths.read], write: [paths.write(uid)], ...more },
    network: { egress: [{ host: addresses.allowed, port: 443 }] },
    syscalls: { promises: ['stdio', 'rpath', 'wpath', 'cpath', 'inet', 'unix', 'proc', 'threads'] },
  }
}

/** Each can be done once without Landlock. */
function rightsOf(uid: Uid): readonly Right[] {
  const write = paths.write(uid)
  const eacces = errno('EACCES')
  return [
    { what: 'reading a file', act: ['read', paths.secret], from: 1, answer: eacces },
    { what: 'writing a file', act: ['write', paths.secret, 'x'], from: 1, answer: eacces },
    { what: 'listing a directory', act: ['list', '/srv'], from: 1, answer: eacces },
    { what: 'making a file', act: ['create', `/srv/open/file-${uid}`], from: 1, answer: eacces },
    { what: 'removing a file', act: ['unlink', `/srv/open/old-${uid}`], from: 1, answer: eacces },
    { what: 'making a directory', act: ['mkdir', `/srv/open/directory-${uid}`], from: 1, answer: eacces },
    { what: 'removing a directory', act: ['rmdir', `/srv/open/old-directory-${uid}`], from: 1, answer: eacces },
    { what: 'making a symlink', act: ['symlink', 'x', `/srv/open/symlink-${uid}`], from: 1, answer: eacces },
    {
      what: 'moving between directories',
      act: ['rename', `${write}/file`, `${write}/other/file`],
      from: 1,
      answer: errno('EXDEV'),
    },
    { what: 'truncating', act: ['truncate', paths.secret], from: 3, answer: eacces },
    { what: 'connecting to a TCP port', act: ['tcp', addresses.allowed, '8443'], from: 4, answer: eacces },
    { what: 'binding a TCP port', act: ['listen', '127.0.0.1', '7777'], from: 4, answer: eacces },
    // TCGETS, which /dev/null does not know.
    {
      what: 'an ioctl of a device',
      act: ['ioctl-at', '/dev/null', '0x5401'],
      from: 5,
      answer: eacces,
      otherwise: errno('ENOTTY'),
    },
    { what: 'an abstract unix socket', act: ['unix-stream', '@palisade-guest'], from: 6, answer: errno('EPERM') },
    { what: 'a unix socket at a path', act: ['unix-stream', paths.socket], from: 9, answer: eacces },
    { what: 'sending to a UDP port', act: ['udp', addresses.allowed, '443'], from: 10, answer: eacces },
  ]
}

const allOthers = ['mount view', 'seccomp', 'network namespace'] as const

export function landlockJobs(guest: Guest, uid: Uid, plant?: PlanOptions['plant']): readonly Job[] {
  const { abi } = guest.landlock
  const rights = rightsOf(uid)
  const acts = rights.map(({ act }) => act)
  const named = (prefix: string): readonly string[] => rights.map(({ what }) => `uid ${uid}, ${prefix}: ${what}`)
  const free = rights.map(({ otherwise = 'ok' }) => otherwise)
  const alone = rights.map(({ from, answer, otherwise = 'ok' }) => (abi >= from ? answer : otherwise))
  const write = paths.write(uid)
  const job = (name: string, options: PlanOptions, policy = policyOf(uid)) => ({
    uid,
    name: `uid ${uid}, ${name}`,
    runs: { plan: planFor(guest, uid, policy, plant === undefined ? options : { ...options, plant }) },
  })
  const back = ['rename', `${write}/other/file`, `${write}/file`]
  const moves = [
    ['rename', `${write}/file`, `${write}/other/file`],
    back,
    ['rename', `${write}/file`, '/srv/open/moved'],
  ]
  const cleanUp = ['unlink', `/srv/open/symlink-${uid}`]
  return [
    {
      ...job('Landlock alone', { without: allOthers }),
      ...actsOf(
        `uid ${uid}, Landlock ABI ${abi} alone: ends`,
        acts,
        named(`Landlock ABI ${abi} alone`),
        alone,
        ofLandlock(acts),
      ),
    },
    {
      ...job('no layer', { without: [...allOthers, 'landlock'] }),
      ...actsOf(
        `uid ${uid}, without Landlock too: ends`,
        [...acts, back, cleanUp],
        [...named('control, without Landlock too'), `uid ${uid}: moves it back`, `uid ${uid}: removes the symlink`],
        [...free, 'ok', 'ok'],
        ofLandlock([...acts, back, cleanUp]),
      ),
    },
    {
      ...job('moves', { without: allOthers }, policyOf(uid, { move: [write] })),
      ...actsOf(
        `uid ${uid}, filesystem.move: ends`,
        moves,
        ['there', 'back', 'out of the grant'].map(
          (where) => `uid ${uid}, Landlock alone with filesystem.move: ${where}`,
        ),
        ['ok', 'ok', `${errno('EXDEV')}|${errno('EACCES')}`],
        ofLandlock(moves),
      ),
    },
    ...substituteJobs(guest, uid),
  ]
}

function ofLandlock(acts: readonly unknown[]): readonly Layer[] {
  return acts.map(() => 'landlock')
}

/** What is not granted at all stays refused on every kernel, by Landlock or by the filter in its place. */
function substituteJobs(guest: Guest, uid: Uid): readonly Job[] {
  const substitutes = [
    { what: 'truncating', act: ['truncate', paths.secret], from: 3 },
    { what: 'TCP', act: ['tcp', addresses.allowed, '443'], from: 4 },
    { what: 'UDP', act: ['udp', addresses.allowed, '443'], from: 10 },
  ]
  const acts = substitutes.map(({ act }) => act)
  const whats = substitutes.map(({ what }) => what)
  const layers = substitutes.map(({ from }): Layer => (guest.landlock.abi >= from ? 'landlock' : 'seccomp'))
  const policy = {
    name: 'substitutes',
    filesystem: { read: [paths.read, '/srv/secret'] },
    syscalls: { promises: ['stdio', 'rpath', 'wpath', 'inet', 'proc', 'threads'] },
  }
  const without = ['mount view', 'network namespace'] as const
  const refused = acts.map(() => errno('EACCES'))
  return [
    {
      uid,
      runs: { plan: planFor(guest, uid, policy, { without }) },
      ...actsOf(
        `uid ${uid}, substitutes: ends`,
        acts,
        whats.map((what) => `uid ${uid}, granted nowhere, Landlock or the filter in its place: ${what}`),
        refused,
        layers,
      ),
    },
    {
      uid,
      runs: { plan: planFor(guest, uid, policy, { without: [...without, 'landlock', 'seccomp'] }) },
      ...actsOf(
        `uid ${uid}, neither: ends`,
        acts,
        whats.map((what) => `uid ${uid}, control, neither of the two: ${what}`),
        acts.map(() => 'ok'),
        layers,
      ),
    },
  ]
}
