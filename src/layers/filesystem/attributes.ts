import type { FileKind, Grant } from '../../policy/resolved.js'

/** MOUNT_ATTR_* of linux/mount.h, for mount_setattr(2). */
export const mountAttribute = { readOnly: 0x1n, noSuid: 0x2n, noDev: 0x4n, noExec: 0x8n } as const

/** S_IFMT bits of inode(7). */
export const fileTypes = {
  fifo: 0o010000,
  device: 0o020000,
  directory: 0o040000,
  file: 0o100000,
  socket: 0o140000,
} as const satisfies Record<FileKind, number>

/** What was granted is what gets mounted. */
export function fileType(kind: FileKind): number {
  return fileTypes[kind]
}

/** Devices are only ever our own five. */
export function grantAttributes({ write, map }: Pick<Grant, 'write' | 'map'>): bigint {
  const { readOnly, noSuid, noDev, noExec } = mountAttribute
  return noSuid | noDev | (write ? 0n : readOnly) | (map ? 0n : noExec)
}
