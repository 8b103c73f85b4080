import { InternalError } from '../../../core/errors.js'
import { returnValue, type Action } from '../action.js'
import { auditArch, x32Bit } from '../arch.js'
import type { ArgumentValues, Test, Word64 } from '../condition/test.js'
import { answer, decided, type Decision, type Meaning, type TableMeaning } from '../meaning.js'
import type { Instruction } from './bpf.js'
import { refusalOf } from './check.js'
import { maximum } from './ranges.js'
import { dataWords, simulate, type SeccompData } from './simulate.js'

/** More argument vectors than this for one call are thinned out; no promise comes near. */
const mostVectors = 20_000
const zero: Word64 = { hi: 0, lo: 0 }

/**
 * Proves that a program means what it was made from: the kernel accepts it, and for every table, every number that the
 * table has, the numbers beside them, x32, -1 and foreign arches, on every value at which a condition changes its mind
 * (with and without garbage in the upper words), the program returns what the reference meaning says. A call whose
 * path looks at no argument is proven by one run. Throws `InternalError`.
 */
export function prove(program: readonly Instruction[], meaning: Meaning): void {
  const refusal = refusalOf(program)
  if (refusal !== null) throw new InternalError(`the kernel would refuse the filter: ${refusal}`)
  const proven = new Set<string>()
  for (const table of meaning.tables) {
    for (const decision of table.decisions.values()) {
      if (isConstant(decision)) agreeOnNumber(program, meaning, table.audit, decision.call.number)
      else proveArguments(program, table.audit, decision, proven)
    }
    for (const number of otherNumbers(table)) agreeOnNumber(program, meaning, table.audit, number)
  }
  for (const arch of [...Object.values(auditArch), 0, maximum]) {
    if (!meaning.tables.some(({ audit }) => audit === arch)) agreeOnNumber(program, meaning, arch, 1)
  }
}

const zeros: ArgumentValues = Array.from({ length: 6 }, () => zero)

function isConstant({ clauses }: Decision): boolean {
  return clauses[0] === undefined || clauses[0].when === null
}

/** One run speaks for all arguments, because the path must not look at them. */
function agreeOnNumber(program: readonly Instruction[], meaning: Meaning, arch: number, number: number): void {
  const data: SeccompData = { arch, number, args: zeros }
  const { value, looked } = simulate(program, dataWords(data))
  agree(value, answer(meaning, arch, number, zeros), data)
  if (looked !== null) {
    throw new InternalError(`the filter looks at arguments of ${describe(data)}, which does not depend on them`)
  }
}

/**
 * The way to the first look at an argument is the same for all arguments, so the runs start there. Calls that share
 * code and meaning (fcntl and fcntl64, both tables) are proven once: our code keeps nothing but the accumulator, which
 * a look overwrites.
 */
function proveArguments(program: readonly Instruction[], arch: number, decision: Decision, proven: Set<string>): void {
  const { number } = decision.call
  const { value, looked } = simulate(program, dataWords({ arch, number, args: zeros }))
  agree(value, decided(decision, zeros), { arch, number, args: zeros })
  const key = JSON.stringify([looked, decision.clauses.map(({ when, action }) => [when, action]), decision.otherwise])
  if (looked !== null && proven.has(key)) return
  proven.add(key)
  for (const args of vectorsFor(decision)) {
    const data: SeccompData = { arch, number, args }
    agree(simulate(program, dataWords(data), looked ?? 0).value, decided(decision, args), data)
  }
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

/** Numbers that the table does not have: beside those that it has, and beyond. */
function otherNumbers({ decisions, x32 }: TableMeaning): readonly number[] {
  const known = [...decisions.keys()].flatMap((number) => [number - 1, number + 1])
  const beyond = x32 === null ? [] : [x32Bit - 1, x32Bit, x32Bit + 1, x32Bit + 59]
  const numbers = new Set([...known, ...beyond, 0x7fffffff, 0x80000000, maximum])
  return [...numbers].filter((number) => number >= 0 && !decisions.has(number))
}

/** Every combination of the values at which some test of the decision changes its mind. */
function vectorsFor({ clauses }: Decision): readonly ArgumentValues[] {
  const tests = clauses.flatMap(({ when }) => when ?? []).flatMap((one) => one.tests)
  const positions = [...new Set(tests.map(({ argument }) => argument))]
  const vectors = positions.reduce<readonly ArgumentValues[]>(
    (sofar, position) => {
      const values = boundaries(tests.filter(({ argument }) => argument === position))
      const product = sofar.flatMap((args) => values.map((value) => args.with(position, value)))
      const step = Math.ceil(product.length / mostVectors)
      return step === 1 ? product : product.filter((_, index) => index % step === 0)
    },
    [zeros],
  )
  return [...vectors, ...vectors.map(withGarbage)]
}

function withGarbage(args: ArgumentValues): ArgumentValues {
  return args.map(({ hi, lo }) => ({ hi: (hi ^ 0xdeadbeef) >>> 0, lo }))
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
