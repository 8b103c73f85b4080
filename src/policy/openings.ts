import type { PolicyKey } from '../core/policy-key.js'
import type { Policy } from './policy.js'

/** What a policy opens under `unsafe`, with its reasons: for `explain` and every Report. */
export function openingsOf({ unsafe }: Policy): readonly Opening[] {
  return Object.entries(unsafe).flatMap(([name, opening]): readonly Opening[] =>
    opening === undefined ? [] : [{ key: `unsafe.${name}`, reason: opening.reason }],
  )
}

export interface Opening {
  readonly key: PolicyKey
  readonly reason: string
}
