/**
 * Plans that are kept for the next start of the same words, which then needs no compiler: the plan, and all that was
 * looked at to make it. The launcher (native/start/) runs a kept plan if every bit of that is still so.
 */
import { randomBytes } from 'node:crypto'
import { readdirSync, renameSync, statSync, unlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { packageRoot } from '../core/package-root.js'
import { log } from '../core/log.js'
import type { Witness } from '../host/witness.js'
import { PlanSizeError } from '../plan/codec.js'
import { checksum, doubtOf, keptFile, lasts } from './kept-file.js'
import type { Prepared, ReportTarget } from './prepare.js'

/** What a kept plan is known by, and what was seen for it. */
export interface Seen {
  readonly words: readonly string[]
  readonly startedAs: string | null
  readonly witness: Witness
}

const keptMax = 512

/** Keeps the plan if that is sound; else the next start compiles again, which is what this one did. */
export function keepPlan(place: string, prepared: Prepared, report: ReportTarget | null, seen: Seen): void {
  const { startedAs, witness } = seen
  if (startedAs === null || !lasts(prepared)) return
  if (doubtOf(prepared, witness) !== null) return
  try {
    const words = seen.words.slice(0, seen.words.indexOf('--') + 2)
    const first = { op: 'start.expect-words', origin: '', startedAs, root: packageRoot(), words } as const
    const file = keptFile(first, prepared, report, witness)
    makeRoom(place)
    write(place, nameOf(startedAs, prepared.facts.caller.directory, words), file)
  } catch (error) {
    // Too long with what is to be compared, a full disk, another run that makes room: this run needs none of it.
    const isOfHost = error instanceof Error && 'syscall' in error
    if (!isOfHost && !(error instanceof PlanSizeError)) throw error
    log('info', 'the plan is not kept', { place, error: error.message })
  }
}

/** The file that a start of these words looks for. */
function nameOf(startedAs: string, directory: string, words: readonly string[]): string {
  const bytes = new TextEncoder().encode([startedAs, directory, ...words].map((word) => `${word}\0`).join(''))
  return [1, 2].map((seed) => checksum(bytes, seed).toString(16).padStart(8, '0')).join('')
}

/** At once, so that nobody finds a part of it. */
function write(place: string, name: string, bytes: Uint8Array): void {
  const making = join(place, `.${name}-${randomBytes(6).toString('hex')}`)
  writeFileSync(making, bytes, { flag: 'wx', mode: 0o600 })
  renameSync(making, join(place, name))
}

/** The half that was made first goes when there are too many. */
function makeRoom(place: string): void {
  const names = readdirSync(place)
  if (names.length < keptMax) return
  const made = names.map((name) => ({ name, time: statSync(join(place, name)).mtimeMs }))
  const oldest = made.toSorted((one, other) => one.time - other.time).slice(0, keptMax / 2)
  for (const { name } of oldest) unlinkSync(join(place, name))
}
