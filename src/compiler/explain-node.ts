/** What `explain` knows of a file: what the host has there, and the mount that shows it. */
import type { PolicyKey } from '../core/policy-key.js'
import type { FileKind } from '../policy/resolved.js'

/** What stands at a path of the host; a symlink is not followed. */
export interface Seen {
  readonly kind: FileKind | 'symlink'
  readonly uid: number
  readonly gid: number
  /** Permission bits, 0o7777. */
  readonly mode: number
  /** What a symlink holds; empty for all else. */
  readonly target: string
  /** What access(2) says, if the caller is the program's user: it knows ACLs and supplementary groups. */
  readonly mine: Rights | null
  /** The host itself has it on a mount that is read-only, or noexec. */
  readonly readOnly: boolean
  readonly noExec: boolean
}

export interface Rights {
  readonly read: boolean
  readonly write: boolean
  readonly execute: boolean
}

/** What execve(2) makes of a file: an interpreter is started in its place, or besides it. */
export type Program = { readonly format: 'program'; readonly interpreter: string | null } | { readonly format: 'none' }

/** The host as the plan's mounts show it. `refused`: the caller may not look there. */
export interface Host {
  look(path: string): Seen | 'absent' | 'refused'
  program(path: string): Program
}

/** The mount that a file lies on. */
export interface Mount {
  readonly what: 'root' | 'bind' | 'tmpfs' | 'pinned' | 'proc' | 'host'
  /** Where it is attached in the view. */
  readonly target: string
  readonly origin: PolicyKey
  readonly readOnly: boolean
  readonly noExec: boolean
}

export interface Node extends Omit<Seen, 'readOnly' | 'noExec'> {
  readonly mount: Mount
  /** Where it lies on the host; null: made for the view. */
  readonly hostPath: string | null
}

/** What stands at a path without symlinks in it. `unknown`: no plan tells. */
export type View = (path: string) => Node | 'absent' | 'refused' | 'unknown'

/** Ids as the host counts them. */
export interface User {
  readonly uid: number
  readonly gid: number
}
