import { syscallTable } from '../../src/layers/seccomp/tables.js'
import { knownName, type Question } from './ask.js'

/** Questions that depend on the seed alone, about the files below `ground` and those that every host has. */
export function makeQuestions(seed: number, count: number, ground: string): readonly Question[] {
  const random = generator(seed)
  const makers = [path, path, path, connect, syscall, syscall]
  return Array.from({ length: count }, () => pick(makers, random)(random, ground))
}

type Random = () => number

/** mulberry32: the same numbers on every machine. */
function generator(seed: number): Random {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let bits = Math.imul(state ^ (state >>> 15), 1 | state)
    bits = (bits + Math.imul(bits ^ (bits >>> 7), 61 | bits)) ^ bits
    return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32
  }
}

function words(text: string): readonly string[] {
  return text.trim().split(/\s+/)
}

function pick<T>(items: readonly T[], random: Random): T {
  const item = items[Math.floor(random() * items.length)]
  if (item === undefined) throw new RangeError('nothing to pick')
  return item
}

const below = words(`
  read read/file read/sub/file read/link-in read/link-out read/link-up read/loop read/fifo read/root-only
  read/root-only/file read/unreadable read/script read/text read/program
  write write/file write/roots-file write/sub write/locked write/hidden write/hidden/file write/hidden-file
  write/policy.yaml write/program write/dangling write/link-to-read
  outside outside/file exec exec/program exec/script exec/bad-script exec/text exec/not-executable
`)
const everywhere = words(`
  / /usr /usr/bin /bin/sh /usr/bin/true /etc /etc/passwd /etc/hosts /etc/shadow /lib64 /root /home /var/tmp /var/log /new
  /dev /dev/null /dev/zero /dev/urandom /dev/full /dev/tty /dev/sda /dev/shm /dev/shm/new /tmp /tmp/new /tmp/no/such
  /proc /proc/self /proc/self/status /proc/self/maps /proc/self/comm /proc/self/environ /proc/1/environ /proc/1/status
  /proc/1/maps /proc/1/cmdline /proc/meminfo /proc/sys/kernel/hostname /proc/new /sys /sys/kernel
`)
const endings = ['', '', '', '', '/', '/.', '/..', '/absent', '/../file', '/./file', '//file', '/no/such']

function path(random: Random, ground: string): Question {
  const base = random() < 0.65 ? `${ground}/${pick(below, random)}` : pick(everywhere, random)
  const access = pick(['read', 'read', 'write', 'write', 'exec'] as const, random)
  return { about: 'path', path: `${base === '/' ? '' : base}${pick(endings, random)}` || '/', access }
}

const addresses = words(`
  192.0.2.10 192.0.2.11 192.0.2.12 198.18.0.1 198.18.0.2 127.0.0.1 10.0.0.1 8.8.8.8 169.254.169.254 224.0.0.1
`)

function connect(random: Random): Question {
  const host = pick([...addresses, knownName.name, 'other.example.test', 'localhost'], random)
  return { about: 'connect', host, port: pick([443, 443, 80, 8443, 22, 53], random) }
}

/** Calls whose arguments decide, with values that reach both sides and do nothing. */
const decided: readonly (readonly [string, readonly (readonly number[])[]])[] = [
  [
    'socket',
    [
      [1, 2, 10, 16, 17, 40],
      [1, 2, 3, 5, 0x80001],
      [0, 6, 17, 262],
    ],
  ],
  ['socketpair', [[1, 2, 16], [1, 2], [0], [0]]],
  ['ioctl', [[-1], [0x5401, 0x5412, 0x541c, 0x5421, 0x5413, 0x40045431]]],
  ['fcntl', [[-1], [0, 1, 3, 8, 1024, 1033]]],
  ['prctl', [[0, 1, 3, 15, 22, 24, 38, 55], [0], [0], [0], [0]]],
  ['mmap', [[0], [0], [1, 3, 5, 7], [0x22, 0x2], [-1], [0]]],
  ['mprotect', [[0], [0], [1, 3, 4, 5, 7]]],
  ['openat', [[-100], [0], [0, 1, 2, 0x41, 0x42, 0x241, 0x200000]]],
  ['prlimit64', [[0, 1], [0, 7], [0, 1], [0]]],
  ['setsockopt', [[-1], [0, 1, 6, 41], [1, 2, 9, 19, 25, 26, 31]]],
  ['clone', [[0x10000000, 0x20000000, 0x40000000]]],
]

function syscall(random: Random): Question {
  const arch = random() < 0.7 ? 'x86_64' : 'i386'
  const { byName } = syscallTable(arch)
  const [name, choices] = pick(decided, random)
  const chosen = byName.get(name)
  if (random() < 0.4 && chosen !== undefined) {
    return { about: 'syscall', arch, name, number: chosen.number, args: choices.map((values) => pick(values, random)) }
  }
  const call = pick([...byName.values()], random)
  const value = pick([0, -1], random)
  return { about: 'syscall', arch, name: call.name, number: call.number, args: [value, value, value, value, value] }
}
