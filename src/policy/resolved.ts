/**
 * What a policy means on one host: the middle of the pipe. Layers share these facts here because they do not import
 * one another (Landlock is derived from the file system's grants and the network's endpoints).
 */
import type { PolicyKey } from '../core/policy-key.js'

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

export interface SocketAddress {
  /** Dotted quad. */
  readonly address: string
  readonly port: number
}

export interface Endpoint {
  readonly key: PolicyKey
  /** The policy's spelling: a name or an IPv4 literal. */
  readonly host: string
  readonly port: number
  /** What the sandbox sees: the literal itself, or a synthetic address for a name. */
  readonly inside: string
  /** What the relay dials, in this order. */
  readonly dial: readonly SocketAddress[]
}

export interface ResolvedNetwork {
  readonly endpoints: readonly Endpoint[]
  readonly loopback: 'up' | 'down'
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

/** The program to start and what execve(2) will read to start it. */
export interface Command {
  /** Real path. */
  readonly path: string
  readonly arguments: readonly string[]
  /** Interpreters of scripts and dynamic loaders of ELF files, real paths, in the order the kernel opens them. */
  readonly interpreters: readonly string[]
}
