/** The other ways into the kernel, from inside a sandbox: what they lead to is what the policy says, or nothing. */
import { addresses } from '../../integration/world/addresses.js'
import type { Layer } from '../layers.js'
import type { Guest } from '../matrix.js'
import { errno, otherPort } from './denials.js'
import { actsOf, type Job } from './jobs.js'
import { paths, planFor, type Uid } from './place.js'

interface Door {
  readonly what: string
  readonly layer: Layer
  readonly act: readonly string[]
  readonly outside: string
  readonly inside: string
}

const policy = {
  name: 'doors',
  network: { egress: [{ host: addresses.allowed, port: 443 }] },
  syscalls: { promises: ['stdio', 'rpath', 'inet_client', 'proc', 'threads'] },
}

/** Numbers of the i386 table. */
const [socketcall, keyctl, unshareOf386] = ['102', '288', '310'] as const
/** getpid and socket of x86_64, with the bit of x32. */
const [getpidOfX32, socketOfX32] = ['0x40000027', '0x40000029'] as const

function doorsOf(guest: Guest, uid: Uid): readonly Door[] {
  const { allowed, denied } = addresses
  const hasX32 = guest.tables.includes('x32')
  const known = hasX32 ? 'ok' : errno('ENOSYS')
  const [portLayer, port] = otherPort(guest.landlock.abi)
  const ofX86: readonly Door[] = [
    {
      what: 'int 0x80: connect to the endpoint',
      layer: 'network',
      act: ['i386-tcp', allowed, '443'],
      outside: 'ok',
      inside: 'ok',
    },
    {
      what: 'int 0x80: connect to another address',
      layer: 'network',
      act: ['i386-tcp', denied, '443'],
      outside: 'ok',
      inside: errno('ENETUNREACH'),
    },
    {
      what: 'int 0x80: connect to another port',
      layer: portLayer,
      act: ['i386-tcp', allowed, '8443'],
      outside: 'ok',
      inside: port,
    },
    // SYS_SOCKET: AF_INET, SOCK_STREAM.
    {
      what: 'int 0x80: socketcall',
      layer: 'seccomp',
      act: ['i386-socketcall', '1', '2', '1', '0'],
      outside: 'ok',
      inside: errno('ENOSYS'),
    },
    {
      what: 'int 0x80: socketcall for a raw socket',
      layer: 'seccomp',
      act: ['i386-socketcall', '1', '2', '3', '1'],
      outside: uid === 0 ? 'ok' : errno('EPERM'),
      inside: errno('ENOSYS'),
    },
  ]
  const ofX86_64: readonly Door[] = [
    {
      what: 'int 0x80: unshare',
      layer: 'seccomp',
      act: ['i386', unshareOf386, '0x10000000'],
      outside: 'ok',
      inside: errno('EPERM'),
    },
    {
      what: 'int 0x80: socketcall without arguments',
      layer: 'seccomp',
      act: ['i386', socketcall, '1', 'buffer'],
      outside: '!errno 38',
      inside: errno('ENOSYS'),
    },
    {
      what: 'int 0x80: the session keyring',
      layer: 'seccomp',
      act: ['i386', keyctl, '0', '-3', '0'],
      outside: '!errno 1',
      inside: errno('EPERM'),
    },
    {
      what: 'x32: getpid',
      layer: 'seccomp',
      act: ['syscall', getpidOfX32],
      outside: known,
      inside: errno('ENOSYS'),
    },
    {
      what: 'x32: socket',
      layer: 'seccomp',
      act: ['syscall', socketOfX32, '2', '1', '0'],
      outside: known,
      inside: errno('ENOSYS'),
    },
  ]
  return [...(guest.arch === 'aarch64' ? [] : ofX86), ...(guest.arch === 'x86_64' ? ofX86_64 : [])]
}

export function doorJobs(guest: Guest, uid: Uid): readonly Job[] {
  return [...jobsBy(guest, uid, paths.probe, doorsOf(guest, uid)), ...libraryJobs(guest, uid)]
}

/** Debian's C library on i386 knows sockets by socketcall(2) only, which stays closed: the direct calls are above. */
function libraryJobs(guest: Guest, uid: Uid): readonly Job[] {
  const inside = guest.arch === 'i386' ? errno('ENOSYS') : 'ok'
  const act = ['tcp', addresses.allowed, '443']
  return jobsBy(guest, uid, paths.probeByLibrary, [
    { what: "the C library's connect", layer: 'seccomp', act, outside: 'ok', inside },
  ])
}

function jobsBy(guest: Guest, uid: Uid, program: string, doors: readonly Door[]): readonly Job[] {
  if (doors.length === 0) return []
  const acts = doors.map(({ act }) => act)
  const layers = doors.map(({ layer }) => layer)
  const named = (prefix: string): readonly string[] => doors.map(({ what }) => `uid ${uid}, ${prefix}: ${what}`)
  return [
    {
      uid,
      runs: { program: [program, 'batch'] },
      ...actsOf(
        `uid ${uid}, doors: control ends`,
        acts,
        named('control'),
        doors.map(({ outside }) => outside),
        layers,
      ),
    },
    {
      uid,
      runs: { plan: planFor(guest, uid, policy, { program }) },
      ...actsOf(
        `uid ${uid}, doors: sandbox ends`,
        acts,
        named('sandbox'),
        doors.map(({ inside }) => inside),
        layers,
      ),
    },
  ]
}
