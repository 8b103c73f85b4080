import { step, type StepOf } from '../../plan/step.js'

/**
 * Where the Report goes. `head` is the part that is known before the launch, as JSON members without braces; the
 * launcher adds the command and what happened.
 */
export const write = step('report.write', 'supervisor', { descriptor: 'u32', head: 'text' })
export type Write = StepOf<typeof write>

/**
 * init watches how processes end and names the call that the filter killed one for (ptrace(2), exit stops only).
 * `words` are JSON members without braces: what the Report says of that call.
 */
export const watchKills = step('report.watch-kills', 'supervisor', {
  calls: { list: { auditArch: 'u32', number: 'u32', words: 'text' } },
})
export type WatchKills = StepOf<typeof watchKills>

/** When each step was done goes to standard error at the end, and into the Report. */
export const time = step('report.time', 'supervisor', {})
export type Time = StepOf<typeof time>
