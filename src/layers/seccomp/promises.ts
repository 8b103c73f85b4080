/**
 * What each promise allows. The reviewed lists are in promises/, everything else is derived
 * from them; docs/promises.md says where they differ from what programs were measured to call.
 *
 * A grant names calls in every spelling and generation that any of our arches has: a libc may change its choice
 * without the program changing. `when` holds alternatives in the language of condition/grammar.ts, one of which must
 * hold; without it the call is allowed whatever its arguments. A call whose arguments lie behind a pointer cannot
 * carry a condition and is granted whole or not at all.
 *
 * The open family is not listed call by call: `opens` says what a promise lets a file be opened for (open-needs.ts).
 */
import { filePromises } from './promises/files.js'
import type { Definitions, PromiseDefinition } from './promises/grant.js'
import { implicitPromises } from './promises/implicit.js'
import { networkPromises } from './promises/network.js'
import { processPromises } from './promises/processes.js'
import { stdioPromises } from './promises/stdio.js'
import { systemPromises } from './promises/system.js'

export { never, probes } from './promises/answers.js'
export type { Grant, OpenNeed, PromiseDefinition } from './promises/grant.js'
export { implicitPromises } from './promises/implicit.js'

/** The promises that a policy can make. */
export const promises = {
  ...stdioPromises,
  ...filePromises,
  ...networkPromises,
  ...processPromises,
  ...systemPromises,
} as const satisfies Definitions

export type PromiseName = keyof typeof promises
export type ImplicitPromise = keyof typeof implicitPromises

/** Names of the implicit promises. */
export const implicitNames: readonly ImplicitPromise[] = ['core', 'start', 'exec-load', 'one-exec']

/** Names of the promises, in the order of the list. */
export const promiseNames: readonly PromiseName[] = Object.keys(promises).filter(isPromise)

/** Whether a word is a promise of the policy language. */
export function isPromise(name: string): name is PromiseName {
  return Object.hasOwn(promises, name)
}

/** The definition of a promise, implicit or not. */
export function promiseDefinition(name: PromiseName | ImplicitPromise): PromiseDefinition {
  return isPromise(name) ? promises[name] : implicitPromises[name]
}
