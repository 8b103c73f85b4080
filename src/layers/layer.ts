/** What every layer has in common. Layers import neither each other nor anything that does I/O. */
import type { Problem } from '../core/errors.js'
import type { PolicyKey } from '../core/policy-key.js'

export type LayerName =
  | 'namespaces'
  | 'filesystem'
  | 'network'
  | 'landlock'
  | 'resources'
  | 'process'
  | 'seccomp'
  | 'service'
  | 'report'

/** What `resolve` gives: the meaning on this host, and everything that is wrong. With problems no plan is made. */
export interface Resolution<T> {
  readonly resolved: T
  readonly problems: readonly Problem[]
}

/** One protection and the mechanism that carries it on this kernel; the lines of `explain`, `plan` and the Report. */
export interface StatusLine {
  readonly layer: LayerName
  /** What is protected: `TCP ports`. */
  readonly protection: string
  readonly status: 'fully_enforced' | 'partially_enforced' | 'not_enforced'
  /** `enforced by Landlock ABI 4`. */
  readonly text: string
}

/**
 * The keys that a layer carries. `claims` name leaves (`limits.wall`) or whole groups (`filesystem.read`); a test
 * demands that every key of the schema is claimed and that changing it changes the plan.
 */
export interface LayerClaims {
  readonly layer: LayerName
  readonly claims: readonly PolicyKey[]
}
