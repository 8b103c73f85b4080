/** What the policy reference says of each key besides its description: how it is written, and what is refused. */
export interface KeyNote {
  readonly type: string
  /** What is an error, besides values of another type. */
  readonly refused: readonly string[]
  /** Protections of Landlock that carry it; names of src/layers/landlock/protections.ts. */
  readonly landlock?: readonly string[]
  /** How the keys of what is in it are written, where the schema has no more than a pattern. */
  readonly items?: Readonly<Record<string, string>>
}

const paths = 'list of [paths](#paths)'
const size = 'size: a whole number and `K`, `M`, `G` or `T` (powers of 1024)'
const noCgroup =
  'a host without cgroup v2, or whose controllers v1 holds; a cgroup of the caller that it may not divide, or with other processes: the message says how to get one'
const duration = 'duration: a whole number and `ms`, `s`, `m` or `h`'

export const keyNotes: Readonly<Record<string, KeyNote>> = {
  version: { type: '`1`', refused: ['any other number'] },
  name: { type: 'text of up to 63 characters: `a-z`, `0-9`, `-`', refused: ['a name that begins or ends with `-`'] },
  description: { type: 'text of one line, up to 1000 characters', refused: ['unprintable characters'] },
  extends: {
    type: 'name of a file, or list of up to 16',
    refused: ['a file that extends itself, directly or through others', 'a name with a variable in it'],
  },
  'filesystem.read': { type: paths, refused: [], landlock: ['paths'] },
  'filesystem.write': {
    type: paths,
    refused: [
      "a path whose permission bits refuse it to the program's user",
      'a place inside the policy, its bases, or Palisade itself, or one that holds a symlink which leads there',
    ],
    landlock: ['paths', 'truncation'],
  },
  'filesystem.exec': {
    type: paths,
    refused: [
      'entries without the promise `exec`, which nobody could use',
      'a file without any x bit, or whose interpreter does not exist',
    ],
    landlock: ['paths'],
  },
  'filesystem.deny': {
    type: paths,
    refused: [
      'a path that lies in no grant, that another entry grants by name, or that the command needs',
      'a path that does not exist: nothing could be mounted over it',
    ],
  },
  'filesystem.move': {
    type: paths,
    refused: ['a path that is no directory, or lies in no entry of `filesystem.write`'],
    landlock: ['moves between directories'],
  },
  'filesystem.tmp': { type: size, refused: ['`/tmp` in another list beside it'], landlock: ['paths'] },
  'network.egress': {
    type: 'list of up to 120 `{ host, port, protocol?, tls?, ech?, addresses? }`; [Hosts](#hosts) has the spelling of `host`',
    refused: [
      'the same host, port and protocol twice',
      'a range of ports: every open port is one that an author has named',
      'a literal that is loopback, link-local, multicast, broadcast, reserved, an IPv4 address in IPv6 form, or in 198.18.0.0/15 or fd50:616c:6973::/48, from which names get their addresses inside',
      'an IPv6 literal on a kernel without IPv6',
      'a wildcard without `tls: required` and `dns: stub`',
      '`tls: required` with an address (a ClientHello names none) or with `protocol: udp` (QUIC encrypts its own)',
      '`ech: allowed` without `tls: required`',
      '`addresses` beside a literal; a range of every address, one that begins in its middle, or one where nobody can be dialled (multicast, reserved, IPv6 link-local)',
    ],
    landlock: ['TCP ports', 'UDP'],
    items: { host: '[host](#hosts)', addresses: 'list of up to 16 ranges, such as `10.0.0.0/8`' },
  },
  'network.via': {
    type: '`relay` or `route`',
    refused: [
      '`route` without root, or without nft(8) on the host',
      '`route` beside `tls: required`, a wildcard or `dns: stub`, which only the relay can do',
      '`route` to a name without an address, or with one that `addresses` do not hold',
      '`route` by a device of the host that does not forward, or to an address of the host itself',
    ],
  },
  'network.dns': { type: '`hosts` or `stub`', refused: [] },
  'network.listen': {
    type: 'list of up to 32 `{ port, publish }`',
    refused: ['the same `publish` twice', 'a range of ports'],
    landlock: ['TCP ports'],
  },
  'network.loopback': { type: '`true` or `false`', refused: [], landlock: ['TCP ports', 'UDP'] },
  'network.connections': { type: 'whole number from 1 to 4096', refused: [] },
  'network.idle': { type: duration, refused: ['more than 720h, thirty days'] },
  'syscalls.promises': { type: 'list of promises, see below', refused: ['an unknown word'] },
  'syscalls.denied': { type: '`EPERM` or `kill`', refused: [] },
  'syscalls.otherwise': {
    type: '`denied`, `allow` or `log`',
    refused: [
      '`allow` or `log` without `unsafe.allow-by-default`',
      'beside them: a rule that a call of the 32-bit table, or one with its arguments in memory, gets around',
    ],
  },
  'syscalls.minimumKernel': {
    type: 'text of two numbers, in quotes: `"5.10"` (without them 5.10 is the number 5.1)',
    refused: ['a kernel before seccomp(2), or newer than the tables'],
  },
  'syscalls.rules': {
    type: 'list of up to 256 `{ syscall, arch?, when?, action }`; [conditions.md](conditions.md) has the language of `when`',
    refused: [
      'an unknown call, constant, argument or error; a condition that can never hold',
      'a constant that differs between the arches of the rule; `user_notif`, which nobody would answer',
      'a condition on memory behind a pointer: the kernel would read it again after the check',
      'a rule that an earlier one hides, that allows what is allowed anyway, that contradicts `syscalls.allow`, or that another call gets around',
      'a rule that refuses what every program needs to start and to end, or allows what is never allowed',
    ],
    items: {
      syscall: 'text',
      arch: '`x86_64`, `i386`, `aarch64`, `arm` or `riscv64`, or list of them',
      when: 'text of up to 2000 characters, or list of up to 16',
      action: '`allow`, `log`, `trap`, `user_notif`, `kill_thread`, `kill_process`, or `{ errno: NAME }`',
    },
  },
  'syscalls.allow': {
    type: 'list of names of system calls',
    refused: ['an unknown call; a call some uses of which are never allowed; one that a rule refuses'],
  },
  'process.environment.pass': { type: 'list of names', refused: ['what is no name of a variable'] },
  'process.environment.set': {
    type: 'map of names to texts',
    refused: ['a number where a text is wanted: quote it', 'a value longer than execve(2) takes'],
  },
  'process.directory': { type: '[path](#paths)', refused: ['a path that is no directory, or that no grant shows'] },
  'process.user': {
    type: 'name of a user of this host, or `{ uid, gid }`',
    refused: ['another user than the caller, unless root calls', 'uid 0 or gid 0, unless `unsafe.host-root` says why'],
  },
  'process.descriptors': {
    type: 'map of names to numbers from 3 to 1023',
    refused: ['a descriptor that the caller has not opened', 'the same number twice'],
  },
  'service.notify': {
    type: '`true` or `false`',
    refused: [
      '`true` without a promise to make unix sockets',
      'a NOTIFY_SOCKET that is neither a path nor an abstract name',
    ],
  },
  'service.sockets': {
    type: 'list of up to 64 names, printable and without `:` and spaces',
    refused: [
      'a passed descriptor that is not named, and a name that nothing was passed by',
      'a socket that the program could reach others by: UDP, datagrams of unix(7), a TCP connection (`Accept=yes`)',
      'a descriptor that is also one of `process.descriptors`, or that is a directory',
    ],
  },
  'limits.wall': { type: duration, refused: ['more than a year'] },
  'limits.cpu': { type: duration, refused: ['parts of a second'] },
  'limits.files': { type: 'whole number from 16 to 1048576', refused: [] },
  'limits.processes': { type: 'whole number from 1 to 4194304', refused: [] },
  'limits.memory': { type: size, refused: ['more than 1024T', noCgroup] },
  'limits.pids': { type: 'whole number from 1 to 4194303', refused: [noCgroup, 'more than 32767 on a 32-bit kernel'] },
  'limits.cpus': { type: 'number from 0.01 to 8192', refused: [noCgroup] },
  'limits.file-size': { type: size, refused: ['more than 1024T'] },
  'limits.address-space': { type: size, refused: ['more than 1024T'] },
  'limits.stack': { type: size, refused: ['more than 1024T'] },
  'unsafe.allow-by-default.reason': {
    type: 'text of one line, up to 1000 characters',
    refused: ['no reason', 'an opening that nothing uses: `syscalls.otherwise` is neither `allow` nor `log`'],
  },
  'unsafe.host-root.reason': {
    type: 'text of one line, up to 1000 characters',
    refused: ['no reason', 'an opening that nothing uses: the program would run as another user'],
  },
}
