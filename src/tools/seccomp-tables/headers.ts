/** Debian's kernel header packages: which there are, and where their files are once they are unpacked. */
import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { isBefore, openApt, type Apt, type Package } from '../apt.js'

export type { Package }

/** Where newer kernels' headers appear for as long as this Debian is stable. */
export const suite = 'trixie-backports'

/** Unpacked headers of one kernel. */
export interface Headers {
  /** Version of the packages, as `7.3.4-1~bpo13+1`. */
  readonly version: string
  readonly packages: readonly Package[]
  /** Where the packages are unpacked. */
  readonly root: string
  /** `usr/include` of linux-libc-dev: what programs are compiled with, for every arch. */
  readonly uapi: string
  /** `include` and `arch` of the kernel's own headers: the prototypes of the system calls. */
  readonly kernel: string
  /** Headers that the build of an amd64 kernel made: which function answers which number. */
  readonly generated: string
}

export interface Archive {
  /** Versions of which all packages are there, newest first. */
  readonly versions: readonly string[]
  readonly fetch: (version: string) => Headers
}

/** Reads the suite's index into `folder`. Throws what apt says when there is no mirror or no package. */
export function openArchive(folder: string): Archive {
  const apt = openApt(folder, { suite, architecture: 'amd64' })
  const versions = apt.packages.filter(({ name }) => name === 'linux-libc-dev').map(({ version }) => version)
  const complete = versions.filter((version) => packagesOf(apt, version).length === parts.length)
  return {
    versions: complete.toSorted((a, b) => (isBefore(a, b) ? 1 : -1)),
    fetch: (version) => fetchHeaders(apt, version, join(folder, version)),
  }
}

/** What is needed of each package; the rest, some 30000 files, is not unpacked. */
const parts: readonly { readonly name: RegExp; readonly files: readonly string[] }[] = [
  {
    name: /^linux-libc-dev$/,
    files: ['./usr/include', './usr/lib/linux/uapi', './usr/share/doc/*/changelog.Debian.gz'],
  },
  {
    name: /^linux-headers-[0-9][^-]*-common$/,
    files: [
      './usr/src/*/include/linux/*.h',
      './usr/src/*/include/asm-generic/*.h',
      './usr/src/*/arch/*/include/asm/*.h',
    ],
  },
  { name: /^linux-headers-[0-9][^-]*-amd64$/, files: ['./usr/src/*/arch/x86/include/generated'] },
]

function packagesOf({ packages }: Apt, version: string): readonly Package[] {
  return parts.flatMap(({ name }) => packages.filter((one) => one.version === version && name.test(one.name)))
}

function fetchHeaders(apt: Apt, version: string, into: string): Headers {
  const packages = packagesOf(apt, version)
  const root = join(into, 'root')
  mkdirSync(root, { recursive: true })
  apt.download(packages, into)
  for (const [index, { files }] of parts.entries()) {
    unpack(join(into, fileOf(into, packages[index]?.name ?? '')), root, files)
  }
  const sources = readdirSync(join(root, 'usr/src'))
  const named = (end: string): string => join(root, 'usr/src', sources.find((name) => name.endsWith(end)) ?? end)
  return {
    version,
    packages,
    root,
    uapi: join(root, 'usr/include'),
    kernel: named('-common'),
    generated: join(named('-amd64'), 'arch/x86/include/generated'),
  }
}

/** apt writes some characters of a version in a name of its own: `linux-libc-dev_7.3.4-1~bpo13+1_all.deb`. */
function fileOf(folder: string, name: string): string {
  const found = readdirSync(folder).find((file) => file.startsWith(`${name}_`) && file.endsWith('.deb'))
  if (found === undefined) throw new Error(`apt-get has downloaded no ${name}`)
  return found
}

/** tar(1) fails when a pattern meets no file, and when dpkg-deb(1) stops early. */
function unpack(file: string, root: string, patterns: readonly string[]): void {
  const script = 'file=$1; shift; dpkg-deb --fsys-tarfile "$file" | tar -x --wildcards "$@"'
  const words = [file, '-C', root, ...patterns]
  execFileSync('sh', ['-c', script, 'unpack', ...words], { stdio: ['ignore', 'ignore', 'pipe'], timeout: 120_000 })
}
