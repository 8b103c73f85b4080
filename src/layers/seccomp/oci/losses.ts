import { answerOf, letsThrough } from '../listing/answers.js'
import type { Arch } from '../../../host/facts.js'

/**
 * What became of a rule on the way.
 * - `weaker`: a call is let through that was refused
 * - `stricter`: a call is refused that was let through
 * - `different`: it is refused, or let through, in another way
 * - `note`: nothing changed; worth knowing
 */
export type LossKind = 'weaker' | 'stricter' | 'different' | 'note'

export interface Loss {
  readonly kind: LossKind
  readonly text: string
}

const order: readonly LossKind[] = ['weaker', 'stricter', 'different', 'note']

/** One line a loss, the dangerous ones first. */
export function lossLines(losses: readonly Loss[]): readonly string[] {
  const sorted = order.flatMap((kind) => losses.filter((loss) => loss.kind === kind))
  return sorted.map(({ kind, text }) => `${kind}: ${text}`)
}

/** A call that is answered in two ways. */
export interface Change {
  readonly arch: Arch
  readonly name: string
  readonly from: number
  readonly to: number
  /** `all`: whatever the arguments; `some`: for some; `garbage`: only where the upper half of a 32-bit argument is not 0. */
  readonly extent: 'all' | 'some' | 'garbage'
}

/** Changes as losses, calls with the same change on one line. */
export function lossesOf(changes: readonly Change[]): readonly Loss[] {
  const groups = new Map<string, { readonly loss: Loss; readonly names: readonly string[] }>()
  for (const change of changes) {
    const loss = lossOf(change)
    const key = `${loss.kind} ${loss.text}`
    groups.set(key, { loss, names: [...(groups.get(key)?.names ?? []), change.name] })
  }
  return [...groups.values()].map(({ loss, names }) => ({ ...loss, text: `${loss.text}: ${names.join(' ')}` }))
}

function lossOf({ arch, from, to, extent }: Change): Loss {
  const when = extent === 'all' ? '' : extent === 'some' ? ' for some arguments' : ` ${garbage}`
  const text = `${arch}, ${answerOf(from).name} became ${answerOf(to).name}${when}`
  return { kind: extent === 'garbage' ? 'different' : kindOf(from, to), text }
}

const garbage = 'where the upper half of a 32-bit argument is not 0, which the kernel ignores'

function kindOf(from: number, to: number): LossKind {
  if (letsThrough(from) === letsThrough(to)) return 'different'
  return letsThrough(to) ? 'weaker' : 'stricter'
}
