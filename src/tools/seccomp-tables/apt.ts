/**
 * apt with lists, cache and sources in a folder of its own: nothing of the machine's is read but its mirror and its
 * proxy, and nothing changes. The keys are Debian's.
 */
import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

export interface Package {
  readonly name: string
  readonly version: string
  readonly sha256: string
}

export interface Apt {
  /** All packages of the suite, in all versions that the mirror has. */
  readonly packages: readonly Package[]
  /** Fetches files of packages into a folder; apt checks their hashes. */
  readonly download: (packages: readonly Package[], into: string) => void
}

/** Fetches a suite's index. Throws what apt says when there is no mirror. */
export function openApt(folder: string, suite: string): Apt {
  const config = writeConfig(folder, suite)
  run('apt-get', ['-c', config, 'update', '-qq'])
  const format = ['--format', '$(FILENAME)', 'Created-By: Packages']
  const index = run('apt-get', ['-c', config, 'indextargets', ...format]).trim()
  return {
    packages: packagesOf(run('/usr/lib/apt/apt-helper', ['-c', config, 'cat-file', index])),
    download: (packages, into) => {
      const wanted = packages.map(({ name, version }) => `${name}=${version}`)
      run('apt-get', ['-c', config, 'download', '-qq', ...wanted], into)
    },
  }
}

/** Whether one version of a package is before another, in the order of dpkg(1). */
export function isBefore(version: string, other: string): boolean {
  try {
    run('dpkg', ['--compare-versions', version, 'lt', other])
    return true
  } catch (error) {
    // 1: no; anything else is a failure.
    if (typeof error === 'object' && error !== null && 'status' in error && error.status === 1) return false
    throw error
  }
}

function writeConfig(folder: string, suite: string): string {
  for (const name of ['state/lists/partial', 'cache/archives/partial']) {
    mkdirSync(join(folder, 'apt', name), { recursive: true })
  }
  const sources = join(folder, 'apt/sources.list')
  const options = 'arch=amd64 lang=none target=Packages signed-by=/usr/share/keyrings/debian-archive-keyring.gpg'
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

/** The machine's mirror of Debian itself: its updates, and what others offer, have suites with longer names. */
function mirror(): string {
  const files = run('apt-get', ['update', '--print-uris']).split('\n')
  const found = files.map((line) => /^'(\S*debian\S*?)\/dists\/\w+\/InRelease'/.exec(line)?.[1])
  const own = found.find((uri) => uri !== undefined)
  if (own === undefined) throw new Error('the sources of apt on this machine name no mirror of Debian')
  return own
}

function packagesOf(index: string): readonly Package[] {
  return index.split('\n\n').flatMap((stanza) => {
    const field = (key: string): string => new RegExp(`^${key}: (.*)$`, 'm').exec(stanza)?.[1] ?? ''
    const name = field('Package')
    return name === '' ? [] : [{ name, version: field('Version'), sha256: field('SHA256') }]
  })
}

function run(command: string, words: readonly string[], directory = '.'): string {
  return execFileSync(command, words, {
    cwd: directory,
    encoding: 'utf8',
    env: { ...process.env, LC_ALL: 'C' },
    maxBuffer: 1 << 28,
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 120_000,
  })
}
