import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { must, searchPath } from '../world/process.js'

const keyring = '/usr/share/keyrings/debian-archive-keyring.gpg'

/**
 * Fetches packages of a Debian suite that the machine need not use, from the mirror that the machine uses, checked
 * with Debian's keys, and unpacks them below `directory`, where apt keeps all that it writes. Returns the root.
 */
export async function unpackDebianPackages(
  suite: string,
  names: readonly [string, ...string[]],
  directory: string,
): Promise<string> {
  const own = join(directory, `apt-${suite}`)
  const root = join(directory, names[0])
  for (const part of ['lists/partial', 'cache/archives/partial']) mkdirSync(join(own, part), { recursive: true })
  mkdirSync(root, { recursive: true })
  const source = join(own, 'sources.list')
  writeFileSync(source, `deb [signed-by=${keyring}] ${mirror()} ${suite} main\n`)
  writeFileSync(join(own, 'status'), '')
  const settings = [
    `Dir::Etc::sourcelist=${source}`,
    'Dir::Etc::sourceparts=/dev/null',
    `Dir::State::lists=${join(own, 'lists')}`,
    `Dir::State::status=${join(own, 'status')}`,
    `Dir::Cache=${join(own, 'cache')}`,
    'APT::Sandbox::User=',
    'Acquire::Languages=none',
  ]
  const apt = ['apt-get', '-qq', ...settings.flatMap((setting) => ['-o', setting])]
  const options = { env: { PATH: searchPath }, directory: root }
  await must([...apt, 'update'], options)
  await must([...apt, 'download', ...names], options)
  const archives = readdirSync(root).filter((file) => file.endsWith('.deb'))
  if (archives.length < names.length) throw new Error(`apt-get download ${names.join(' ')}: ${archives.join(' ')}`)
  for (const archive of archives) await must(['dpkg-deb', '-x', archive, '.'], options)
  return root
}

/** The first archive of Debian among the machine's sources, in either of their two formats. */
function mirror(): string {
  const parts = '/etc/apt/sources.list.d'
  const files = ['/etc/apt/sources.list', ...readdirSync(parts).map((name) => join(parts, name))]
  for (const file of files) {
    const found = /^(?:deb(?: \[[^\]]*\])?|URIs:) +(\S+\/debian)\/?(?:\s|$)/m.exec(readIfThere(file))?.[1]
    if (found !== undefined) return found
  }
  throw new Error('no Debian archive in the sources of apt')
}

function readIfThere(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return ''
    throw error
  }
}
