import { InternalError } from '../../../core/errors.js'
import { returnValue, type Action } from '../action.js'
import { auditArch, x32Bit } from '../arch.js'
import type { ArgumentValues, Test, Word64 } from '../condition/test.js'
import { decided, type Decision, type Meaning, type TableMeaning } from '../meaning.js'
import type { Instruction } from './bpf.js'
import { refusalOf } from './check.js'
import { maximum } from './ranges.js'
import { dataWords, simulate, type SeccompData } from './simulate.js'
import { walkNumbers, type End } from './walk.js'

/** More argument vectors than this for one call are thinned out; no promise comes near. */
const mostVectors = 20_000
const zero: Word64 = { hi: 0, lo: 0 }

/**
 * Proves that a program means what it was made from.
 * - The kernel accepts it.
 * - All numbers of all arches: the ways through the program up to its first look at an argument are walked with the
 *   set of numbers that take them, so that no number is left out, and none that is always allowed looks further.
 * - Arguments: every combination of the values at which a condition changes its mind, with and without garbage in the
 *   upper halves, gets the answer of the reference meaning.
 *
 * Throws `InternalError`.
 */
export function prove(program: readonly Instruction[], meaning: Meaning): void {
  const refusal = refusalOf(program)
  if (refusal !== null) throw new InternalError(`the kernel would refuse the filter: ${refusal}`)
  const proven = new Set<string>()
  for (const table of meaning.tables) {
    const numbers = [...table.decisions.keys()].toSorted((a, b) => a - b)
    for (const end of walkNumbers(program, table.audit)) {
      const known = numbers.splice(0, countUpTo(numbers, end.to))
      proveNumbers(program, table, end, known, proven)
    }
  }
  for (const arch of [...Object.values(auditArch), 0, maximum]) {
    if (!meaning.tables.some(({ audit }) => audit === arch)) proveForeign(program, arch, meaning.otherArch)
  }
}

const zeros: ArgumentValues = Array.from({ length: 6 }, () => zero)

function proveForeign(program: readonly Instruction[], arch: number, wanted: Action): void {
  for (const { from, value } of walkNumbers(program, arch)) {
    if (value === null) throw new InternalError(`the filter looks at arguments of arch 0x${arch.toString(16)}`)
    agree(value, wanted, { arch, number: from, args: zeros })
  }
}

function countUpTo(numbers: readonly number[], limit: number): number {
  const beyond = numbers.findIndex((number) => number > limit)
  return beyond === -1 ? numbers.length : beyond
}

/** What the walk found for one range of numbers must be what the table says of each of them; `known` are in the table. */
function proveNumbers(
  program: readonly Instruction[],
  table: TableMeaning,
  end: End,
  known: readonly number[],
  proven: Set<string>,
): void {
  for (const number of known) {
    const decision = table.decisions.get(number)
    if (decision === undefined) throw new InternalError(`no decision on ${number}`)
    if (isConstant(decision)) agreeWithout(end, number, decided(decision, zeros), table)
    else proveArguments(program, table.audit, decision, end, proven)
  }
  const below = Math.min(end.to, table.x32 === null ? maximum : x32Bit - 1)
  if (below - end.from + 1 > known.length) agreeWithout(end, end.from, table.unknown, table)
  if (table.x32 !== null && end.to >= x32Bit) agreeWithout(end, end.to, table.x32, table)
}

function isConstant({ clauses }: Decision): boolean {
  return clauses[0] === undefined || clauses[0].when === null
}

/** The range is answered without a look at arguments. */
function agreeWithout({ value, start }: End, number: number, wanted: Action, { audit }: TableMeaning): void {
  const data: SeccompData = { arch: audit, number, args: zeros }
  if (value !== null) agree(value, wanted, data)
  else throw new InternalError(`the filter looks at arguments of ${describe(data)} at ${start}, which needs none`)
}

/**
 * Calls that share code and meaning (fcntl and fcntl64, both tables) are proven once: our code keeps nothing but the
 * accumulator, which the first look at an argument overwrites.
 */
function proveArguments(
  program: readonly Instruction[],
  arch: number,
  decision: Decision,
  { start, value }: End,
  proven: Set<string>,
): void {
  const key = JSON.stringify([start, decision.clauses.map(({ when, action }) => [when, action]), decision.otherwise])
  if (value === null && proven.has(key)) return
  proven.add(key)
  const { number } = decision.call
  const tests = testsOf(decision)
  const upperMatters = tests.some(({ mask }) => mask.hi !== 0)
  for (const args of vectorsFor(tests)) {
    const data: SeccompData = { arch, number, args }
    const { value: found, upper } = simulate(program, dataWords(data), start)
    agree(found, decided(decision, args), data)
    // Where neither the program nor any test uses an upper half, garbage there changes nothing.
    if (upper === 'not read' && !upperMatters) continue
    const dirty: SeccompData = { ...data, args: args.map(withGarbage) }
    agree(simulate(program, dataWords(dirty), start).value, decided(decision, dirty.args), dirty)
  }
}

function testsOf({ clauses }: Decision): readonly Test[] {
  return clauses.flatMap(({ when }) => when ?? []).flatMap((one) => one.tests)
}

function agree(value: number, action: Action, data: SeccompData): void {
  const expected = returnValue(action)
  if (value === expected) return
  const answers = `0x${value.toString(16)} for 0x${expected.toString(16)}`
  throw new InternalError(`filter and policy disagree on ${describe(data)}: ${answers}`)
}

function describe({ arch, number, args }: SeccompData): string {
  const values = args.map(({ hi, lo }) => `${hi.toString(16)}:${lo.toString(16)}`)
  return `arch 0x${arch.toString(16)}, call ${number}, arguments ${values.join(' ')}`
}

/** Every combination of the values at which some test changes its mind. */
function vectorsFor(tests: readonly Test[]): readonly ArgumentValues[] {
  const positions = [...new Set(tests.map(({ argument }) => argument))]
  return positions.reduce<readonly ArgumentValues[]>(
    (sofar, position) => {
      const values = boundaries(tests.filter(({ argument }) => argument === position))
      const product = sofar.flatMap((args) => values.map((value) => args.with(position, value)))
      const step = Math.ceil(product.length / mostVectors)
      return step === 1 ? product : product.filter((_, index) => index % step === 0)
    },
    [zeros],
  )
}

function withGarbage({ hi, lo }: Word64): Word64 {
  return { hi: (hi ^ 0xdeadbeef) >>> 0, lo }
}

function boundaries(tests: readonly Test[]): readonly Word64[] {
  const found = new Map<string, Word64>()
  const add = (hi: number, lo: number): void => {
    found.set(`${hi >>> 0}:${lo >>> 0}`, { hi: hi >>> 0, lo: lo >>> 0 })
  }
  add(0, 0)
  add(maximum, maximum)
  for (const { mask, values } of tests) {
    for (const { hi, lo } of values) {
      for (const change of [-1, 0, 1]) add(hi, lo + change)
      if (mask.hi !== 0) add(hi + 1, lo)
      add(hi, lo | ~mask.lo)
    }
    if (mask.lo === maximum) continue
    for (const bit of bits(mask.lo)) add(0, bit)
    add(mask.hi, mask.lo)
  }
  return [...found.values()]
}

function bits(word: number): readonly number[] {
  return Array.from({ length: 32 }, (_, index) => (1 << index) >>> 0).filter((bit) => (word & bit) !== 0)
}
