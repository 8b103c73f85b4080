/**
 * Debian's kernel header packages, in a folder of their own. apt runs with lists, cache and sources that are private to
 * the folder, so that nothing of the machine's changes; mirror and proxy are the machine's, the keys Debian's.
 */
import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Where newer kernels' headers appear for as long as this Debian is stable. */
export const suite = 'trixie-backports'
const keys = '/usr/share/keyrings/debian-archive-keyring.gpg'

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

export interface Package {
  readonly name: string
  readonly version: string
  readonly sha256: string
}

/** An index of the suite, from which versions are fetched. */
export interface Archive {
  /** Versions of which all packages are there, newest first. */
  readonly versions: readonly string[]
  readonly fetch: (version: string) => Headers
}

/** Reads the suite's index into `folder`. Throws what apt says when there is no mirror or no package. */
export function openArchive(folder: string): Archive {
  const config = writeConfig(folder)
  run('apt-get', ['-c', config, 'update', '-qq'])
  const index = run('apt-get', ['-c', config, 'indextargets', '--format', '$(FILENAME)', 'Created-By: Packages']).trim()
  const listed = packagesOf(run('/usr/lib/apt/apt-helper', ['-c', config, 'cat-file', index]))
  const versions = listed.filter(({ name }) => name === 'linux-libc-dev').map(({ version }) => version)
  const complete = versions.filter((version) => headerPackages(listed, version).length === 3)
  return {
    versions: complete.toSorted((a, b) => compareVersions(b, a)),
    fetch: (version) => fetchHeaders(folder, config, version, headerPackages(listed, version)),
  }
}

/** The order of dpkg(1). */
function compareVersions(a: string, b: string): number {
  if (a === b) return 0
  try {
    run('dpkg', ['--compare-versions', a, 'lt', b])
    return -1
  } catch {
    return 1
  }
}

function writeConfig(folder: string): string {
  for (const name of ['state/lists/partial', 'cache/archives/partial', 'etc']) {
    mkdirSync(join(folder, 'apt', name), { recursive: true })
  }
  const sources = join(folder, 'apt/sources.list')
  const options = `arch=amd64 lang=none target=Packages signed-by=${keys}`
  writeFileSync(sources, `deb [${options}] ${mirror()} ${suite} main\n`)
  const config = join(folder, 'apt/apt.conf')
  writeFileSync(
    config,
    [
      // Hooks of the machine are about its own lists.
      '#clear APT::Update::Pre-Invoke;',
      '#clear APT::Update::Post-Invoke;',
      '#clear APT::Update::Post-Invoke-Success;',
      '#clear APT::Architectures;',
      'APT::Architecture "amd64";',
      'APT::Architectures { "amd64"; };',
      // The folder is readable for its owner only, so apt's own user could not write there.
      'APT::Sandbox::User "root";',
      'Acquire::Retries "3";',
      `Dir::Etc::SourceList "${sources}";`,
      'Dir::Etc::SourceParts "/dev/null";',
      'Dir::Etc::Preferences "/dev/null";',
      'Dir::Etc::PreferencesParts "/dev/null";',
      `Dir::State "${join(folder, 'apt/state')}";`,
      'Dir::State::Status "/dev/null";',
      `Dir::Cache "${join(folder, 'apt/cache')}";`,
      '',
    ].join('\n'),
  )
  return config
}

/** The machine's mirror of Debian itself; its security updates have another one. */
function mirror(): string {
  const targets = run('apt-get', [
    'indextargets',
    '--format',
    '$(REPO_URI) $(SUITE) $(RELEASE)',
    'Created-By: Packages',
  ])
  const found = targets.split('\n').find((line) => /\/debian\/? /.test(line))
  return found?.split(' ')[0] ?? 'http://deb.debian.org/debian'
}

function packagesOf(index: string): readonly Package[] {
  return index.split('\n\n').flatMap((stanza) => {
    const field = (key: string): string => new RegExp(`^${key}: (.*)$`, 'm').exec(stanza)?.[1] ?? ''
    const name = field('Package')
    if (!name.startsWith('linux-')) return []
    return [{ name, version: field('Version'), sha256: field('SHA256') }]
  })
}

/** In this order: for programs, the kernel's own, what the amd64 build made. */
function headerPackages(listed: readonly Package[], version: string): readonly Package[] {
  const names = [/^linux-libc-dev$/, /^linux-headers-[0-9][^-]*-common$/, /^linux-headers-[0-9][^-]*-amd64$/]
  return names.flatMap((name) => listed.filter((one) => one.version === version && name.test(one.name)))
}

function fetchHeaders(folder: string, config: string, version: string, packages: readonly Package[]): Headers {
  const into = join(folder, version)
  mkdirSync(into, { recursive: true })
  const wanted = packages.map(({ name }) => `${name}=${version}`)
  run('apt-get', ['-c', config, 'download', '-qq', ...wanted], into)
  for (const file of readdirSync(into).filter((name) => name.endsWith('.deb'))) {
    run('dpkg-deb', ['-x', join(into, file), join(into, 'root')])
  }
  const sources = join(into, 'root/usr/src')
  const named = (end: string): string => {
    const found = readdirSync(sources).find((name) => name.endsWith(end))
    if (found === undefined) throw new Error(`no headers that end with ${end} in ${sources}`)
    return join(sources, found)
  }
  return {
    version,
    packages: packages.map(({ name, sha256 }) => ({ name, version, sha256 })),
    root: join(into, 'root'),
    uapi: join(into, 'root/usr/include'),
    kernel: named('-common'),
    generated: join(named('-amd64'), 'arch/x86/include/generated'),
  }
}

function run(command: string, words: readonly string[], directory = '.'): string {
  const options = { cwd: directory, encoding: 'utf8', maxBuffer: 1 << 28, timeout: 120_000 } as const
  return execFileSync(command, words, {
    ...options,
    env: { ...process.env, LC_ALL: 'C' },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
}
