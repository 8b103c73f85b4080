/** What there is to run: a tier on a guest, as a machine that can be booted. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { archive, type GuestFile } from './host/initramfs.js'
import { fetchBusybox, fetchKernel } from './host/kernels.js'
import type { Limits, Machine } from './host/machine.js'
import { buildPrograms, type Programs } from './host/programs.js'
import { commandFiles, commandImage, commandRun } from './command/command.js'
import { guests, type Guest, type GuestArch } from './matrix.js'
import { systemdFiles, systemdImage, systemdRun } from './systemd/systemd.js'
import { nativeFiles, nativeJobs, nativeRun } from './native/native.js'
import { sanitizedFiles } from './native/sanitized.js'

export interface Run {
  /** `TIER/GUEST`, as on the command line. */
  readonly name: string
  readonly guest: Guest
  readonly tier: Tier
}

export type Tier = 'native' | 'sanitized' | 'command' | 'systemd'

/** What a guest is to do. */
export interface Task {
  readonly files: (guest: Guest, programs: Programs) => readonly GuestFile[]
  readonly parameters: readonly string[]
  /** Makes the root file system's image; absent: the initramfs is all there is. */
  readonly disk?: (arch: GuestArch) => string
  readonly limits: Limits
}

/** Several times what a run takes on a machine that does nothing else. */
const tasks: Readonly<Record<Tier, Task>> = {
  native: {
    files: (guest, programs) => nativeFiles(nativeJobs(guest), programs),
    parameters: [nativeRun],
    limits: { bootCpu: 60, cpu: 300, wall: 1800 },
  },
  sanitized: {
    files: sanitizedFiles,
    parameters: [nativeRun],
    limits: { bootCpu: 60, cpu: 300, wall: 1800 },
  },
  command: {
    files: (_guest, programs) => commandFiles(programs),
    parameters: commandRun,
    disk: commandImage,
    limits: { bootCpu: 90, cpu: 600, wall: 2400 },
  },
  systemd: {
    files: (_guest, programs) => systemdFiles(programs),
    parameters: systemdRun,
    disk: systemdImage,
    limits: { bootCpu: 150, cpu: 600, wall: 2400 },
  },
}

/** The tiers that are not for all, those that take longest first: one kernel an arch. */
const chosen: readonly (readonly [Tier, string])[] = [
  ['command', 'aarch64-6.12'],
  ['systemd', 'aarch64-6.12'],
  ['command', 'x86_64-6.12-x32'],
  ['systemd', 'x86_64-6.12-x32'],
  ['command', 'i386-6.1'],
  ['sanitized', 'i386-6.1'],
]

/** All runs, those that take longest first. */
export const runs: readonly Run[] = [
  ...chosen.flatMap(([tier, name]) => guests.filter((one) => one.name === name).map((guest) => runOf(tier, guest))),
  ...guests.map((guest) => runOf('native', guest)),
]

function runOf(tier: Tier, guest: Guest): Run {
  return { name: `${tier}/${guest.name}`, guest, tier }
}

/** Makes what a run boots. */
export function prepareRun({ guest, tier }: Run, folder: string): Machine {
  return prepare(guest, tasks[tier], folder)
}

/** Makes a machine in a folder of its own; fetches and builds what the cache lacks. */
export function prepare(guest: Guest, { files, parameters, disk, limits }: Task, folder: string): Machine {
  const kernel = fetchKernel(guest)
  const programs = buildPrograms(guest.arch)
  mkdirSync(folder, { recursive: true })
  const initramfs = join(folder, 'initramfs.cpio')
  const all: readonly GuestFile[] = [
    { path: '/init', content: { file: programs.init }, mode: 0o755 },
    ...kernel.modules.map((file) => ({ path: `/modules/${basename(file)}`, content: { file } })),
    { path: '/payload/busybox', content: { file: fetchBusybox(guest.arch) }, mode: 0o755 },
    ...files(guest, programs),
  ]
  writeFileSync(initramfs, archive(all))
  const own = guest.boot === undefined ? [] : [guest.boot]
  return {
    arch: guest.arch,
    kernel: kernel.image,
    initramfs,
    parameters: [...own, ...parameters],
    ...(disk === undefined ? {} : { disk: disk(guest.arch) }),
    limits,
  }
}
