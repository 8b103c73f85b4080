import type { Arch } from '../../../host/facts.js'
import { profileArch, type Profile, type ProfileEntry } from './profile.js'

/** The part of a profile that counts for one machine and one set of capabilities. */
export interface Selection {
  readonly entries: readonly ProfileEntry[]
  /** SCMP_ARCH_* that are answered; calls of all others end the process. */
  readonly architectures: readonly string[]
  /** Entries that were left out, and why. */
  readonly left: readonly { readonly entry: ProfileEntry; readonly why: string }[]
  /** Kernel versions that were taken as given. */
  readonly kernels: readonly string[]
}

/** Chooses as Docker does when it makes a container (daemon/pkg/seccomp of moby). */
export function selectEntries(profile: Profile, native: Arch, capabilities: readonly string[]): Selection {
  const judged = profile.entries.map((entry) => ({ entry, why: reasonAgainst(entry, native, capabilities) }))
  const selectors = judged.filter(({ why }) => why === null).flatMap(({ entry }) => [entry.includes, entry.excludes])
  return {
    entries: judged.filter(({ why }) => why === null).map(({ entry }) => entry),
    architectures: architecturesOf(profile, native),
    left: judged.flatMap(({ entry, why }) => (why === null || why === 'arch' ? [] : [{ entry, why }])),
    kernels: [...new Set(selectors.flatMap(({ minKernel }) => (minKernel === null ? [] : [minKernel])))],
  }
}

/** Why an entry does not count; `arch`: it is for other machines, which is nothing to speak of. */
function reasonAgainst({ includes, excludes }: ProfileEntry, native: Arch, capabilities: readonly string[]) {
  const { docker } = profileArch[native]
  if (excludes.arches.includes(docker)) return 'arch'
  if (includes.arches.length > 0 && !includes.arches.includes(docker)) return 'arch'
  const against = excludes.caps.find((name) => capabilities.includes(name))
  if (against !== undefined) return `not with ${against}`
  const missing = includes.caps.filter((name) => !capabilities.includes(name))
  if (missing.length > 0) return `only with ${missing.join(', ')}`
  // The kernel is taken to be as new as the profile asks.
  return excludes.minKernel === null ? null : `not from Linux ${excludes.minKernel} on`
}

function architecturesOf({ architectures, archMap }: Profile, native: Arch): readonly string[] {
  const { seccomp } = profileArch[native]
  const mapped = archMap?.find(({ architecture }) => architecture === seccomp)
  const named = [...(mapped === undefined ? [] : [seccomp, ...mapped.subArchitectures]), ...(architectures ?? [])]
  // libseccomp starts with the native arch.
  return [...new Set([seccomp, ...named])]
}
