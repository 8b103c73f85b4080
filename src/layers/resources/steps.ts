import { step, type StepOf } from '../../plan/step.js'

/** setrlimit(2), soft and hard alike, so that the program cannot raise it again; for CPU time a second lies between. */
export const setLimit = step('resources.set-limit', 'sandboxee', { resource: 'u32', value: 'u64' })
export type SetLimit = StepOf<typeof setLimit>

/**
 * A cgroup (cgroups(7), version 2) that everything inside lives in, below `above`: a directory, or, empty, the launcher's
 * own cgroup, which it leaves for that time. `enable` and `disable` are for the `cgroup.subtree_control` of what is above;
 * `settings` are files of the new one and what is written to each.
 */
export const limitCgroup = step('resources.limit-cgroup', 'supervisor', {
  above: 'text',
  enable: 'text',
  disable: 'text',
  settings: { list: { file: 'text', value: 'text' } },
})
export type LimitCgroup = StepOf<typeof limitCgroup>

/** SIGTERM after `milliseconds`, SIGKILL `graceMs` later. */
export const limitWallClock = step('resources.limit-wall-clock', 'supervisor', { milliseconds: 'u64', graceMs: 'u32' })
export type LimitWallClock = StepOf<typeof limitWallClock>
