import type { Arch } from '../../../host/facts.js'

/** A seccomp profile as container runtimes read it: `linux.seccomp` of the OCI runtime specification, or Docker's. */
export interface Profile {
  readonly defaultAction: ProfileAction
  /** Names such as SCMP_ARCH_X86_64; null: the native one only. */
  readonly architectures: readonly string[] | null
  /** Docker's: the names of a native architecture, and those that go with it. */
  readonly archMap: readonly ArchMapping[] | null
  readonly flags: readonly string[]
  readonly listener: 'listener' | 'none'
  readonly entries: readonly ProfileEntry[]
}

export interface ArchMapping {
  readonly architecture: string
  readonly subArchitectures: readonly string[]
}

/** What a call gets, as the kernel returns it from a filter. */
export interface ProfileAction {
  /** As written: SCMP_ACT_ERRNO. */
  readonly name: string
  /** SECCOMP_RET_* with its data. */
  readonly value: number
}

export interface ProfileEntry {
  /** Where it stands: `syscalls[3]`. */
  readonly key: string
  readonly names: readonly string[]
  readonly action: ProfileAction
  readonly args: readonly ProfileTest[]
  readonly includes: Selector
  readonly excludes: Selector
}

/** When an entry counts; Docker's. */
export interface Selector {
  readonly caps: readonly string[]
  /** Names such as amd64. */
  readonly arches: readonly string[]
  readonly minKernel: string | null
}

export type Comparison = 'EQ' | 'NE' | 'LT' | 'LE' | 'GT' | 'GE' | 'MASKED_EQ'

/** A comparison of all 64 bits of an argument. */
export interface ProfileTest {
  readonly index: number
  readonly op: Comparison
  /** The mask of MASKED_EQ, else what is compared with. */
  readonly value: bigint
  /** What MASKED_EQ compares with. */
  readonly valueTwo: bigint
}

/** What a profile calls our arches. */
export const profileArch: { readonly [A in Arch]: { readonly seccomp: string; readonly docker: string } } = {
  x86_64: { seccomp: 'SCMP_ARCH_X86_64', docker: 'amd64' },
  i386: { seccomp: 'SCMP_ARCH_X86', docker: 'x86' },
  aarch64: { seccomp: 'SCMP_ARCH_AARCH64', docker: 'arm64' },
  arm: { seccomp: 'SCMP_ARCH_ARM', docker: 'arm' },
  riscv64: { seccomp: 'SCMP_ARCH_RISCV64', docker: 'riscv64' },
}

/** SCMP_ACT_* without their data; the default data of ERRNO is EPERM (OCI runtime specification). */
export const profileActions: ReadonlyMap<string, number> = new Map([
  ['SCMP_ACT_KILL', 0x00000000],
  ['SCMP_ACT_KILL_THREAD', 0x00000000],
  ['SCMP_ACT_KILL_PROCESS', 0x80000000],
  ['SCMP_ACT_TRAP', 0x00030000],
  ['SCMP_ACT_ERRNO', 0x00050000],
  ['SCMP_ACT_NOTIFY', 0x7fc00000],
  ['SCMP_ACT_TRACE', 0x7ff00000],
  ['SCMP_ACT_LOG', 0x7ffc0000],
  ['SCMP_ACT_ALLOW', 0x7fff0000],
])
