/**
 * What each ABI of Landlock can handle. Source: linux/landlock.h and Documentation/userspace-api/landlock.rst of Linux
 * 7.3. The ABI number is asked of the kernel: distributions backport, so a release says nothing.
 */
export interface Abi {
  readonly abi: number
  /** The release that first had it, for messages. */
  readonly kernel: string
  readonly fs: readonly FsRight[]
  readonly net: readonly NetRight[]
  readonly scopes: readonly Scope[]
}

/** LANDLOCK_ACCESS_FS_* */
export const fsRights = {
  execute: 1n << 0n,
  write_file: 1n << 1n,
  read_file: 1n << 2n,
  read_dir: 1n << 3n,
  remove_dir: 1n << 4n,
  remove_file: 1n << 5n,
  make_char: 1n << 6n,
  make_dir: 1n << 7n,
  make_reg: 1n << 8n,
  make_sock: 1n << 9n,
  make_fifo: 1n << 10n,
  make_block: 1n << 11n,
  make_sym: 1n << 12n,
  refer: 1n << 13n,
  truncate: 1n << 14n,
  ioctl_dev: 1n << 15n,
  resolve_unix: 1n << 16n,
} as const
export type FsRight = keyof typeof fsRights

/** LANDLOCK_ACCESS_NET_* */
export const netRights = {
  bind_tcp: 1n << 0n,
  connect_tcp: 1n << 1n,
  bind_udp: 1n << 2n,
  connect_send_udp: 1n << 3n,
} as const
export type NetRight = keyof typeof netRights

/** LANDLOCK_SCOPE_* */
export const scopes = { abstract_unix_socket: 1n << 0n, signal: 1n << 1n } as const
export type Scope = keyof typeof scopes

/** What each ABI added. 7, 8 and 11 added flags of landlock_restrict_self(2) that a launcher does not need. */
export const additions: readonly Abi[] = [
  {
    abi: 1,
    kernel: '5.13',
    fs: [
      'execute',
      'write_file',
      'read_file',
      'read_dir',
      'remove_dir',
      'remove_file',
      'make_char',
      'make_dir',
      'make_reg',
      'make_sock',
      'make_fifo',
      'make_block',
      'make_sym',
    ],
    net: [],
    scopes: [],
  },
  { abi: 2, kernel: '5.19', fs: ['refer'], net: [], scopes: [] },
  { abi: 3, kernel: '6.2', fs: ['truncate'], net: [], scopes: [] },
  { abi: 4, kernel: '6.7', fs: [], net: ['bind_tcp', 'connect_tcp'], scopes: [] },
  { abi: 5, kernel: '6.10', fs: ['ioctl_dev'], net: [], scopes: [] },
  { abi: 6, kernel: '6.12', fs: [], net: [], scopes: ['abstract_unix_socket', 'signal'] },
  { abi: 7, kernel: '6.15', fs: [], net: [], scopes: [] },
  { abi: 8, kernel: '7.0', fs: [], net: [], scopes: [] },
  { abi: 9, kernel: '7.1', fs: ['resolve_unix'], net: [], scopes: [] },
  { abi: 10, kernel: '7.2', fs: [], net: ['bind_udp', 'connect_send_udp'], scopes: [] },
  { abi: 11, kernel: '7.3', fs: [], net: [], scopes: [] },
]

/** The newest ABI that this table knows; rights of newer ones stay as they are on kernels without them. */
export const newestAbi = 11

/** Everything that a kernel of `abi` can handle, as far as the table knows. */
export function rightsOf(abi: number): { readonly fs: bigint; readonly net: bigint; readonly scoped: bigint } {
  const known = additions.filter((addition) => addition.abi <= abi)
  return {
    fs: union(known.flatMap(({ fs }) => fs.map((right) => fsRights[right]))),
    net: union(known.flatMap(({ net }) => net.map((right) => netRights[right]))),
    scoped: union(known.flatMap((addition) => addition.scopes.map((scope) => scopes[scope]))),
  }
}

/** The release that first had `abi`, for messages. */
export function kernelOf(abi: number): string {
  return additions.find((addition) => addition.abi === abi)?.kernel ?? 'unknown'
}

export function union(bits: readonly bigint[]): bigint {
  return bits.reduce((all, bit) => all | bit, 0n)
}
