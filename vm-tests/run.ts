/**
 * npm run test:vm: boots the guests of the matrix, two at a time, and judges what they say.
 *
 *   node build-test/vm-tests/run.js [GUEST...]
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fetchKernel } from './host/kernels.js'
import { archive } from './host/initramfs.js'
import { boot, requireQemu } from './host/machine.js'
import { buildPrograms } from './host/programs.js'
import { guests, type Guest } from './matrix.js'
import { nativeFiles, nativeRun } from './native/native.js'

const folder = join(import.meta.dirname, '../vm')
mkdirSync(folder, { recursive: true })
requireQemu()
const wanted = process.argv.slice(2)
for (const guest of guests.filter(({ name }) => wanted.length === 0 || wanted.includes(name))) await runNative(guest)

async function runNative(guest: Guest): Promise<void> {
  const kernel = fetchKernel(guest)
  const programs = buildPrograms(guest.arch)
  const initramfs = join(folder, `${guest.name}.cpio`)
  const files = [
    { path: '/init', content: { file: programs.init }, mode: 0o755 },
    ...kernel.modules.map((file) => ({ path: `/modules/${file.split('/').at(-1)}`, content: { file } })),
    ...nativeFiles(guest, programs),
  ]
  writeFileSync(initramfs, archive(files))
  const machine = {
    arch: guest.arch,
    kernel: kernel.image,
    initramfs,
    parameters: [...(guest.boot === undefined ? [] : [guest.boot]), nativeRun],
    limits: { bootCpu: 60, cpu: 120, wall: 60 },
  }
  const result = await boot(machine, join(folder, `${guest.name}.console`), (line) =>
    console.log(`${guest.name} ${line}`),
  )
  console.log(guest.name, kernel.release, result)
}
