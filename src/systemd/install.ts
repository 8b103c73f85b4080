/** Puts a unit where systemd looks for it. */
import { execFileSync } from 'node:child_process'
import { closeSync, constants, ftruncateSync, lstatSync, mkdirSync, openSync, readFileSync, writeSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { errorCode } from '../core/error-code.js'
import { HostError } from '../core/errors.js'

/** How a unit of ours begins (write-unit.ts). */
const ours = 'made by: sandbox-exec systemd unit'
const unitDirectory = '/etc/systemd/system'
const usersDirectory = '/etc/sysusers.d'

export interface Installed {
  /** What was written. */
  readonly files: readonly string[]
}

/**
 * Writes NAME.service, and what makes its user, and has systemd read them.
 * @throws HostError: somebody else's unit has that name, or the caller may not write there.
 */
export function installUnit(name: string, text: string): Installed {
  const unit = join(unitDirectory, `${name}.service`)
  const hasUser = new RegExp(`^User=${name}$`, 'm').test(text)
  const users = join(usersDirectory, `palisade-${name}.conf`)
  const content = `# For ${name}.service, ${ours}.\nu ${name} -\n`
  writeOurs(unit, text)
  if (hasUser) {
    writeOurs(users, content)
    tellSystem('systemd-sysusers', [users])
  }
  tellSystem('systemctl', ['daemon-reload'])
  return { files: hasUser ? [unit, users] : [unit] }
}

/** Only what is new, or was written by us before. */
function writeOurs(file: string, text: string): void {
  const descriptor = openOurs(file)
  try {
    ftruncateSync(descriptor)
    writeSync(descriptor, text, 0)
  } finally {
    closeSync(descriptor)
  }
}

function openOurs(file: string): number {
  const { O_RDWR, O_CREAT, O_EXCL, O_NOFOLLOW } = constants
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o755 })
    return openSync(file, O_RDWR | O_CREAT | O_EXCL, 0o644)
  } catch (error) {
    if (errorCode(error) !== 'EEXIST') throw new HostError('', `to write ${file}`, errorCode(error), 'run it as root')
  }
  const isOurs = lstatSync(file).isFile() && readFileSync(file, 'utf8').includes(ours)
  if (isOurs) return openSync(file, O_RDWR | O_NOFOLLOW)
  throw new HostError('', `a free name for ${file}`, 'something of somebody else', 'give the policy another name')
}

function tellSystem(program: string, words: readonly string[]): void {
  try {
    execFileSync(`/usr/bin/${program}`, words, { stdio: ['ignore', 'ignore', 'pipe'], env: {} })
  } catch (error) {
    throw new HostError(
      '',
      `systemd, for ${program} ${words.join(' ')}`,
      reasonOf(error),
      'see whether systemd runs here',
    )
  }
}

function reasonOf(error: unknown): string {
  const said = error instanceof Error && 'stderr' in error ? String(error.stderr).trim() : ''
  return said === '' ? errorCode(error) : said
}
