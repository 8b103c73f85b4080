/**
 * Node reads arguments, environment and paths as UTF-8 and puts U+FFFD in the place of what is none. Passed on, that
 * would be another name than the caller's. The bytes stand in /proc; where there is no /proc, every U+FFFD is refused.
 */
import { readFileSync, readlinkSync } from 'node:fs'
import { errorCode } from '../core/error-code.js'
import { HostError, UsageError } from '../core/errors.js'

const replacement = '\ufffd'

/** @throws UsageError when one of the last words of the command line is not what the caller wrote. */
export function refuseLostWords(words: readonly string[]): void {
  if (!words.some((word) => word.includes(replacement))) return
  // Node's own options come before ours, and each word ends in NUL (proc_pid_cmdline(5)).
  const written = (recordsOf('/proc/self/cmdline') ?? []).slice(-words.length)
  const lost = words.find((word, index) => isLost(word, written[index]))
  if (lost !== undefined) throw new UsageError(`the argument ${lost} is not valid UTF-8, which Palisade cannot pass on`)
}

/** Names among `names` whose value in the environment is not what the caller wrote. */
export function lostVariables(names: readonly string[]): readonly string[] {
  const suspects = names.filter((name) => process.env[name]?.includes(replacement) === true)
  if (suspects.length === 0) return []
  const entries = recordsOf('/proc/self/environ') ?? []
  return suspects.filter((name) => {
    const entry = `${name}=${process.env[name] ?? ''}`
    return !entries.some((bytes) => bytes.equals(Buffer.from(entry)))
  })
}

/** @throws HostError when a variable that the policy passes on is not what the caller wrote. */
export function refuseLostVariables(names: readonly string[]): void {
  const [lost] = lostVariables(names)
  if (lost === undefined) return
  const key = `process.environment.pass[${names.indexOf(lost)}]`
  throw new HostError(key, `a value of ${lost} in UTF-8`, 'other bytes', `unset ${lost}, or give it a value in UTF-8`)
}

/** The working directory; null: it has been removed, or its path is not UTF-8. */
export function workingDirectory(): string | null {
  const directory = currentDirectory()
  return directory === null || isLost(directory, linkTarget('/proc/self/cwd')) ? null : directory
}

/**
 * The working directory, for what is relative to it.
 * @throws HostError when it has been removed, or its path is not UTF-8.
 */
export function neededDirectory(name: string): string {
  const directory = workingDirectory()
  if (directory !== null) return directory
  const found = currentDirectory() === null ? 'one that has been removed' : 'one whose path is not valid UTF-8'
  throw new HostError('', `a working directory to find ${name} from`, found, 'go to another directory')
}

function currentDirectory(): string | null {
  try {
    return process.cwd()
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return null
    throw error
  }
}

function isLost(text: string, bytes: Buffer | null | undefined): boolean {
  return text.includes(replacement) && bytes?.equals(Buffer.from(text)) !== true
}

/** What stands between the NUL bytes of a file; null: there is no such file. */
function recordsOf(path: string): readonly Buffer[] | null {
  const bytes = whereProc(() => readFileSync(path))
  if (bytes === null) return null
  const records: Buffer[] = []
  for (let start = 0; start < bytes.length;) {
    const end = bytes.indexOf(0, start)
    records.push(bytes.subarray(start, end === -1 ? bytes.length : end))
    start = end === -1 ? bytes.length : end + 1
  }
  return records
}

function linkTarget(path: string): Buffer | null {
  return whereProc(() => readlinkSync(path, { encoding: 'buffer' }))
}

function whereProc<T>(read: () => T): T | null {
  try {
    return read()
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return null
    throw error
  }
}
