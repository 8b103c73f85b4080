import { step, type StepOf } from '../../plan/step.js'

/** landlock(7): one ruleset with everything that the running ABI can handle. Bits are those of linux/landlock.h. */
export const restrictSelf = step('landlock.restrict-self', 'sandboxee', {
  handledFs: 'u64',
  handledNet: 'u64',
  scoped: 'u64',
  flags: 'u32',
  paths: { list: { path: 'path', access: 'u64' } },
  ports: { list: { port: 'u16', access: 'u64' } },
})
export type RestrictSelf = StepOf<typeof restrictSelf>
