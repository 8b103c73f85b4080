import { step, type StepOf } from '../../plan/step.js'

/** clone3(2) with `flags`; the one user and group that exist inside, and what they are outside. */
export const clone = step('namespaces.clone', 'supervisor', {
  flags: 'u64',
  uidInside: 'u32',
  uidOutside: 'u32',
  gidInside: 'u32',
  gidOutside: 'u32',
})
export type Clone = StepOf<typeof clone>

export const setHostname = step('namespaces.set-hostname', 'init', { hostname: 'text' })
export type SetHostname = StepOf<typeof setHostname>
