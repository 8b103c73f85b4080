import { step, type StepOf } from '../../plan/step.js'

/**
 * A filter that sends execve to a notification, so that init can let exactly one through and then close the listener.
 * It is loaded first; the main filter allows execve, and the stricter answer of the two counts.
 */
export const allowOneExec = step('seccomp.allow-one-exec', 'sandboxee', { filter: 'bytes' })
export type AllowOneExec = StepOf<typeof allowOneExec>

/** The filter of the policy: `struct sock_filter[]`, 8 bytes an instruction. */
export const loadFilter = step('seccomp.load-filter', 'sandboxee', { filter: 'bytes' })
export type LoadFilter = StepOf<typeof loadFilter>
