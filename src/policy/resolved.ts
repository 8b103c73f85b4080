/**
 * What a policy means on one host: the middle of the pipe. Layers share these facts here because they do not import
 * one another (Landlock is derived from the file system's grants and the network's endpoints).
 */
import type { PolicyKey } from '../core/policy-key.js'
import type { IpRange } from './ip-address.js'

export type FileKind = 'directory' | 'file' | 'device' | 'socket' | 'fifo'

/** One granted path, after symlinks: `path` is real, absolute, without `.` or `..`. */
export interface Grant {
  readonly key: PolicyKey
  readonly path: string
  readonly kind: FileKind
  readonly read: boolean
  readonly write: boolean
  /** May be started with execve(2). */
  readonly execute: boolean
  /** May be mapped as code: true for what holds a program or its loader. */
  readonly map: boolean
  /** May be renamed or linked between directories (Landlock REFER). */
  readonly move: boolean
}

export interface DeniedPath {
  readonly key: PolicyKey
  readonly path: string
  readonly kind: FileKind
}

export interface Symlink {
  readonly path: string
  readonly target: string
}

export interface PinnedFile {
  readonly key: PolicyKey
  readonly path: string
  readonly content: string
}

export interface ResolvedFilesystem {
  /** Sorted by path, so that a parent stands before what lies in it; one entry a path. */
  readonly grants: readonly Grant[]
  readonly denied: readonly DeniedPath[]
  /** Never writable from inside, whatever is granted: the policy, its bases, our own files. */
  readonly protected: readonly DeniedPath[]
  readonly symlinks: readonly Symlink[]
  readonly pinned: readonly PinnedFile[]
  readonly tmpBytes: bigint | null
}

export interface Endpoint {
  readonly key: PolicyKey
  /** The policy's spelling: a name, a wildcard, or a literal address. */
  readonly host: string
  readonly port: number
  readonly protocol: 'tcp' | 'udp'
  readonly tls: 'any' | 'required' | 'required, ECH allowed'
  /** What the sandbox sees: the literal itself; for a name synthetic addresses, or under `route` its own. */
  readonly inside: readonly string[]
  /** What is dialled: the literal. A name is resolved by the relay. */
  readonly dial: readonly string[]
  /** Ranges that the name may lead to; none: every public address. */
  readonly within: readonly IpRange[]
}

export interface PublishedPort {
  readonly key: PolicyKey
  /** The program's. */
  readonly port: number
  /** On the host. */
  readonly publish: number
  /** Somebody else listens there already, and has passed this descriptor; and where the program listens. */
  readonly passed?: { readonly descriptor: number; readonly inside: string } | undefined
}

export interface ResolvedNetwork {
  /** Who carries the packets out: a relay of ours, or the host's own forwarding. */
  readonly via: 'relay' | 'route'
  readonly endpoints: readonly Endpoint[]
  /** Where the resolver inside answers; none: names are in /etc/hosts alone. */
  readonly resolvers: readonly string[]
  readonly published: readonly PublishedPort[]
  /** `published`: up, but only for `published`; the program itself was not promised one. */
  readonly loopback: 'up' | 'published' | 'down'
  readonly connectionsMax: number
  readonly idleMs: number
}

export interface ResolvedUser {
  readonly uid: number
  readonly gid: number
  readonly key: PolicyKey
}

export interface ResolvedProcess {
  readonly user: ResolvedUser
  readonly directory: string
  readonly environment: readonly string[]
  readonly descriptors: readonly number[]
  readonly command: Command
}

/** A TCP socket of the service manager's, in whose place the program gets one that listens inside. */
export interface PassedListener {
  readonly descriptor: number
  /** Of the host's socket, and of the program's. */
  readonly address: string
  readonly port: number
}

export interface ResolvedService {
  /** The service manager's socket; null: nothing is told. */
  readonly manager: string | null
  readonly listeners: readonly PassedListener[]
  /** All that the service manager passes, and the program gets by the same numbers. */
  readonly descriptors: readonly number[]
  /** Of the program, besides those of `process.environment`. */
  readonly variables: readonly (readonly [string, string])[]
}

/** The program to start and what execve(2) will read to start it. */
export interface Command {
  /** Real path. */
  readonly path: string
  readonly arguments: readonly string[]
  /** Interpreters of scripts and dynamic loaders of ELF files, real paths, in the order the kernel opens them. */
  readonly interpreters: readonly string[]
}
