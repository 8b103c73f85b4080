import { absolutePath, listOf, section, size } from '../../policy/values.js'
import type { Variables } from '../../policy/variables.js'

/** `filesystem`: what of the host's tree is in the sandbox's, and what may be done to it. */
export function schema(variables: Variables) {
  const paths = listOf('paths', () => absolutePath(variables))
  return section({
    read: paths.describe('Files and directories that may be read. A directory is granted with everything below it.'),
    write: paths.describe('Files and directories that may be read, written, created and removed.'),
    exec: paths.describe(
      'Programs that may be started after the command itself, or directories of them. Needs the promise `exec`.',
    ),
    deny: paths.describe('Paths carved out of a grant: an empty place is mounted over each. Each must exist.'),
    move: paths.describe(
      'Directories between which files may be renamed or linked; elsewhere, but in the own /tmp, that is EXDEV.',
    ),
    tmp: size().optional().describe('A private, empty /tmp and /dev/shm of this size. Absent: there is neither.'),
  })
}
