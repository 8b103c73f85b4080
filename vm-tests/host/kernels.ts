/** Kernels from Debian's packages, as QEMU starts them best. */
import { execFileSync } from 'node:child_process'
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { basename, join } from 'node:path'
import type { Guest, GuestArch } from '../matrix.js'
import { cached, daily, digestOf } from './cache.js'
import { must } from './commands.js'
import { closure, newest, openSuite, unpack } from './packages.js'

export interface Kernel {
  readonly release: string
  /** An ELF vmlinux on x86, which QEMU enters without decompressing it under emulation; a raw Image elsewhere. */
  readonly image: string
  /** Decompressed modules in the order in which they load. */
  readonly modules: readonly string[]
}

/** Debian's names of architectures. */
export const debianArch: Readonly<Record<GuestArch, string>> = { x86_64: 'amd64', i386: 'i386', aarch64: 'arm64' }

/**
 * Results and root images come by virtio; the rest is what a sandbox and the servers around it ask for. A kernel that
 * has one of them built in lists no file for it.
 */
const wantedModules = ['virtio_pci', 'virtio_console', 'virtio_blk', 'erofs', 'overlay', 'veth', 'dummy', 'nf_tables']
const wantedForRules = ['nft_ct', 'nft_masq', 'nft_reject_inet', 'nft_chain_nat']

/** What is made by other code is another thing. */
const maker = digestOf([readFileSync(import.meta.filename)])

/** The kernel of a guest, fetched when the cache does not have it. */
export function fetchKernel(guest: Guest): Kernel {
  const folder = daily(`kernel-${guest.name}-${maker}`, () => fetchNewest(guest))
  const modules = readdirSync(join(folder, 'modules')).toSorted()
  return {
    release: readFileSync(join(folder, 'release'), 'utf8'),
    image: join(folder, 'image'),
    modules: modules.map((name) => join(folder, 'modules', name)),
  }
}

/** A shell for whoever looks into a guest. */
export function fetchBusybox(arch: GuestArch): string {
  const folder = daily(`busybox-${arch}`, () => {
    const apt = openSuite({ suite: 'bookworm', architecture: debianArch[arch] })
    const found = newest(apt, 'busybox-static')
    return cached(`busybox/${debianArch[arch]}-${found.version}`, (making) => unpack(apt, [found], making))
  })
  return join(folder, 'bin/busybox')
}

function fetchNewest({ arch, kernel }: Guest): string {
  const apt = openSuite({ suite: kernel.suite, architecture: debianArch[arch] })
  const found = newest(apt, kernel.package)
  // linux-image-amd64 -> linux-image-6.12.9-amd64 -> from 7.x on its three parts.
  const packages = closure(apt, [found.name], (name) => /^linux-(image|binary|modules|base)-\d/.test(name))
  return cached(`kernels/${found.name}-${found.version}-${debianArch[arch]}-${maker}`, (making) => {
    const tree = join(making, 'tree')
    mkdirSync(tree)
    unpack(apt, packages, tree)
    arrange(tree, making, arch)
    rmSync(tree, { recursive: true })
  })
}

function arrange(tree: string, into: string, arch: GuestArch): void {
  // Newer packages have everything in /usr/lib, and depmod and modprobe look in /lib.
  if (!existsSync(join(tree, 'lib'))) symlinkSync('usr/lib', join(tree, 'lib'))
  const [release = ''] = readdirSync(join(tree, 'lib/modules'))
  const places = [join(tree, 'boot', `vmlinuz-${release}`), join(tree, 'lib/modules', release, 'vmlinuz')]
  const image = places.find((path) => existsSync(path))
  if (image === undefined) throw new Error(`the packages of ${release} hold no kernel`)
  if (arch === 'aarch64') copyFileSync(image, join(into, 'image'))
  else writeFileSync(join(into, 'image'), extractElf(readFileSync(image)))
  writeFileSync(join(into, 'release'), release)
  must('depmod', ['-b', tree, release])
  mkdirSync(join(into, 'modules'))
  const files = [...wantedModules, ...wantedForRules].flatMap((name) => filesOf(tree, release, name))
  for (const [index, path] of [...new Set(files)].entries()) {
    const name = basename(path).replace(/\.xz$/, '')
    const bytes = path.endsWith('.xz') ? execFileSync('xz', ['-dc', path], { maxBuffer: 2 ** 28 }) : readFileSync(path)
    writeFileSync(join(into, 'modules', `${String(index).padStart(3, '0')}-${name}`), bytes)
  }
}

/** `modprobe` knows dependencies that modules.dep does not (softdep), and their order. */
function filesOf(tree: string, release: string, name: string): readonly string[] {
  const lines = must('modprobe', ['-d', tree, '-S', release, '--show-depends', name]).split('\n')
  return lines.flatMap((line) => /^insmod (\S+)/.exec(line)?.[1] ?? [])
}

const compressions: readonly (readonly [command: string, magic: readonly number[]])[] = [
  ['zstd', [0x28, 0xb5, 0x2f, 0xfd]],
  ['xz', [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]],
  ['lz4', [0x02, 0x21, 0x4c, 0x18]],
]

/** The ELF file that a bzImage holds. */
function extractElf(image: Buffer): Buffer {
  for (const [command, magic] of compressions) {
    const wanted = Buffer.from(magic)
    for (let at = image.indexOf(wanted); at >= 0; at = image.indexOf(wanted, at + 1)) {
      const bytes = decompressStart(command, image.subarray(at))
      if (bytes.subarray(0, 4).equals(Buffer.from('\x7fELF', 'latin1'))) return bytes
    }
  }
  throw new Error('no ELF file in this kernel image')
}

/** What comes out before the first error: behind the stream lies more of the image. */
function decompressStart(command: string, input: Buffer): Buffer {
  const options = { input, maxBuffer: 2 ** 28, stdio: ['pipe', 'pipe', 'ignore'] } as const
  try {
    return execFileSync(command, ['-dcq', ...(command === 'xz' ? ['--single-stream'] : [])], {
      ...options,
      stdio: [...options.stdio],
    })
  } catch (error) {
    if (error instanceof Error && 'stdout' in error && Buffer.isBuffer(error.stdout)) return error.stdout
    throw error
  }
}
