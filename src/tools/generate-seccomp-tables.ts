/**
 * Makes `src/layers/seccomp/tables/*.gen.ts` from Debian's kernel header packages (about 16 MB, from the machine's
 * mirror) and the reviewed files in `src/layers/seccomp/data/`. Run at the root of the project:
 *   npm run generate:tables              the newest kernel of the suite
 *   npm run generate:tables -- VERSION   one version of the packages
 * A build needs neither: the tables are checked in.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readByHand } from './seccomp-tables/by-hand.js'
import { readFacts } from './seccomp-tables/facts.js'
import { openArchive } from './seccomp-tables/headers.js'
import { renderTables } from './seccomp-tables/render.js'

const folder = mkdtempSync(join(tmpdir(), 'palisade-tables-'))
try {
  const archive = openArchive(folder)
  const version = process.argv[2] ?? archive.versions[0]
  if (version === undefined || !archive.versions.includes(version)) {
    throw new Error(`the mirror has ${archive.versions.join(', ')}, and no ${version ?? 'headers'}`)
  }
  const facts = readFacts(archive.fetch(version), readByHand('src/layers/seccomp/data'))
  for (const [path, text] of renderTables(facts)) writeFileSync(path, text)
  process.stdout.write(`tables of Linux ${facts.origin.kernel}, from ${version}\n`)
} finally {
  rmSync(folder, { recursive: true })
}
