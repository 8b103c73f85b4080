/** What the compiler knows of the host. Recorded by `probe.ts`; data only, so that a test can make up a host. */
import type { FileKind } from '../policy/resolved.js'
import type { SocketFacts } from './passed-sockets.js'

export type Arch = 'x86_64' | 'i386' | 'aarch64' | 'arm' | 'riscv64'

/** inode(7). */
export interface Permissions {
  readonly uid: number
  readonly gid: number
  /** Permission bits, 0o7777. */
  readonly mode: number
}

/** What stands at a path: `real` is the path after all symlinks. */
export interface PathFacts extends Permissions {
  readonly real: string
  readonly kind: FileKind
  /** Hard links: names of the same file; a directory's say nothing. */
  readonly links: number
  /** access(2) says that the caller may write here: knows ACLs and supplementary groups, which `mode` does not. */
  readonly callerWrites: boolean
  /** Programs only: interpreters (`#!`) and dynamic loaders (PT_INTERP) that execve(2) opens, as written. */
  readonly interpreters?: readonly string[]
}

/** How packets to an address leave the host. */
export type Uplink =
  /** There is no route. */
  | { readonly kind: 'none' }
  /** The address is the host's own. */
  | { readonly kind: 'own' }
  /** `off`: the setting of sysctl(8) without which answers that arrive at `device` are not forwarded; null: it is on. */
  | { readonly kind: 'device'; readonly device: string; readonly off: string | null }

/** The cgroup that the caller is in (cgroups(7), version 2). */
export type OwnCgroup =
  /** There is no version 2. */
  | { readonly kind: 'none' }
  /** What is mounted begins elsewhere, so that the caller's own cannot be found in it (cgroup_namespaces(7)). */
  | { readonly kind: 'unseen' }
  | ({
      readonly kind: 'v2'
      /** As in /proc/self/cgroup. */
      readonly path: string
    } & CgroupState)

/** One that the caller has named, for what a child of it makes. */
export type NamedCgroup =
  /** It is none of version 2. */
  | { readonly kind: 'no cgroup'; readonly directory: string }
  | ({
      readonly kind: 'named'
      /** Its real path. */
      readonly directory: string
      /** Those that it lies in, the nearest first, and what each could hand on. */
      readonly above: readonly { readonly directory: string; readonly controllers: readonly string[] }[]
      /**
       * The cgroup around both it and the caller's own, if the caller may not move processes there, which a process that is
       * made in another cgroup takes; null: it may.
       */
      readonly apartIn: string | null
    } & CgroupState)

interface CgroupState {
  /** What it could hand on: `memory`, `pids` and kin. */
  readonly controllers: readonly string[]
  /** Whether the caller may make cgroups in it and move processes there. */
  readonly delegated: boolean
  /**
   * Who else is in it, which keeps it from handing on controllers: other processes, or the caller itself, where a
   * child of it is to be the launcher. The root can have both.
   */
  readonly shared: 'no' | 'with others' | 'with the caller'
}

/** A descriptor that the service manager passes. */
export interface PassedSocket {
  readonly descriptor: number
  /** Of FileDescriptorName= or FDNAME=; several can have one. */
  readonly name: string
  /** Null: it is no socket; `closed`: nothing was passed by that number. */
  readonly socket: SocketFacts | null | 'closed'
}

export interface HostFacts {
  /** Of the running kernel's native table. */
  readonly arch: Arch
  /** uname release, for messages only: features are probed, never read off a version. */
  readonly release: string
  readonly caller: { readonly uid: number; readonly gid: number; readonly home: string; readonly directory: string }
  /** 0: no Landlock. `errata` is the kernel's bit mask. */
  readonly landlock: { readonly abi: number; readonly errata: number }
  /** Limits of setrlimit(2) that the caller cannot raise, by RLIMIT_* number; absent: none. */
  readonly hardLimits: ReadonlyMap<number, bigint>
  readonly cgroup: OwnCgroup | NamedCgroup
  /** The lowest port that the caller may listen at. */
  readonly lowestPort: number
  /** Whether the kernel has IPv6 at all. */
  readonly ipv6: boolean
  /** What lets one device forward IPv6: `force_forwarding` (Linux 6.17), or `forwarding` of all of them. */
  readonly forwardsIpv6By: 'force_forwarding' | 'all'
  /** nft(8), by its real path; null: it is not installed. */
  readonly nft: string | null
  /** The program that asks the host's resolver for one name (native/resolve/). */
  readonly resolver: string
  readonly userNamespaces: 'allowed' | { readonly refused: string }
  /** Paths that the policy, the command and the base view name, by the name used; null: nothing there. */
  readonly paths: ReadonlyMap<string, PathFacts | null>
  /** Symlinks met on the way to them (`/lib64` -> `usr/lib64`), by their own path. */
  readonly symlinks: ReadonlyMap<string, string>
  /** Directories of their real paths, and themselves, that not everybody may search. */
  readonly closed: ReadonlyMap<string, Permissions>
  /** Where the kernel's own state is mounted: procfs, sysfs and kin. */
  readonly kernelMounts: readonly string[]
  /** Addresses of hosts, in the resolver's order; empty: the name has none. A literal is its own address. */
  readonly names: ReadonlyMap<string, readonly string[]>
  /** How the host reaches each of those addresses. */
  readonly uplinks: ReadonlyMap<string, Uplink>
  /** The caller's environment. */
  readonly environment: ReadonlyMap<string, string>
  /** From 3 on; none where they are for somebody else. */
  readonly passed: readonly PassedSocket[]
  /** Users by name, from the host's user database. */
  readonly users: ReadonlyMap<string, { readonly uid: number; readonly gid: number }>
}
