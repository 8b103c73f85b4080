import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { allArches } from '../../src/layers/seccomp/arch.js'
import { isNewer } from '../../src/layers/seccomp/kernel-version.js'
import { callsAfter } from '../../src/layers/seccomp/tables-age.js'
import { syscallTable, tablesOrigin, type Syscall } from '../../src/layers/seccomp/tables.js'
import { origin } from '../../src/layers/seccomp/tables/origin.gen.js'
import type { Arch } from '../../src/host/facts.js'
import { readByHand } from '../../src/tools/seccomp-tables/by-hand.js'
import { compareWithTables } from '../../src/tools/seccomp-tables/compare.js'
import { readFacts, type Facts } from '../../src/tools/seccomp-tables/facts.js'
import { openArchive } from '../../src/tools/seccomp-tables/headers.js'
import { renderTables } from '../../src/tools/seccomp-tables/render.js'
import { compile } from './oracle.js'

const folder = mkdtempSync(join(tmpdir(), 'palisade-tables-'))
t.teardown(() => rmSync(folder, { recursive: true }))

const byHand = readByHand('src/layers/seccomp/data')
const archive = openArchive(folder)
const newest = archive.versions[0] ?? ''
const isThere = archive.versions.includes(tablesOrigin.version)
const facts = new Map([...new Set([newest, ...(isThere ? [tablesOrigin.version] : [])])].map((one) => [one, read(one)]))

function read(version: string): Facts {
  return readFacts(archive.fetch(version), byHand)
}

// A mirror keeps few versions: where ours is gone, the next test still says that the tables hold.
t.test('the packages that the tables name give the same tables, byte for byte, where the mirror has them', (t) => {
  t.ok(archive.versions.length > 0, `the mirror has ${archive.versions.join(', ')}`)
  const own = facts.get(tablesOrigin.version)
  if (own === undefined) t.comment(`the mirror has no ${tablesOrigin.version} any more`)
  for (const [path, text] of own === undefined ? [] : renderTables(own)) t.equal(text, readFileSync(path, 'utf8'), path)
  if (own !== undefined) t.same(own.origin.packages, origin.packages)
  t.end()
})

t.test('the newest headers have every call and constant as the tables have it', (t) => {
  const found = facts.get(newest)
  if (found === undefined) throw new Error('the mirror has no headers')
  const { denied, added } = compareWithTables(found)
  t.same(denied, [])
  if (newest !== tablesOrigin.version) t.comment(`${newest} adds ${added.length}: ${added.join(', ')}`)
  else t.same(added, [], 'the same headers add nothing')
  const wrong: Facts = {
    ...found,
    calls: { ...found.calls, arm: found.calls.arm.map((call) => ({ ...call, number: call.number + 1 })) },
    constants: found.constants.filter(({ name }) => name !== 'O_CLOEXEC'),
  }
  const { denied: told } = compareWithTables(wrong)
  t.ok(told.includes('arm: read is 4, not 3'), 'a number that differs is told')
  t.ok(
    told.includes('O_CLOEXEC is not there, not 524288,524288,524288,524288,524288'),
    'a constant that is gone is told',
  )
  t.equal(told.length, syscallTable('arm').byName.size + 1)
  t.end()
})

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
