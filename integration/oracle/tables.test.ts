import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { allArches } from '../../src/layers/seccomp/arch.js'
import { isNewer } from '../../src/layers/seccomp/kernel-version.js'
import { callsAfter } from '../../src/layers/seccomp/tables-age.js'
import { constantNames, constantOf, errnoNames, syscallTable, type Syscall } from '../../src/layers/seccomp/tables.js'
import { origin } from '../../src/layers/seccomp/tables/origin.gen.js'
import type { Arch } from '../../src/host/facts.js'
import { readByHand } from '../../src/tools/seccomp-tables/by-hand.js'
import { compareWithTables } from '../../src/tools/seccomp-tables/compare.js'
import { readFacts } from '../../src/tools/seccomp-tables/facts.js'
import { openArchive } from '../../src/tools/seccomp-tables/headers.js'
import { renderTables } from '../../src/tools/seccomp-tables/render.js'
import { byArch, readValues, type Values } from '../../src/tools/seccomp-tables/values.js'
import { compile } from './oracle.js'

const folder = mkdtempSync(join(tmpdir(), 'palisade-tables-'))
t.teardown(() => rmSync(folder, { recursive: true }))

const byHand = readByHand('src/layers/seccomp/data')
const archive = openArchive(folder)
const [newest = ''] = archive.versions
const own = archive.versions.includes(origin.version) ? readFacts(archive.fetch(origin.version), byHand) : null

// A mirror keeps few versions: where ours is gone, the next test still says that the tables hold.
t.test('the packages that the tables name give the same tables, byte for byte, where the mirror has them', (t) => {
  t.ok(archive.versions.length > 0, `the mirror has ${archive.versions.join(', ')}`)
  if (own === null) t.comment(`the mirror has no ${origin.version} any more`)
  else for (const [path, text] of renderTables(own)) t.equal(text, readFileSync(path, 'utf8'), path)
  t.end()
})

