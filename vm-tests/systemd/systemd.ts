/** The tier of systemd: the command tier's root with systemd as process 1, and services of its own. */
import type { GuestFile } from '../host/initramfs.js'
import { fetchImage } from '../host/images.js'
import type { Programs } from '../host/programs.js'
import type { GuestArch } from '../matrix.js'
import { commandFiles, packages } from '../command/command.js'
import { rootFiles } from './root.js'
import { unitFiles } from './units.js'

export function systemdImage(arch: GuestArch): string {
  return fetchImage(arch, 'systemd', [...packages, 'systemd', 'dbus'])
}

export const systemdRun = [
  'palisade.root=erofs',
  'palisade.init=/usr/lib/systemd/systemd',
  'systemd.unit=palisade.target',
  // A crash of process 1 ends the guest, which then has told no end.
  'systemd.crash_action=poweroff',
]

export function systemdFiles(programs: Programs): readonly GuestFile[] {
  const above = [...rootFiles, ...unitFiles].map((file) => ({ ...file, path: `/above${file.path}` }))
  return [...commandFiles(programs), ...above]
}
