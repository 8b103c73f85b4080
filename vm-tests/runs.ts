/** What there is to run: a tier on a guest, as a machine that can be booted. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { archive, type GuestFile } from './host/initramfs.js'
import { fetchBusybox, fetchKernel } from './host/kernels.js'
import type { Limits, Machine } from './host/machine.js'
import { buildPrograms, type Programs } from './host/programs.js'
import { guests, type Guest } from './matrix.js'
import { nativeFiles, nativeJobs, nativeRun } from './native/native.js'

export interface Run {
  /** `TIER/GUEST`, as on the command line. */
  readonly name: string
  readonly guest: Guest
  readonly tier: Tier
}

export type Tier = 'native'

/** What a guest is to do. */
export interface Task {
  readonly files: (guest: Guest, programs: Programs) => readonly GuestFile[]
  readonly parameters: readonly string[]
  readonly limits: Limits
}

/** Several times what a run takes on a machine that does nothing else. */
const tasks: Readonly<Record<Tier, Task>> = {
  native: {
    files: (guest, programs) => nativeFiles(nativeJobs(guest), programs),
    parameters: [nativeRun],
    limits: { bootCpu: 60, cpu: 300, wall: 1800 },
  },
}

/** All runs, those that take longest first. */
export const runs: readonly Run[] = (['native'] as const).flatMap((tier) =>
  guests.map((guest): Run => ({ name: `${tier}/${guest.name}`, guest, tier })),
)

/** Makes what a run boots. */
export function prepareRun({ guest, tier }: Run, folder: string): Machine {
  return prepare(guest, tasks[tier], folder)
}

/** Makes a machine in a folder of its own; fetches and builds what the cache lacks. */
export function prepare(guest: Guest, { files, parameters, limits }: Task, folder: string): Machine {
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
  return { arch: guest.arch, kernel: kernel.image, initramfs, parameters: [...own, ...parameters], limits }
}
