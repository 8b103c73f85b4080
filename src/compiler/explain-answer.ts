import type { PolicyKey } from '../core/policy-key.js'
import type { LayerName } from '../layers/layer.js'

/** What a plan answers to one act of the program. */
export interface Answer {
  /** `depends`: on something that no plan holds, such as what stands behind an inherited descriptor. */
  readonly answer: 'allowed' | 'denied' | 'killed' | 'depends'
  /** What the program finds in errno; null when the act succeeds or the program does not live to look. */
  readonly errno: string | null
  /** One line for each layer that decides, with the policy key behind it. */
  readonly because: readonly string[]
  /** The smallest change of the policy that would allow it; null: it is allowed, or no policy can allow it. */
  readonly change: string | null
}

/** Who decides: a layer, the permission bits of a file, or what the kernel says whatever the policy is. */
export type Decider = LayerName | 'permissions' | 'kernel'

/** What one decider says of an act. */
export interface Verdict {
  readonly by: Decider
  readonly text: string
  /** The policy key behind it; empty: no key. */
  readonly origin: PolicyKey
  readonly effect:
    | { readonly kind: 'lets' }
    | { readonly kind: 'depends' }
    | { readonly kind: 'refuses'; readonly errno: string; readonly change: string | null }
    | { readonly kind: 'kills'; readonly ends: 'process' | 'thread'; readonly change: string | null }
}

export function lets(by: Decider, text: string, origin: PolicyKey): Verdict {
  return { by, text, origin, effect: { kind: 'lets' } }
}

export function depends(by: Decider, text: string): Verdict {
  return { by, text, origin: '', effect: { kind: 'depends' } }
}

export function refuses(by: Decider, errno: string, text: string, origin: PolicyKey, change: string | null): Verdict {
  return { by, text, origin, effect: { kind: 'refuses', errno, change } }
}

export function kills(by: Decider, text: string, origin: PolicyKey, change: string | null): Verdict {
  return { by, text, origin, effect: { kind: 'kills', ends: 'process', change } }
}

export function killsThread(by: Decider, text: string, origin: PolicyKey, change: string | null): Verdict {
  return { by, text, origin, effect: { kind: 'kills', ends: 'thread', change } }
}

/** One answer from all verdicts, which stand in the order in which the kernel asks: the first refusal counts. */
export function answerOf(verdicts: readonly Verdict[]): Answer {
  const against = verdicts.filter(({ effect }) => effect.kind === 'refuses' || effect.kind === 'kills')
  const first = against[0]?.effect
  if (first !== undefined) {
    const killed = first.kind === 'kills'
    return {
      answer: killed ? 'killed' : 'denied',
      errno: first.kind === 'refuses' ? first.errno : null,
      because: against.map(lineOf),
      change: changeOf(against),
    }
  }
  const open = verdicts.some(({ effect }) => effect.kind === 'depends')
  return { answer: open ? 'depends' : 'allowed', errno: null, because: verdicts.map(lineOf), change: null }
}

/** Every refusal needs its change; one that no policy can lift makes the others pointless. */
function changeOf(against: readonly Verdict[]): string | null {
  const changes = against.map(({ effect }) => ('change' in effect ? effect.change : null))
  const known = changes.filter((change) => change !== null)
  return known.length < changes.length ? null : [...new Set(known)].join(', and ')
}

function lineOf({ by, text, origin, effect }: Verdict): string {
  const result =
    effect.kind === 'refuses' ? `${effect.errno}, ` : effect.kind === 'kills' ? `ends the ${effect.ends}, ` : ''
  return `${by}: ${result}${text}${origin === '' ? '' : ` (${origin})`}`
}
