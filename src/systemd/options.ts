/** Options of systemd.exec(5) under which a sandbox cannot be made; guests try each (vm-tests/systemd/options.ts). */
import { isTrue } from './unit-file.js'

export interface BreakingOption {
  readonly key: string
  /** A value with which it breaks. */
  readonly example: string
  readonly breaks: (value: string) => boolean
  readonly why: string
  readonly fix: string
}

const proc = 'covers parts of /proc, and then the kernel lets no namespace mount a /proc of its own'
const view = 'the sandbox has its own /proc, with its own processes and nothing of the kernel to write'

/** System calls that a launcher makes and that filters of units leave out; systemd.exec(5) has the sets. */
const needed = ['mount', 'umount2', 'pivot_root', 'unshare', 'setns', 'clone3', 'openat2', 'seccomp', 'prctl']
const setsWithThem = ['@mount', '@sandbox', '@process', '@privileged', '@file-system']

export const breakingOptions: readonly BreakingOption[] = [
  { key: 'ProtectKernelTunables', example: 'yes', breaks: isTrue, why: proc, fix: `remove it: ${view}` },
  { key: 'ProtectKernelLogs', example: 'yes', breaks: isTrue, why: proc, fix: `remove it: ${view}` },
  { key: 'ProcSubset', example: 'pid', breaks: (value) => value === 'pid', why: proc, fix: `remove it: ${view}` },
  {
    key: 'ProtectHostname',
    example: 'yes',
    breaks: (value) => isTrue(value) || value.startsWith('private'),
    why: "refuses sethostname(2), also in the sandbox's own UTS namespace",
    fix: 'remove it: the program has a host name of its own',
  },
  {
    key: 'RestrictNamespaces',
    example: 'yes',
    breaks: restrictsNamespaces,
    why: 'refuses the namespaces that a sandbox is made of',
    fix: 'remove it: the filter of the policy lets the program make none unless it promises ns',
  },
  {
    key: 'SystemCallFilter',
    example: '@system-service',
    breaks: filtersNeeded,
    why: 'refuses calls that the launcher makes before the program starts (mount, pivot_root, unshare and others)',
    fix: 'remove it: the policy says which calls the program has (syscalls.promises)',
  },
  {
    key: 'RestrictAddressFamilies',
    example: 'AF_INET AF_INET6',
    breaks: lacksFamilies,
    why: 'refuses AF_UNIX or AF_NETLINK, by which the parts of the sandbox talk and its network is made',
    fix: 'name AF_UNIX AF_NETLINK AF_INET AF_INET6, or remove it',
  },
  {
    key: 'MemoryDenyWriteExecute',
    example: 'yes',
    breaks: isTrue,
    why: 'ends Node, which makes the plan',
    fix: 'remove it: a program without the promise prot_exec maps no code of its own',
  },
]

/** `~` names those that are refused; a list without it those that are left. */
function restrictsNamespaces(value: string): boolean {
  const ours = ['cgroup', 'ipc', 'mnt', 'net', 'pid', 'user', 'uts']
  if (value.startsWith('~'))
    return value
      .slice(1)
      .split(/\s+/)
      .some((name) => ours.includes(name))
  if (/^(0|no|n|false|f|off)$/i.test(value)) return false
  const left = value.split(/\s+/)
  return ours.some((name) => !left.includes(name))
}

function filtersNeeded(value: string): boolean {
  const words = value.replace(/^~/, '').split(/\s+/)
  const names = words.map((word) => word.replace(/:.*/, ''))
  if (value.startsWith('~')) return names.some((name) => needed.includes(name) || setsWithThem.includes(name))
  if (names.includes('@known')) return false
  const sets = names.includes('@system-service') ? [...names, '@file-system', '@process'] : names
  return !needed.every((call) => sets.includes(call) || sets.includes(setOf(call)))
}

function setOf(call: string): string {
  if (['mount', 'umount2', 'pivot_root'].includes(call)) return '@mount'
  if (['unshare', 'setns', 'clone3', 'prctl'].includes(call)) return '@process'
  return call === 'seccomp' ? '@sandbox' : '@file-system'
}

function lacksFamilies(value: string): boolean {
  const names = value.replace(/^~/, '').split(/\s+/)
  const ours = ['AF_UNIX', 'AF_NETLINK']
  if (value === 'none') return true
  return value.startsWith('~') ? ours.some((name) => names.includes(name)) : ours.some((name) => !names.includes(name))
}
