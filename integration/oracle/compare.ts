import { returnValue } from '../../src/layers/seccomp/action.js'
import { auditArch, x32Bit } from '../../src/layers/seccomp/arch.js'
import { opcode, type Instruction } from '../../src/layers/seccomp/code/bpf.js'
import { dataWords, simulate, type SeccompData } from '../../src/layers/seccomp/code/simulate.js'
import type { Word64 } from '../../src/layers/seccomp/condition/test.js'
import type { Decision, Meaning, TableMeaning } from '../../src/layers/seccomp/meaning.js'
import type { Random } from '../faults/random.js'
import type { Expressed } from './in-libseccomp.js'
import { pick } from './random-policy.js'

/** Our program and libseccomp's for one table of a policy. */
export interface Pair {
  readonly ours: readonly Instruction[]
  readonly theirs: readonly Instruction[]
  readonly meaning: Meaning
  readonly table: TableMeaning
  readonly expressed: Expressed
}

/** Inputs for a pair: all numbers of the table and their neighbours, then some drawn at borders of its rules. */
export function inputsFor(pair: Pair, random: Random, drawn: number): readonly SeccompData[] {
  const { audit, decisions } = pair.table
  const numbers = new Set([...decisions.keys()].flatMap((number) => [number, number + 1]))
  const args = Array.from({ length: 6 }, (): Word64 => ({ hi: 0, lo: random(2 ** 32) }))
  return [
    ...[...numbers].map((number) => ({ arch: audit, number, args })),
    ...Array.from({ length: drawn }, () => randomData(pair, random)),
  ]
}

/** Runs both on one input; what is wrong, or null. `'not compared'`: libseccomp cannot say it. */
export function compare(pair: Pair, data: SeccompData): string | null {
  const words = dataWords(data)
  const expected = expectedOf(pair, data)
  if (expected === null) return 'not compared'
  const ours = simulate(pair.ours, words).value
  const theirs = simulate(pair.theirs, words).value
  const same = expected === 'the same' ? ours === theirs : ours === expected.ours && theirs === expected.theirs
  if (same) return null
  const args = data.args.map(({ hi, lo }) => `${hi.toString(16)}:${lo.toString(16)}`).join(' ')
  const call = `arch ${data.arch.toString(16)} number ${data.number} (${args})`
  return `${call}: ours ${ours.toString(16)}, libseccomp ${theirs.toString(16)}`
}

/**
 * What both are to answer: the same, where libseccomp can say what we mean. It has one answer for all calls without a
 * rule, so it cannot tell numbers that no call has from calls that are denied; and x32 calls are another arch to it,
 * but -1 is a call without a rule.
 */
function expectedOf(
  { table, expressed }: Pair,
  { arch, number }: SeccompData,
): 'the same' | { readonly ours: number; readonly theirs: number } | null {
  if (arch !== table.audit) return 'the same'
  const otherwise = returnValue(expressed.otherwise)
  if (table.x32 !== null && number >= x32Bit) {
    const theirs = number === 0xffffffff ? otherwise : returnValue('kill_process')
    return { ours: returnValue(table.x32), theirs }
  }
  if (expressed.decisions.has(number)) return 'the same'
  return table.decisions.has(number) ? null : { ours: returnValue(table.unknown), theirs: otherwise }
}

function randomData({ meaning, table, expressed }: Pair, random: Random): SeccompData {
  const all = [...expressed.decisions.values()]
  const conditional = all.filter(({ clauses }) => clauses.some(({ when }) => when !== null))
  const decision = pick(random, conditional.length > 0 && random(2) === 0 ? conditional : all)
  const own = decision.call.number
  const near = [own, own, own, own, own, own + 1, Math.max(own - 1, 0), (own | x32Bit) >>> 0, 0xffffffff]
  const number = pick(random, [...near, random(2 ** 32), random(600)])
  const foreign = [0xc000003f, table.audit ^ 0x80000000, ...Object.values(auditArch), random(2 ** 32)]
  const others = foreign.map((one) => one >>> 0).filter((one) => meaning.tables.every(({ audit }) => audit !== one))
  const arch = random(12) === 0 ? pick(random, others) : table.audit
  const args = Array.from({ length: 6 }, (_, index) => randomArgument(decision, index, table, random))
  return { arch, number, args }
}

/** Near a value that a test of this argument names, or any; with garbage above where the arch has 64 bits. */
function randomArgument({ clauses }: Decision, argument: number, table: TableMeaning, random: Random): Word64 {
  const tests = clauses.flatMap(({ when }) => when ?? []).flatMap((one) => one.tests)
  const values = tests.filter((test) => test.argument === argument).flatMap((test) => test.values)
  const any: Word64 = { hi: pick(random, [0, 0xffffffff, random(2 ** 32)]), lo: random(2 ** 32) }
  const { hi, lo } = values.length > 0 && random(5) > 0 ? pick(random, values) : any
  const changed = pick(random, [lo, lo, lo + 1, lo - 1, lo ^ (1 << random(32))]) >>> 0
  // A 32-bit program has no upper halves, and libseccomp relies on it.
  if (table.arch === 'i386' || table.arch === 'arm') return { hi: 0, lo: changed }
  return { hi: pick(random, [hi, hi, 0, (hi ^ 0xdeadbeef) >>> 0, (hi + 1) >>> 0]), lo: changed }
}

/** What libseccomp's filter means, for the proof: its one difference, that -1 is no x32 call, set right in front. */
export function asMeaning({ table, expressed }: Pair): Meaning {
  const { arch, audit, decisions, x32 } = table
  const calls = [...decisions].map(([number, decision]): readonly [number, Decision] => {
    const said = expressed.decisions.get(number)
    return [number, said ?? { call: decision.call, clauses: [], otherwise: expressed.otherwise }]
  })
  const unknown = expressed.otherwise
  const one: TableMeaning = {
    arch,
    audit,
    table: table.table,
    decisions: new Map(calls),
    unknown,
    x32: x32 === null ? null : 'kill_process',
  }
  return { tables: [one], otherArch: 'kill_process' }
}

/** libseccomp's program with x32's answer for -1. */
export function withoutMinusOne({ theirs, table }: Pair): readonly Instruction[] {
  if (table.x32 === null) return theirs
  const plain = (code: number, k: number, jf = 0): Instruction => ({ code, jt: 0, jf, k })
  return [
    plain(opcode.load, 4),
    plain(opcode.jumpEqual, table.audit, 3),
    plain(opcode.load, 0),
    plain(opcode.jumpEqual, 0xffffffff, 1),
    plain(opcode.return, returnValue('kill_process')),
    ...theirs,
  ]
}
