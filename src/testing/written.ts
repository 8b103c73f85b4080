import { lstatSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { UsageError } from '../core/errors.js'

/** Files and directories by path, each with what changes when it is written. */
export type Listing = ReadonlyMap<string, string>

/** What is looked at before and after every run must be small. */
const entriesMax = 10_000

/** Everything at and below `paths`; what is not there is left out. */
export function listingOf(paths: readonly string[]): Listing {
  const listing = new Map<string, string>()
  const waiting = [...paths]
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    const stats = lstatSync(path, { bigint: true, throwIfNoEntry: false })
    if (stats === undefined) continue
    const { ino, size, mtimeNs, ctimeNs } = stats
    // A directory changes with what is in it, which has an entry of its own.
    listing.set(path, stats.isDirectory() ? `${ino}` : [ino, size, mtimeNs, ctimeNs].join(' '))
    if (listing.size > entriesMax)
      throw new UsageError(`more than ${entriesMax} files that could be written: grant less`)
    if (stats.isDirectory()) waiting.push(...readdirSync(path).map((name) => join(path, name)))
  }
  return listing
}

/** Paths that are new, or another than before, or gone; sorted. */
export function changedBetween(before: Listing, after: Listing): readonly string[] {
  const paths = new Set([...before.keys(), ...after.keys()])
  return [...paths].filter((path) => before.get(path) !== after.get(path)).toSorted()
}
