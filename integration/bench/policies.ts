/** The policies that the bench starts with, and bubblewrap's options for what it has of them. */
import type { PolicyObject } from '../../src/index.js'

export const offline = {
  version: 1,
  name: 'bench',
  filesystem: { read: ['/usr'], tmp: '16M' },
  syscalls: { promises: ['stdio', 'rpath'] },
} satisfies PolicyObject

/** The same with the one address that it may reach: a fresh veth pair, and a relay. */
export const endpoint = {
  ...offline,
  network: { egress: [{ host: '203.0.113.10', port: 443 }] },
} satisfies PolicyObject

/** All namespaces, a view of /usr, /proc, /dev, /tmp. It has no Landlock, no filter of its own and no veth. */
export function bubblewrap(program: string): readonly [string, ...string[]] {
  const view = ['--ro-bind', '/usr', '/usr', '--proc', '/proc', '--dev', '/dev', '--tmpfs', '/tmp']
  const own = ['--ro-bind', program, program]
  return ['/usr/bin/bwrap', '--unshare-all', '--die-with-parent', '--new-session', ...view, ...own, program]
}
