import * as z from 'zod'
import { listOf, matching, section } from '../../policy/values.js'

/** `service`: what passes between the program and the service manager that sandbox-exec runs under. */
export function schema() {
  return section({
    notify: z
      .boolean({ error: 'expected true or false' })
      .default(false)
      .describe(
        'Whether the program may tell the service manager of its state, as sd_notify(3) does: by a socket of its own, from which each message is checked and passed on. Without a manager nothing is made.',
      ),
    sockets: listOf('names of sockets', socketName, 64).describe(
      'Names (FileDescriptorName=) of what the service manager passes to the program (sd_listen_fds(3)): all of it must be named here, and each name must come. Whoever connects to a TCP port is relayed to a socket of its own, so that the program has none of the host.',
    ),
  })
}

function socketName() {
  return matching(
    'the name of a socket',
    /^[\x21-\x39\x3b-\x7e]{1,255}$/,
    'is not a name of up to 255 printable characters without ":" and spaces',
  )
}