t.test('the newest headers have no call and no constant otherwise than the tables', (t) => {
  const isOwn = own !== null && newest === origin.version
  const values = isOwn ? own.values : readValues(archive.fetch(newest), byHand.aliases)
  const { different, added, gone } = compareWithTables(values)
  t.same(different, [])
  t.ok(gone.length < 100, `${newest} lacks ${gone.length}: ${gone.join(', ')}`)
  if (isOwn) t.same([added, gone], [[], []], 'the same headers add nothing and lack nothing')
  else t.comment(`${newest} adds ${added.length}: ${added.join(', ')}`)
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
  const valueOf = (name: string, arch: Arch): bigint | null => {
    const found = constantOf(name, arch)
    return found.kind === 'value' ? found.value : null
  }
  return {
    numbers: byArch((arch) => new Map([...syscallTable(arch).byName].map(([name, { number }]) => [name, number]))),
    constants: constantNames().map((name) => ({ name, values: allArches.map((arch) => valueOf(name, arch)) })),
    errnos: errnoNames(),
  }
}

const theirArch: { readonly [A in Arch]: string } = {
  x86_64: 'x86_64',
  i386: 'x86',
  aarch64: 'aarch64',
  arm: 'arm',
  riscv64: 'riscv64',
}

/** Newest kernel of which libseccomp 2.5.4 has every call; it knows some later ones. */
const libseccompKernel = '6.3'

t.test('libseccomp has the same numbers, from names and from numbers, on all five arches', (t) => {
  const ask = libseccomp()
  for (const arch of allArches) {
    const { byName } = syscallTable(arch)
    const calls = [...byName.values()]
    const answers = ask(calls.map(({ name }) => `name ${theirArch[arch]} ${name}`)).map(Number)
    const names = ask(calls.map(({ number }) => `number ${theirArch[arch]} ${number}`))
    const unknown = calls.filter((call, index) => {
      const [answer = -1, name = '-'] = [answers[index], names[index]]
      if (answer >= 0) t.equal(answer, call.number, `${arch} ${call.name}`)
      // It has pseudo numbers for what i386 could do through socketcall(2) and ipc(2), and other names on ARM.
      else if (name !== '-') t.ok(aliasesOf(arch, call, byName).includes(name), `${arch} ${call.name}: ${name}`)
      return answer < 0 && name === '-'
    })
    const old = unknown.filter(({ since }) => !isNewer(since, libseccompKernel))
    t.same(old, [], `${arch}: libseccomp does not know ${unknown.length}, all newer than Linux ${libseccompKernel}`)
    const numbers = [...Array(1024).keys(), ...Array.from({ length: 2048 }, (_, index) => 0xf0000 + index)]
    const theirs = ask(numbers.map((number) => `number ${theirArch[arch]} ${number}`))
    const missing = numbers.filter((number, index) => theirs[index] !== '-' && !syscallTable(arch).byNumber.has(number))
    t.same(missing, [], `${arch}: libseccomp has no number that is not in the table`)
    t.ok(theirs.filter((name) => name !== '-').length > 300, 'control: it has names for numbers')
  }
  t.end()
})

/** What libseccomp may call one of our calls. */
function aliasesOf(arch: Arch, call: Syscall, byName: ReadonlyMap<string, Syscall>): readonly string[] {
  const same = [...byName.values()].filter(({ number }) => number === call.number).map(({ name }) => name)
  return arch === 'arm' ? [...same, call.name.replace(/^ARM_/, '')] : same
}

function libseccomp(): (lines: readonly string[]) => readonly string[] {
  const program = join(folder, 'libseccomp_numbers')
  compile('cc', ['-o', program, 'integration/oracle/libseccomp_numbers.c', '-lseccomp'])
  return (lines) => {
    const output = execFileSync(program, { input: `${lines.join('\n')}\n`, encoding: 'utf8', timeout: 20_000 })
    return output.trimEnd().split('\n')
  }
}

/** The numbers that programs of this machine are compiled with. */
function installed(flag: '-m64' | '-m32' | '-mx32'): ReadonlyMap<string, number> {
  const source = join(folder, 'unistd.c')
  writeFileSync(source, '#include <asm/unistd.h>\n')
  const preprocess = (words: readonly string[]): string =>
    execFileSync('cc', ['-E', '-I', '/usr/include/x86_64-linux-gnu', flag, ...words, source], { encoding: 'utf8' })
  const macros = preprocess(['-dM'])
  const names = [...macros.matchAll(/^#define __NR_(\w+) /gm)].map(([, name = '']) => name)
  writeFileSync(source, `#include <asm/unistd.h>\n${names.map((name) => `@ ${name} = __NR_${name};`).join('\n')}\n`)
  // The names alone are no macros; the numbers are sums, with a bit for x32.
  const lines = preprocess(['-P']).matchAll(/@ (\w+) = ([^;]+);/g)
  return new Map([...lines].map(([, name = '', sum = '']) => [name, sumOf(sum)]))
}

function sumOf(text: string): number {
  return text.split('+').reduce((sum, part) => sum + Number(part.replaceAll(/[()\s]/g, '')), 0)
}

t.test('the installed headers agree: same numbers, and only calls newer than they are missing', (t) => {
  const version = execFileSync('dpkg-query', ['-W', '-f', '${Version}', 'linux-libc-dev:amd64'], { encoding: 'utf8' })
  for (const [arch, flag] of [
    ['x86_64', '-m64'],
    ['i386', '-m32'],
  ] as const) {
    const { byName } = syscallTable(arch)
    const there = installed(flag)
    t.ok(there.size > 300, `${arch}: linux-libc-dev ${version} has ${there.size}`)
    for (const [name, number] of there) t.equal(byName.get(name)?.number, number, `${arch} ${name}`)
    const missing = [...byName.keys()].filter((name) => !there.has(name))
    t.same(missing, callsAfter(version, arch), `${arch}: ${missing.join(' ')} are newer`)
  }
  t.end()
})

t.test('x32: each of its numbers has bit 30, so one test refuses them all; no number of ours has it', (t) => {
  const numbers = [...installed('-mx32').values()]
  t.ok(numbers.length > 300)
  t.ok(numbers.every((number) => number >= 0x40000000))
  for (const arch of allArches) {
    t.ok(
      [...syscallTable(arch).byNumber.keys()].every((number) => number < 0x40000000),
      arch,
    )
  }
  t.end()
})

t.test('what is written by hand is about calls and arguments that exist', (t) => {
  const all = allArches.flatMap((arch) => [...syscallTable(arch).byName.values()])
  const named = new Set(all.flatMap((call) => call.arguments.map(({ name }) => `${call.name} ${name}`)))
  for (const entry of [...byHand.lowWord, ...byHand.maybePointer]) t.ok(named.has(entry), entry)
  for (const name of byHand.datedCalls)
    t.ok(
      all.some((call) => call.name === name),
      `since.tsv: ${name}`,
    )
  t.end()
})
