import type { PolicyObject } from 'palisade'

export const policy: PolicyObject = {
  version: 1,
  name: 'frameworks',
  filesystem: { read: ['/usr'], exec: ['/usr/bin'] },
  syscalls: { promises: ['stdio', 'rpath', 'proc', 'exec'] },
}

/** Writes what a report has to show, and fails. */
export const failing = ['sh', '-c', 'echo told >&2; exit 4'] as const
/** Ends when the sandbox does. */
export const endless = ['sleep', '86399'] as const
