/**
 * npm run bench, second part: our filter for a whole container profile beside those of other compilers, which are built
 * or fetched here: size, instructions run, time to load, and time of calls that the kernel's cache answers, that have
 * conditions, and that are denied.
 *
 *   node build-test/integration/bench/seccomp.js [PROFILE [ROUNDS]] [NAME=FILTER...]
 *
 * PROFILE: without it, the one of Debian's golang-github-containers-common. FILTER: a raw filter of another compiler.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { decodeProgram, encodeProgram } from '../../src/layers/seccomp/code/bpf.js'
import { convertedSize } from '../../src/layers/seccomp/code/converted-size.js'
import { generate } from '../../src/layers/seccomp/code/generate.js'
import { prove } from '../../src/layers/seccomp/proof/prove.js'
import type { Meaning } from '../../src/layers/seccomp/meaning.js'
import { must, searchPath } from '../world/process.js'
import { unpackDebianPackages } from './debian-package.js'
import { execute } from './executed.js'
import { profileMeaning, readProfile, type Profile } from './profile-meaning.js'
import { median } from './samples.js'
import { libseccompFilter, minijailFilter, rangeTree } from './seccomp-peers.js'

interface Candidate {
  readonly name: string
  /** null: no filter at all. */
  readonly filter: Uint8Array | null
}

const installed = '/usr/share/containers/seccomp.json'
const repeats = 3000

const words = process.argv.slice(2)
const others = words.filter((word) => word.includes('='))
const [path, rounds = '100'] = words.filter((word) => !word.includes('='))
const directory = mkdtempSync(join(tmpdir(), 'palisade-seccomp-'))
try {
  process.stdout.write(await bench())
} finally {
  rmSync(directory, { recursive: true })
}

async function bench(): Promise<string> {
  const file = path ?? (await debianProfile())
  const profile = readProfile(file)
  const meaning = profileMeaning(profile, ['x86_64'])
  const notes: string[] = []
  const candidates: readonly Candidate[] = [
    { name: 'none', filter: null },
    { name: 'palisade', filter: ours(meaning) },
    { name: 'palisade-again', filter: ours(meaning) },
    { name: 'palisade-2-tables', filter: ours(profileMeaning(profile, ['x86_64', 'i386'])) },
    ...(await peers(profile, meaning, notes)),
  ]
  const tool = join(directory, 'time-calls')
  const source = join(import.meta.dirname, '../../../integration/bench/time-calls.c')
  const environment = { env: { PATH: searchPath } }
  await must(['cc', '-O2', '-Wall', '-Wextra', '-Werror', '-o', tool, source], environment)
  const groups = candidates.map(({ name, filter }) => {
    if (filter === null) return `${name}=`
    const own = join(directory, `${name}.filter`)
    writeFileSync(own, filter)
    return `${name}=${own}`
  })
  const output = await must([tool, rounds, String(repeats), ...groups], environment)
  const title = `\nseccomp: ${path ?? 'the profile of golang-github-containers-common'}, x86_64 without capabilities\n`
  return `${title}${sizes(candidates, meaning)}\n${times(candidates, output)}${notes.map((note) => `${note}\n`).join('')}`
}

async function debianProfile(): Promise<string> {
  if (existsSync(installed)) return installed
  return join(await unpackDebianPackages('bookworm', ['golang-github-containers-common'], directory), installed)
}

function ours(meaning: Meaning): Uint8Array {
  const program = generate(meaning)
  prove(program, meaning)
  return encodeProgram(program)
}

async function peers(profile: Profile, meaning: Meaning, notes: string[]): Promise<readonly Candidate[]> {
  const [table] = meaning.tables
  const found: Candidate[] =
    table === undefined ? [] : [{ name: 'range-tree', filter: encodeProgram(rangeTree(table)) }]
  const attempt = async (name: string, make: () => Promise<Uint8Array>): Promise<void> => {
    try {
      found.push({ name, filter: await make() })
    } catch (error) {
      const lines = (error instanceof Error ? error.message : String(error)).trimEnd().split('\n')
      notes.push(`${name} was not run: ${lines.slice(-3).join(' ')}`)
    }
  }
  await attempt('libseccomp', () => libseccompFilter(profile, 1, directory))
  await attempt('libseccomp-tree', () => libseccompFilter(profile, 2, directory))
  await attempt('minijail', () => minijailFilter(profile, directory))
  for (const other of others) {
    const [name = '', file = ''] = other.split('=')
    found.push({ name, filter: readFileSync(file) })
  }
  if (!found.some(({ name }) => name === 'kafel')) {
    notes.push(
      'kafel was not run: Debian has no package of it. For moby cd3bed80 its filter (76d0f41b) was measured before: 106',
      'instructions, at most 31 run, 10.6 in the mean over all calls. Another run of it can be added as kafel=FILTER.',
    )
  }
  return found
}

function sizes(candidates: readonly Candidate[], meaning: Meaning): string {
  const [table] = meaning.tables
  const head = row('', ['instr.', 'x ours', 'eBPF', 'most run', 'x ours', 'mean run', 'x ours'])
  const measured = candidates.flatMap(({ name, filter }) => {
    if (filter === null || table === undefined) return []
    const program = decodeProgram(filter)
    return [{ name, length: program.length, converted: convertedSize(program), ...execute(program, meaning, table) }]
  })
  const [own] = measured
  const lines = measured.map(({ name, length, converted, most, mean, wrong }) => {
    const ratio = (value: number, base: number | undefined): string => (value / (base ?? value)).toFixed(2)
    const cells = [`${length}`, ratio(length, own?.length), `${converted}`, `${most}`, ratio(most, own?.most)]
    const note = wrong.length === 0 ? '' : `  answers otherwise: ${wrong.join(', ')}\n`
    return row(name, [...cells, mean.toFixed(2), ratio(mean, own?.mean)]) + note
  })
  return `${head}${lines.join('')}(most, mean: instructions run; mean over the calls that the kernel's cache does not answer)\n`
}

function times(candidates: readonly Candidate[], output: string): string {
  const lines = output.trimEnd().split('\n')
  const samples = lines.map((line) => line.split(' '))
  const [, scheduling] = samples[0] ?? []
  const kinds = [...new Set(samples.slice(1).map(([, kind = '']) => kind))]
  const cell = (name: string, kind: string): number =>
    median(samples.flatMap(([own, other, time]) => (own === name && other === kind ? [Number(time)] : []))) ??
    Number.NaN
  const head = row(
    'ns, medians',
    kinds.map((kind) => kind),
  )
  const body = candidates.map(({ name }) =>
    row(
      name,
      kinds.map((kind) => cell(name, kind).toFixed(0)),
    ),
  )
  const ratios = candidates
    .filter(({ name }) => !['none', 'palisade'].includes(name))
    .map(({ name }) =>
      row(
        `${name} / ours`,
        kinds.map((kind) => (cell(name, kind) / cell('palisade', kind)).toFixed(2)),
      ),
    )
  const noise = kinds.map((kind) => Math.abs(cell('palisade-again', kind) / cell('palisade', kind) - 1))
  const setting = `${rounds} rounds of a child for each filter, ${repeats} calls of each kind, scheduling class ${scheduling}`
  const most = (100 * Math.max(...noise)).toFixed(1)
  return `${head}${body.join('')}\n${ratios.join('')}${setting}\nnoise: the same filter twice differs by up to ${most} %\n`
}

function row(name: string, cells: readonly string[]): string {
  return `${name.padEnd(26)}${cells.map((cell) => cell.padStart(14)).join('')}\n`
}
