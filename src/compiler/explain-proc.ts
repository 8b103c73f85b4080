import type { Host, Mount, Node, User } from './explain-node.js'

interface Context {
  readonly user: User
  readonly mount: Mount
  readonly host: Host
}

/** Files of pid 1 whose opening asks ptrace(2)'s question, which is answered with no. */
const guarded =
  /^(?:auxv|cwd|environ|exe|fd|fdinfo|io|map_files|maps|mem|ns|numa_maps|pagemap|personality|root|smaps|smaps_rollup|stack|syscall)(?:\/|$)/

/**
 * procfs of the sandbox's own pid namespace with `subset=pid`: only processes are there. What a process shows is seen
 * on our own; pid 1 is undumpable and belongs to root (proc(5)).
 */
export function lookAtProcess(inside: string, { user, mount, host }: Context): Node | 'absent' | 'unknown' | 'refused' {
  const [, name = '', ...rest] = inside.split('/')
  const root = { uid: 0, gid: 0, target: '', mine: null, mount, hostPath: null } as const
  if (name === '') return { ...root, kind: 'directory', mode: 0o555 }
  if (!/^(?:self|thread-self|[1-9][0-9]*)$/.test(name)) return 'absent'
  if (/^[1-9]/.test(name) && name !== '1') return 'unknown'
  const owner = name === '1' ? root : { ...root, ...user }
  if (rest.length === 0) return { ...owner, kind: 'directory', mode: 0o555 }
  // Where these lead depends on who opens them.
  if (name !== '1' && /^(?:cwd|exe|fd|map_files|ns|root|task)$/.test(rest[0] ?? '')) return 'unknown'
  const seen = host.look(`/proc/self/${rest.join('/')}`)
  if (typeof seen === 'string') return seen
  const mode = name === '1' && guarded.test(rest.join('/')) ? 0 : seen.mode
  return { ...owner, kind: seen.kind, mode, target: seen.target }
}
