/**
 * Compares random policies with libseccomp: `differential ORACLE SEED POLICIES [broken]`, with libseccomp_batch as ORACLE. Each
 * policy is compiled and proven; each table of it, as far as libseccomp can say it, is made by libseccomp too, and both
 * programs are run on drawn inputs. libseccomp's program is proven as well. Prints a `Result` as JSON.
 * `broken`: a constant of each program of ours is changed after the proof, so that the comparison has to find it.
 */
import { execFileSync } from 'node:child_process'
import { decodeProgram, opcode, type Instruction } from '../../src/layers/seccomp/code/bpf.js'
import { generate } from '../../src/layers/seccomp/code/generate.js'
import { prove } from '../../src/layers/seccomp/proof/prove.js'
import { meaningOf, type Meaning } from '../../src/layers/seccomp/meaning.js'
import { seededRandom, type Random } from '../faults/random.js'
import { asMeaning, compare, inputsFor, withoutMinusOne, type Pair } from './compare.js'
import { archName, inLibseccomp, type Expressed } from './in-libseccomp.js'
import { allCalls, pick, randomRequest } from './random-policy.js'

export interface Result {
  readonly policies: number
  readonly calls: number
  readonly callsExpressed: number
  readonly conditional: number
  readonly conditionalExpressed: number
  readonly inputs: number
  /** Tables and proofs that differ, and the first of them. */
  readonly differing: number
  readonly wrong: readonly string[]
  readonly longest: number
}

const batch = 100
const drawnInputs = 80

function main(oracle: string, seed: number, policies: number, code: 'as it is' | 'broken'): Result {
  const random = seededRandom(seed)
  const calls = allCalls()
  const known = knownNames(oracle, calls)
  const count = {
    calls: 0,
    callsExpressed: 0,
    conditional: 0,
    conditionalExpressed: 0,
    inputs: 0,
    longest: 0,
  }
  const wrong: string[] = []
  for (let done = 0; done < policies; done += batch) {
    const compiled = Array.from({ length: Math.min(batch, policies - done) }, (_, index) => {
      const request = randomRequest(random, calls)
      const meaning = meaningOf(request)
      const ours = generate(meaning)
      const told = `policy ${done + index} of seed ${seed}: ${JSON.stringify(request)}`
      try {
        prove(ours, meaning)
      } catch (error) {
        wrong.push(`${String(error)}: ${told}`)
      }
      const tables = meaning.tables.map((table) => ({
        table,
        expressed: inLibseccomp(table, known.get(table.arch) ?? new Set()),
      }))
      return { meaning, ours: code === 'broken' ? changed(ours, random) : ours, told, tables }
    })
    const filters = libseccompFilters(
      oracle,
      compiled.flatMap(({ tables }) => tables.flatMap(({ expressed }) => expressed.lines)),
    )
    let next = 0
    for (const { meaning, ours, told, tables } of compiled) {
      count.longest = Math.max(count.longest, ours.length)
      for (const { table, expressed } of tables) {
        const theirs = decodeProgram(filters[next] ?? new Uint8Array())
        next += 1
        const pair: Pair = { ours, theirs, meaning, table, expressed }
        const found = [...sampled(pair), ...proven(pair)]
        wrong.push(...found.map((text) => `${text}: ${table.arch}, ${told}`))
      }
      add(meaning, tables)
    }
  }
  return { policies, ...count, differing: wrong.length, wrong: wrong.slice(0, 5) }

  function sampled(pair: Pair): readonly string[] {
    const results = inputsFor(pair, random, drawnInputs).map((data) => compare(pair, data))
    count.inputs += results.filter((text) => text !== 'not compared').length
    return results.flatMap((text) => (text === null || text === 'not compared' ? [] : [text])).slice(0, 1)
  }
  function add(meaning: Meaning, tables: readonly { readonly expressed: Expressed }[]): void {
    const all = meaning.tables.flatMap(({ decisions }) => [...decisions.values()])
    const said = tables.flatMap(({ expressed }) => [...expressed.decisions.values()])
    const conditional = (of: typeof all): number =>
      of.filter((one) => one.clauses.some(({ when }) => when !== null)).length
    count.calls += all.length
    count.callsExpressed += said.length
    count.conditional += conditional(all)
    count.conditionalExpressed += conditional(said)
  }
}

/** The program with one more in the constant of one comparison. */
function changed(program: readonly Instruction[], random: Random): readonly Instruction[] {
  const comparisons = [...program.entries()].filter(([, { code }]) => code === opcode.jumpEqual)
  const [index, instruction] = pick(random, comparisons)
  return program.with(index, { ...instruction, k: (instruction.k + 1) >>> 0 })
}

/** libseccomp's program proven against the same meaning: all values, where `sampled` draws some. */
function proven(pair: Pair): readonly string[] {
  try {
    prove(withoutMinusOne(pair), asMeaning(pair))
    return []
  } catch (error) {
    return [`libseccomp: ${String(error)}`]
  }
}

/** The calls that libseccomp has under the same number. */
function knownNames(oracle: string, calls: ReturnType<typeof allCalls>): ReadonlyMap<string, ReadonlySet<string>> {
  const listed = [...calls].flatMap(([arch, all]) => all.map((call) => ({ arch, call })))
  const input = listed.map(({ arch, call }) => `${archName[arch]} ${call.name}\n`).join('')
  const numbers = execFileSync(oracle, ['names'], { input, encoding: 'utf8' }).trim().split('\n').map(Number)
  const names = new Map<string, Set<string>>()
  for (const [index, { arch, call }] of listed.entries()) {
    const number = numbers[index] ?? -1
    // Negative: unknown, or multiplexed (socketcall, ipc).
    if (number < 0) continue
    if (number !== call.number) throw new Error(`${arch} ${call.name} is ${call.number}, libseccomp says ${number}`)
    names.set(arch, (names.get(arch) ?? new Set()).add(call.name))
  }
  return names
}

function libseccompFilters(oracle: string, lines: readonly string[]): readonly Uint8Array[] {
  const output = execFileSync(oracle, ['filters'], { input: `${lines.join('\n')}\n`, maxBuffer: 1 << 28 })
  const filters: Uint8Array[] = []
  for (let at = 0; at < output.length;) {
    const size = output.readUInt32LE(at)
    filters.push(output.subarray(at + 4, at + 4 + size))
    at += 4 + size
  }
  return filters
}

const [oracle, seed, policies, code] = process.argv.slice(2)
if (oracle === undefined) throw new Error('differential ORACLE SEED POLICIES [broken]')
const result = main(oracle, Number(seed), Number(policies), code === 'broken' ? 'broken' : 'as it is')
process.stdout.write(`${JSON.stringify(result)}\n`)
