import * as z from 'zod'
import { section } from '../../policy/values.js'

/** `service`: what passes between the program and the service manager that sandbox-exec runs under. */
export function schema() {
  return section({
    notify: z
      .boolean({ error: 'expected true or false' })
      .default(false)
      .describe(
        'Whether the program may tell the service manager of its state, as sd_notify(3) does: by a socket of its own, from which each message is checked and passed on. Without a manager nothing is made.',
      ),
  })
}
