import { step, type StepOf } from '../../plan/step.js'

/** Connects to the service manager's socket, a path or `@` and an abstract name, and passes on what the program tells. */
export const passNotices = step('service.pass-notices', 'supervisor', { manager: 'text' })
export type PassNotices = StepOf<typeof passNotices>

/**
 * Binds the socket that the program tells it by to the abstract name `name`, and gives it to the supervisor. In the
 * program's own Landlock domain, whose scope is closed to sockets of others.
 */
export const takeNotices = step('service.take-notices', 'sandboxee', { name: 'text' })
export type TakeNotices = StepOf<typeof takeNotices>

/** Opens TCP sockets that listen in the sandbox, each in the place of one that was passed, and has its number. */
export const openListeners = step('service.open-listeners', 'sandboxee', {
  listeners: { list: { descriptor: 'u32', address: 'ip', port: 'u16' } },
})
export type OpenListeners = StepOf<typeof openListeners>
