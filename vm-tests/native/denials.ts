/**
 * What a policy for one endpoint refuses, on every kernel: the demo's table and more. What each Landlock ABI carries is
 * in the answers, which are reviewed as specification.
 */
import { addresses, ports } from '../../integration/world/addresses.js'
import type { Layer } from '../layers.js'
import type { Guest } from '../matrix.js'
import { actsOf, type Job } from './jobs.js'
import { paths, planFor, programUid, type Uid } from './place.js'

type Grant = Pick<Denial, 'layer' | 'act'>

interface Denial {
  readonly what: string
  /** The outermost layer that refuses it. */
  readonly layer: Layer
  /** Words of the probe. */
  readonly act: readonly string[]
  /** What the sandbox answers. */
  readonly answer: string
  /** Only root can do it outside. */
  readonly control?: 'root'
}

const errnos = {
  EXDEV: 18,
  ENOTTY: 25,
  ENOENT: 2,
  ESRCH: 3,
  EPERM: 1,
  EACCES: 13,
  EROFS: 30,
  ENOSYS: 38,
  ENETUNREACH: 101,
  ECONNREFUSED: 111,
}

/** What the probe prints; the numbers are the same on all three architectures. */
export function errno(name: keyof typeof errnos): string {
  return `errno ${errnos[name]}`
}

function policyOf(uid: Uid, program: string): Readonly<Record<string, unknown>> {
  return {
    name: 'denials',
    filesystem: {
      read: [paths.read],
      write: [paths.write(uid)],
      deny: [`${paths.write(uid)}/deny`],
      exec: [program],
      tmp: '4M',
    },
    network: {
      egress: [
        { host: addresses.allowed, port: ports.https },
        { host: addresses.allowed6, port: ports.https },
      ],
    },
    syscalls: { promises: ['stdio', 'rpath', 'wpath', 'cpath', 'inet_client', 'proc', 'exec', 'threads'] },
  }
}

/** Reached with the policy as well as without. */
function grantsOf(uid: Uid): readonly Grant[] {
  return [
    { layer: 'network', act: ['fetch', addresses.allowed, `${ports.https}`] },
    { layer: 'network', act: ['fetch', addresses.allowed6, `${ports.https}`] },
    { layer: 'filesystem', act: ['read', `${paths.read}/file`] },
    { layer: 'filesystem', act: ['write', `${paths.write(uid)}/file`, 'x'] },
    { layer: 'filesystem', act: ['create', `${paths.write(uid)}/new`] },
    { layer: 'filesystem', act: ['unlink', `${paths.write(uid)}/new`] },
  ]
}

/** Who refuses another port of the endpoint, and how: below ABI 4 Landlock knows none, and the gateway does not listen. */
export function otherPort(abi: number): readonly [layer: Layer, answer: string] {
  return abi >= 4 ? ['landlock', errno('EACCES')] : ['network', errno('ECONNREFUSED')]
}

