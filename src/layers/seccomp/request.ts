import type { Arch } from '../../host/facts.js'
import type { Action } from './action.js'
import type { PromiseName } from './promises.js'

/** Everything that a filter is made from. */
export interface FilterRequest {
  /** The kernel's native table; the 32-bit table beside it is always part of the filter. */
  readonly arch: Arch
  readonly promises: readonly PromiseName[]
  readonly denied: 'EPERM' | 'kill'
  /** What happens to a known call that nothing names; absent: `denied`. */
  readonly otherwise?: 'denied' | 'allow' | 'log' | undefined
  /** Calls that are newer than this kernel and not granted get ENOSYS; absent: none is. */
  readonly minimumKernel?: string | undefined
  readonly rules?: readonly Rule[] | undefined
  readonly allow?: readonly string[] | undefined
}

/** An exception for one call; rules are tried in order, before the promises. */
export interface Rule {
  readonly syscall: string
  readonly arch?: Arch | readonly Arch[] | undefined
  readonly when?: string | readonly string[] | undefined
  readonly action: Action
}

/** The alternatives of a rule's condition; null: it always holds. */
export function alternativesOf(when: Rule['when']): readonly string[] | null {
  if (when === undefined) return null
  return typeof when === 'string' ? [when] : when
}

/** Whether a rule is for the table of an arch. */
export function isRuleFor({ arch }: Pick<Rule, 'arch'>, wanted: Arch): boolean {
  if (arch === undefined) return true
  return typeof arch === 'string' ? arch === wanted : arch.includes(wanted)
}

/** Whether calls that nothing names are let through. */
export function letsByDefault({ otherwise }: Pick<FilterRequest, 'otherwise'>): boolean {
  return otherwise === 'allow' || otherwise === 'log'
}
