/** The tier of the command: the project as it is installed, with Node, in a root file system of Debian. */
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { GuestFile } from '../host/initramfs.js'
import { fetchImage } from '../host/images.js'
import type { Programs } from '../host/programs.js'
import type { GuestArch } from '../matrix.js'
import { emulatedNode } from './emulated-node.js'

export const packages = ['nodejs', 'curl', 'openssl', 'iproute2', 'util-linux', 'mount', 'coreutils', 'dash']
export const target = '/payload/project'
// From build-test/vm-tests/command.
const checkout = join(import.meta.dirname, '../../..')

export function commandImage(arch: GuestArch): string {
  return fetchImage(arch, 'node', packages)
}

export const commandRun = [
  'palisade.root=erofs',
  `palisade.run=${[...emulatedNode, target].join(',')}/build-test/vm-tests/command/suite.js`,
]

/** What an installed project has, for this arch, and the parts of the tests that run inside. */
export function commandFiles(programs: Programs): readonly GuestFile[] {
  const native = [programs.launcher, programs.resolver, programs.addon]
  const tested = [
    'src',
    'integration/world',
    'integration/demo',
    'vm-tests/command',
    'vm-tests/library',
    'vm-tests/systemd',
  ].map((one) => `build-test/${one}`)
  const folders = ['dist', 'policies', ...tested, ...dependencies().map((name) => `node_modules/${name}`)]
  return [
    { path: `${target}/package.json`, content: { file: join(checkout, 'package.json') } },
    ...folders.flatMap((folder) => filesOf(folder)),
    ...native.map((file) => ({
      path: `${target}/build/Release/${file.split('/').at(-1)}`,
      content: { file },
      mode: 0o755,
    })),
  ]
}

function filesOf(folder: string): readonly GuestFile[] {
  const all = readdirSync(join(checkout, folder), { recursive: true, withFileTypes: true })
  return all.flatMap((one) => {
    const file = join(one.parentPath, one.name)
    const unread = /\.test\.js$|\.map$|\.d\.ts$|\.d\.[cm]ts$|\.golden$/.test(one.name)
    const path = `${target}/${file.slice(checkout.length + 1)}`
    return one.isFile() && !unread ? [{ path, content: { file }, mode: statSync(file).mode & 0o777 }] : []
  })
}

/** What the command itself needs of node_modules: what builds the addon stays here. */
function dependencies(): readonly string[] {
  const found = new Set<string>()
  const open = ['pino', 'yaml', 'zod']
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    if (found.has(name)) continue
    found.add(name)
    const description: unknown = JSON.parse(readFileSync(join(checkout, 'node_modules', name, 'package.json'), 'utf8'))
    if (typeof description !== 'object' || description === null) throw new TypeError(`${name} has no description`)
    const needed: unknown = Reflect.get(description, 'dependencies') ?? {}
    if (typeof needed === 'object' && needed !== null) open.push(...Object.keys(needed))
  }
  return [...found]
}
