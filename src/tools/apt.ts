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
  /** The first of each list of alternatives, without its version. */
  readonly depends: readonly string[]
  readonly provides: readonly string[]
}

/** A suite by its code name, and an architecture by its Debian name (`amd64`). */
export interface Suite {
  readonly suite: string
  readonly architecture: string
}

export interface Apt {
  /** All packages of the suite, in all versions that the mirror has. */
  readonly packages: readonly Package[]
  /** Fetches files of packages into a folder; apt checks their hashes. */
  readonly download: (packages: readonly Package[], into: string) => void
}

/** Fetches a suite's index. Throws what apt says when there is no mirror. */
export function openApt(folder: string, suite: Suite): Apt {
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
    if (error instanceof AptError && error.status === 1) return false
    throw error
  }
}

function writeConfig(folder: string, { suite, architecture }: Suite): string {
  for (const name of ['state/lists/partial', 'cache/archives/partial']) {
    mkdirSync(join(folder, 'apt', name), { recursive: true })
  }
  const sources = join(folder, 'apt/sources.list')
  const options = `arch=${architecture} lang=none target=Packages`
  const keys = 'signed-by=/usr/share/keyrings/debian-archive-keyring.gpg'
  writeFileSync(sources, `deb [${options} ${keys}] ${mirror()} ${suite} main\n`)
  const config = join(folder, 'apt/apt.conf')
  writeFileSync(
    config,
    [
      // Hooks of the machine are about its own lists.
      '#clear APT::Update::Pre-Invoke;',
      '#clear APT::Update::Post-Invoke;',
      '#clear APT::Update::Post-Invoke-Success;',
      '#clear APT::Architectures;',
      `APT::Architecture "${architecture}";`,
      `APT::Architectures { "${architecture}"; };`,
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
    const fields = new Map(stanza.split('\n').map((line): [string, string] => splitAt(line, ': ')))
    const name = fields.get('Package')
    if (name === undefined) return []
    const [version = '', sha256 = ''] = ['Version', 'SHA256'].map((key) => fields.get(key))
    const depends = ['Pre-Depends', 'Depends'].flatMap((key) => names(fields.get(key)))
    return [{ name, version, sha256, depends, provides: names(fields.get('Provides')) }]
  })
}

/** `a (>= 1) | b, c:any`: a and c. */
function names(list = ''): readonly string[] {
  return list.split(', ').flatMap((one) => /^[a-z0-9+.-]+/.exec(one)?.[0] ?? [])
}

function splitAt(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator)
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + separator.length)]
}

function run(command: string, words: readonly string[], directory = '.'): string {
  try {
    return execFileSync(command, words, {
      cwd: directory,
      encoding: 'utf8',
      env: { ...process.env, LC_ALL: 'C' },
      maxBuffer: 1 << 28,
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: 120_000,
    })
  } catch (error) {
    throw new AptError(command, error)
  }
}

/** What apt or dpkg says of what it could not do. */
class AptError extends Error {
  override readonly name = 'AptError'
  readonly status: unknown
  constructor(command: string, cause: unknown) {
    const [said, status] = ['stderr', 'status'].map((field): unknown =>
      typeof cause === 'object' && cause !== null ? Reflect.get(cause, field) : undefined,
    )
    super(`${command}: ${typeof said === 'string' && said !== '' ? said.trimEnd() : String(cause)}`, { cause })
    this.status = status
  }
}
