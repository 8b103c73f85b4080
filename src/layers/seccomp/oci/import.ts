import type { Arch } from '../../../host/facts.js'
import { lets } from '../action.js'
import { reachableArches } from '../arch.js'
import { letsThrough } from '../listing/answers.js'
import { meaningOf } from '../meaning.js'
import type { FilterRequest } from '../request.js'
import { syscallTable } from '../tables.js'
import { answerFor, type ProfileAnswer } from './answers.js'
import { changesOf } from './changes.js'
import { lossesOf, type Loss } from './losses.js'
import { profileArch, type Profile } from './profile.js'
import { selectEntries, type Selection } from './select.js'
import { settled } from './settle.js'
import { actionFor, writePolicy } from './write.js'

export interface ImportedPolicy {
  readonly request: FilterRequest
  readonly losses: readonly Loss[]
}

/**
 * A policy that answers as a profile does on one machine. What has no words of ours becomes stricter where that can be;
 * then both are compared, call by call over all arguments, and every difference is told.
 */
export function importProfile(profile: Profile, native: Arch, capabilities: readonly string[]): ImportedPolicy {
  const selection = selectEntries(profile, native, capabilities)
  const base = baseOf(profile, native)
  const answered = reachableArches(native).filter((arch) => {
    return selection.architectures.includes(profileArch[arch].seccomp)
  })
  const answerTo = (name: string): ProfileAnswer => answerFor(name, selection.entries, profile.defaultAction)
  const written = writePolicy(base, answered, answerTo)
  const { request, told } = settled(written)
  const tables = meaningOf(request).tables.filter(({ arch }) => answered.includes(arch))
  const changes = tables.flatMap((table) => changesOf(table, ({ name }) => answerTo(name), 'into-policy'))
  return {
    request,
    losses: [...told, ...lossesOf(changes), ...generalLosses(profile, selection, native, answered)],
  }
}

/** What everything gets that nothing names. */
function baseOf({ defaultAction: { value } }: Profile, arch: Arch): FilterRequest {
  const base = { arch, promises: [], denied: 'EPERM' } as const
  if (value === 0x7ffc0000) return { ...base, otherwise: 'log' }
  if (letsThrough(value)) return { ...base, otherwise: 'allow' }
  const isErrno = (value & 0xffff0000) >>> 0 === 0x00050000 || value >= 0x7fc00000
  return isErrno && value < 0x80000000 ? base : { ...base, denied: 'kill' }
}

function generalLosses(
  { defaultAction, flags, listener, entries }: Profile,
  { left, kernels, architectures }: Selection,
  native: Arch,
  answered: readonly Arch[],
): readonly Loss[] {
  const known = new Set(reachableArches(native).flatMap((arch) => [...syscallTable(arch).byName.keys()]))
  const elsewhere = new Set(
    (['x86_64', 'i386', 'aarch64', 'arm', 'riscv64'] as const).flatMap((arch) => [...syscallTable(arch).byName.keys()]),
  )
  const names = [...new Set(entries.flatMap((entry) => entry.names))]
  const unknown = names.filter((name) => !known.has(name) && !elsewhere.has(name))
  const losses: Loss[] = []
  const tell = (kind: Loss['kind'], text: string): void => {
    losses.push({ kind, text })
  }
  for (const [why, calls] of byReason(left)) tell('note', `left out, ${why}: ${calls.join(' ')}`)
  for (const kernel of kernels) tell('note', `taken as given: Linux ${kernel} or later`)
  if (unknown.length > 0) tell('note', `no such call in our tables, answered ENOSYS: ${unknown.join(' ')}`)
  const silent = reachableArches(native).filter((arch) => !answered.includes(arch))
  for (const arch of silent) {
    tell('weaker', `calls of ${arch} end the thread in the profile; here the same rules answer them (--tables native)`)
  }
  if (native === 'x86_64' && architectures.includes('SCMP_ARCH_X32')) {
    tell('stricter', 'x32 calls are answered by the profile; here they are always refused')
  }
  const byDefault = actionFor(defaultAction.value)
  const ours = { errno: 'ENOSYS' }
  if (JSON.stringify(byDefault) !== JSON.stringify(ours)) {
    const kind = lets(byDefault) ? 'stricter' : 'different'
    tell(kind, `numbers that no table has: ${defaultAction.name} in the profile, ENOSYS here, as on an older kernel`)
  }
  if (flags.length > 0) tell('note', `flags of the profile are not kept: ${flags.join(' ')}`)
  if (listener === 'listener') tell('different', 'nobody listens here: SCMP_ACT_NOTIFY becomes ENOSYS')
  return losses
}

function byReason(left: Selection['left']): ReadonlyMap<string, readonly string[]> {
  const reasons = new Map<string, readonly string[]>()
  for (const { entry, why } of left) reasons.set(why, [...(reasons.get(why) ?? []), ...entry.names])
  return reasons
}
