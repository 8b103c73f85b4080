/**
 * Plans that are kept for the next start of the same words, which then needs no compiler: the plan, and all that was
 * looked at to make it. The launcher (native/start/) runs a kept plan if every bit of that is still so.
 */
import { lstatSync, readdirSync, renameSync, unlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { packageRoot } from '../core/package-root.js'
import { log } from '../core/log.js'
import type { Witness } from '../host/witness.js'
import { PlanSizeError } from '../plan/codec.js'
import { loadAddon } from './addon.js'
import { checksum, doubtOf, fileOf, keptPlan, lasts, sealedFileOf } from './kept-file.js'
import type { KeptPlace } from './kept-place.js'
import type { Prepared, ReportTarget } from './prepare.js'

/** What a kept plan is known by, and what was seen for it. */
export interface Seen {
  readonly words: readonly string[]
  readonly startedAs: string | null
  readonly witness: Witness
}

const keptMax = 512

/** Keeps the plan if that is sound; else the next start compiles again, which is what this one did. */
export function keepPlan(
  { path, opened, trust }: KeptPlace,
  prepared: Prepared,
  report: ReportTarget | null,
  { words: all, startedAs, witness }: Seen,
): void {
  if (startedAs === null || !lasts(prepared)) return
  if (doubtOf(prepared, witness) !== null) return
  try {
    const words = all.slice(0, all.indexOf('--') + 2)
    const first = { op: 'start.expect-words', origin: '', startedAs, root: packageRoot(), words } as const
    const plan = keptPlan(first, prepared, report, witness)
    const file = trust === 'sealed' ? sealedFileOf(plan, loadAddon()) : fileOf(plan)
    makeRoom(opened)
    write(opened, nameOf(startedAs, prepared.facts.caller.directory, words), file)
  } catch (error) {
    // Too long with what is to be compared, a full disk, another run that makes room: this run needs none of it.
    const isOfHost = error instanceof Error && 'syscall' in error
    if (!isOfHost && !(error instanceof PlanSizeError)) throw error
    log('info', 'the plan is not kept', { place: path, error: error.message })
  }
}

/** The file that a start of these words looks for. */
function nameOf(startedAs: string, directory: string, words: readonly string[]): string {
  const bytes = new TextEncoder().encode([startedAs, directory, ...words].map((word) => `${word}\0`).join(''))
  return [1, 2].map((seed) => checksum(bytes, seed).toString(16).padStart(8, '0')).join('')
}

/** At once, so that nobody finds a part of it. */
function write(directory: string, name: string, bytes: Uint8Array): void {
  // Another run has another moment, or is refused the name; node:crypto would take 5 ms to load.
  const moment = process.hrtime.bigint().toString(16).slice(-12).padStart(12, '0')
  const making = join(directory, `.${name}-${moment}`)
  writeFileSync(making, bytes, { flag: 'wx', mode: 0o600 })
  renameSync(making, join(directory, name))
}

/** What `write` leaves, and what is left of it when it is killed. */
const written = /^(?:[0-9a-f]{16}|\.[0-9a-f]{16}-[0-9a-f]{12})$/

/** The half that was made first goes when there are too many; nothing but what is ours. */
function makeRoom(directory: string): void {
  const names = readdirSync(directory).filter((name) => written.test(name))
  if (names.length < keptMax) return
  const made = names.map((name) => ({ name, time: lstatSync(join(directory, name)).mtimeMs }))
  const oldest = made.toSorted((one, other) => one.time - other.time).slice(0, keptMax / 2)
  for (const { name } of oldest) unlinkSync(join(directory, name))
}
