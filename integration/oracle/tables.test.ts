import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { allArches } from '../../src/layers/seccomp/arch.js'
import { constantNames, constantOf, errnoNames, syscallTable } from '../../src/layers/seccomp/tables.js'
import { origin } from '../../src/layers/seccomp/tables/origin.gen.js'
import type { Arch } from '../../src/host/facts.js'
import { readByHand } from '../../src/tools/seccomp-tables/by-hand.js'
import { compareWithTables } from '../../src/tools/seccomp-tables/compare.js'
import { readFacts } from '../../src/tools/seccomp-tables/facts.js'
import { openArchive } from '../../src/tools/seccomp-tables/headers.js'
import { renderTables } from '../../src/tools/seccomp-tables/render.js'
import { byArch, readValues, type Values } from '../../src/tools/seccomp-tables/values.js'

const folder = mkdtempSync(join(tmpdir(), 'palisade-tables-'))
t.teardown(() => rmSync(folder, { recursive: true }))

const byHand = readByHand('src/layers/seccomp/data')
const archive = openArchive(folder)
const [newest = ''] = archive.versions
const own = archive.versions.includes(origin.version) ? readFacts(archive.fetch(origin.version), byHand) : null

// A mirror keeps few versions: where ours is gone, the next test still says that the tables hold.
t.test('the packages that the tables name give the same tables, byte for byte, where the mirror has them', (t) => {
  t.ok(archive.versions.length > 0, `the mirror has ${archive.versions.join(', ')}`)
  if (own === null) t.comment(`| tables: the mirror has no ${origin.version} any more`)
  else for (const [path, text] of renderTables(own)) t.equal(text, readFileSync(path, 'utf8'), path)
  t.end()
})

t.test('the newest headers have every call of the tables, and no constant otherwise', (t) => {
  const isOwn = own !== null && newest === origin.version
  const values = isOwn ? own.values : readValues(archive.fetch(newest), byHand.aliases)
  const { different, added, gone } = compareWithTables(values)
  t.same(different, [])
  // A number is never used again, but headers lose constants that nobody should have used.
  t.same(
    gone.filter((name) => name.includes(' ')),
    [],
    'no call is gone',
  )
  if (isOwn) t.same([added, gone], [[], []], 'the same headers add nothing and lack nothing')
  else t.comment(`| tables: ${newest} adds ${added.join(', ')}; it lacks ${gone.join(', ')}`)
  t.end()
})

t.test('a comparison tells what differs, what is new and what is gone', (t) => {
  const values = valuesOfTables()
  const none = { different: [], added: [], gone: [] }
  t.same(compareWithTables(values), none, 'control: the tables beside themselves')
  const read = new Map(values.numbers.arm).set('read', 4)
  t.same(compareWithTables({ ...values, numbers: { ...values.numbers, arm: read } }), {
    ...none,
    different: ['arm read is 4, not 3'],
  })
  const fresh = new Map(values.numbers.i386).set('fresh', 999)
  t.same(compareWithTables({ ...values, numbers: { ...values.numbers, i386: fresh } }), {
    ...none,
    added: ['i386 fresh'],
  })
  const constants = values.constants.filter(({ name }) => name !== 'O_CLOEXEC')
  t.same(compareWithTables({ ...values, constants }), { ...none, gone: ['O_CLOEXEC'] })
  t.end()
})

function valuesOfTables(): Values {
  return {
    numbers: byArch((arch) => new Map([...syscallTable(arch).byName].map(([name, { number }]) => [name, number]))),
    constants: constantNames().map((name) => ({ name, values: allArches.map((arch) => valueOf(name, arch)) })),
    errnos: errnoNames(),
  }
}

function valueOf(name: string, arch: Arch): bigint | null {
  const found = constantOf(name, arch)
  return found.kind === 'value' ? found.value : null
}

t.test('what is written by hand is about calls and arguments that exist', (t) => {
  const all = allArches.flatMap((arch) => [...syscallTable(arch).byName.values()])
  const named = new Set(all.flatMap((call) => call.arguments.map(({ name }) => `${call.name} ${name}`)))
  for (const entry of [...byHand.lowWord, ...byHand.maybePointer]) t.ok(named.has(entry), entry)
  const calls = new Set(all.map(({ name }) => name))
  for (const name of byHand.datedCalls) t.ok(calls.has(name), `since.tsv: ${name}`)
  t.end()
})
