import { readFileSync } from 'node:fs'
import { errorCode } from '../core/error-code.js'
import { HostError } from '../core/errors.js'

/** File systems whose files are the kernel's own state: a bind mount of a directory would take them along. */
export const kernelTypes: ReadonlySet<string> = new Set(
  (
    'proc sysfs devtmpfs devpts cgroup cgroup2 bpf binfmt_misc configfs debugfs efivarfs fusectl mqueue nfsd nsfs ' +
    'pstore resctrl rpc_pipefs securityfs selinuxfs smackfs tracefs'
  ).split(' '),
)

/** Where file systems of the kernel's own state are mounted, in the caller's mount namespace. */
export function kernelMounts(): readonly string[] {
  try {
    return parseKernelMounts(readFileSync('/proc/self/mountinfo'))
  } catch (error) {
    throw new HostError('', '/proc/self/mountinfo', errorCode(error), 'mount /proc')
  }
}

/** proc_pid_mountinfo(5): the mount point is the fifth field, the type the first behind the lone `-`. */
export function parseKernelMounts(mountinfo: Uint8Array): readonly string[] {
  const lines = Buffer.from(mountinfo).toString('latin1').split('\n')
  const points = lines.flatMap((line) => {
    const lone = line.indexOf(' - ')
    const type = line.slice(lone + 3).split(' ', 1)[0] ?? ''
    if (lone === -1 || !kernelTypes.has(type)) return []
    const point = line.slice(0, lone).split(' ')[4]
    return point === undefined ? [] : [unescape(point)]
  })
  return [...new Set(points)].toSorted()
}

/** Blanks and backslashes stand as three octal digits; other bytes stand for themselves. */
function unescape(field: string): string {
  if (/^[ -[\]-~]*$/.test(field)) return field
  const bytes = field.replaceAll(/\\([0-7]{3})/g, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 8)),
  )
  return Buffer.from(bytes, 'latin1').toString('utf8')
}