function denialsOf(uid: Uid, abi: number): readonly Denial[] {
  const [portLayer, port] = otherPort(abi)
  const write = paths.write(uid)
  return [
    { what: 'another address', layer: 'network', act: ['tcp', addresses.denied, '443'], answer: errno('ENETUNREACH') },
    { what: 'another network', layer: 'network', act: ['tcp', addresses.other, '443'], answer: errno('ENETUNREACH') },
    {
      what: 'another IPv6 address',
      layer: 'network',
      act: ['tcp', addresses.denied6, '443'],
      answer: errno('ENETUNREACH'),
    },
    { what: 'another port', layer: portLayer, act: ['tcp', addresses.allowed, '8443'], answer: port },
    {
      what: 'another port of the IPv6 address',
      layer: portLayer,
      act: ['tcp', addresses.allowed6, '8443'],
      answer: port,
    },
    { what: 'plain HTTP', layer: portLayer, act: ['tcp', addresses.allowed, '80'], answer: port },
    {
      what: 'TCP Fast Open to another port',
      layer: 'seccomp',
      act: ['fastopen', addresses.allowed, '8443'],
      answer: errno('EPERM'),
    },
    { what: 'another file, read', layer: 'filesystem', act: ['read', paths.secret], answer: errno('ENOENT') },
    { what: 'another file, written', layer: 'filesystem', act: ['write', paths.secret, 'x'], answer: errno('ENOENT') },
    {
      what: 'another directory, written',
      layer: 'filesystem',
      act: ['create', `/srv/open/new-${uid}`],
      answer: errno('ENOENT'),
    },
    {
      what: 'a file to read, written',
      layer: 'filesystem',
      act: ['write', `${paths.read}/file`, 'x'],
      answer: errno('EROFS'),
    },
    {
      what: 'a denied file in a write grant',
      layer: 'filesystem',
      act: ['read', `${write}/deny/file`],
      answer: errno('EACCES'),
    },
    {
      what: 'a process of the host',
      layer: 'namespaces',
      act: ['read', '/proc/{server}/cmdline'],
      answer: errno('ENOENT'),
    },
    {
      what: 'a signal to a process of the host',
      layer: 'namespaces',
      act: ['kill', '{server}', '0'],
      answer: errno('ESRCH'),
      control: 'root',
    },
    { what: 'the root, listed', layer: 'landlock', act: ['list', '/'], answer: errno('EACCES') },
    { what: 'a sysctl', layer: 'filesystem', act: ['read', '/proc/sys/kernel/hostname'], answer: errno('ENOENT') },
    { what: '/sys', layer: 'filesystem', act: ['list', '/sys'], answer: errno('ENOENT') },
    {
      what: 'an abstract unix socket of the host',
      layer: 'seccomp',
      act: ['unix-stream', '@palisade-guest'],
      answer: errno('EPERM'),
    },
    { what: 'a raw socket', layer: 'seccomp', act: ['socket', '2', '3', '1'], answer: errno('EPERM'), control: 'root' },
    {
      what: 'a packet socket',
      layer: 'seccomp',
      act: ['socket', '17', '3', '768'],
      answer: errno('EPERM'),
      control: 'root',
    },
    { what: 'a netlink socket', layer: 'seccomp', act: ['socket', '16', '3', '0'], answer: errno('EPERM') },
    { what: 'a new user namespace', layer: 'seccomp', act: ['unshare', '0x10000000'], answer: errno('EPERM') },
    {
      what: 'a new net namespace',
      layer: 'seccomp',
      act: ['unshare', '0x40000000'],
      answer: errno('EPERM'),
      control: 'root',
    },
    { what: 'io_uring', layer: 'seccomp', act: ['syscall', '425', '1', 'buffer'], answer: errno('ENOSYS') },
    { what: 'a mount', layer: 'seccomp', act: ['mount', '/tmp'], answer: errno('EPERM'), control: 'root' },
    { what: 'chroot', layer: 'seccomp', act: ['chroot-escape'], answer: errno('EPERM'), control: 'root' },
  ]
}

/** The table, by a program of the kernel's own table and by one of its other, as this user, and outside as a control. */
export function denialJobs(guest: Guest, uid: Uid): readonly Job[] {
  const programs = guest.tables.some((table) => table !== 'x32') ? [paths.probe, paths.probeOfOther] : [paths.probe]
  return programs.flatMap((program) => jobsOf(guest, uid, program))
}

function jobsOf(guest: Guest, uid: Uid, program: string): readonly Job[] {
  const grants = grantsOf(uid)
  const denials = denialsOf(uid, guest.landlock.abi)
  const of = `uid ${uid}${program === paths.probe ? '' : ', 32-bit program'}`
  const acts = [...grants, ...denials].map(({ act }) => act)
  const layers = [...grants, ...denials].map(({ layer }) => layer)
  const outside = [
    ...grants.map(() => 'ok'),
    ...denials.map(({ control }) => (control === 'root' && uid !== 0 ? '!ok' : 'ok')),
  ]
  const named = (prefix: string): readonly string[] => [
    ...grants.map(({ act }) => `${of}, ${prefix}: ${act.join(' ')}`),
    ...denials.map(({ what }) => `${of}, ${prefix}: ${what}`),
  ]
  const inside = [...grants.map(() => 'ok'), ...denials.map(({ answer }) => answer)]
  const clean = ['unlink', `/srv/open/new-${uid}`]
  return [
    {
      // Whoever the program is in a sandbox of root's lacks root's rights; the control is what root itself can do.
      uid: uid === 0 ? 0 : programUid(uid),
      runs: { program: [program, 'batch'] },
      ...actsOf(
        `${of}: control ends`,
        [...acts, clean],
        [...named('control'), `${of}: control cleans up`],
        [...outside, 'ok'],
        [...layers, 'filesystem'],
      ),
    },
    {
      uid,
      runs: { plan: planFor(guest, uid, policyOf(uid, program), { program }) },
      ...actsOf(`${of}: sandbox ends`, acts, named('sandbox'), inside, layers),
    },
  ]
}
