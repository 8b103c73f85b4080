/** What is made once and kept: kernels, root images, programs. One folder an entry, complete or not there. */
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { must } from './commands.js'

/** As the XDG base directory specification has it. */
export const cacheFolder = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'palisade-vm-tests')

/** The folder of `key`, which `make` fills when there is none; whoever finds it finds all of it. */
export function cached(key: string, make: (folder: string) => void): string {
  const folder = join(cacheFolder, key)
  if (existsSync(folder)) return folder
  mkdirSync(dirname(folder), { recursive: true })
  const making = mkdtempSync(`${folder}.making-`)
  try {
    make(making)
    // After a power failure it is there whole or not at all.
    must('sync', ['--file-system', making])
    renameSync(making, folder)
  } catch (error) {
    rmSync(making, { recursive: true, force: true })
    // Another run was faster.
    if (!existsSync(folder)) throw error
  }
  return folder
}

const dayMs = 24 * 3600 * 1000

/** A folder that `find` finds in lists of packages; asked once a day, because a run is not about what a mirror got since. */
export function daily(name: string, find: () => string): string {
  const note = join(cacheFolder, 'today', name)
  if (existsSync(note) && Math.abs(Date.now() - statSync(note).mtimeMs) < dayMs) {
    const folder = readFileSync(note, 'utf8')
    if (existsSync(folder)) return folder
  }
  const folder = find()
  mkdirSync(dirname(note), { recursive: true })
  writeFileSync(note, folder)
  return folder
}

/** Names a list of texts, or of files' contents, shortly. */
export function digestOf(parts: readonly (string | Uint8Array)[]): string {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(part).update('\0')
  return hash.digest('hex').slice(0, 16)
}
