import { step, type StepOf } from '../../plan/step.js'

/** setrlimit(2), soft and hard alike, so that the program cannot raise it again; for CPU time a second lies between. */
export const setLimit = step('resources.set-limit', 'sandboxee', { resource: 'u32', value: 'u64' })
export type SetLimit = StepOf<typeof setLimit>

/** SIGTERM after `milliseconds`, SIGKILL `graceMs` later. */
export const limitWallClock = step('resources.limit-wall-clock', 'supervisor', { milliseconds: 'u64', graceMs: 'u32' })
export type LimitWallClock = StepOf<typeof limitWallClock>
