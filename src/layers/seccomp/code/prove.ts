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
  for (const table of meaning.tables) {
    for (const decision of table.decisions.values()) proveCall(program, table, decision)
    for (const number of otherNumbers(table)) {
      agree(
        program,
        { arch: table.audit, number, args: zeros },
        answer(meaning, table.audit, number, zeros),
        'constant',
      )
    }
  }
  for (const arch of [...Object.values(auditArch), 0, maximum]) {
    agree(program, { arch, number: 1, args: zeros }, answer(meaning, arch, 1, zeros), 'may look')
  }
}

const zeros: ArgumentValues = Array.from({ length: 6 }, () => zero)

function proveCall(program: readonly Instruction[], { audit }: TableMeaning, decision: Decision): void {
  const { number } = decision.call
  if (isConstant(decision)) {
    agree(program, { arch: audit, number, args: zeros }, decided(decision, zeros), 'constant')
    return
  }
  for (const args of vectorsFor(decision)) {
    agree(program, { arch: audit, number, args }, decided(decision, args), 'may look')
  }
}

function isConstant({ clauses }: Decision): boolean {
  return clauses[0] === undefined || clauses[0].when === null
}

/** `constant`: the path must not look at arguments, so that one run speaks for all. */
function agree(
  program: readonly Instruction[],
  data: SeccompData,
  action: Action,
  path: 'constant' | 'may look',
): void {
  const { value, looked } = simulate(program, dataWords(data))
  const expected = returnValue(action)
  const call = `call ${data.number} of arch 0x${data.arch.toString(16)}`
  if (value !== expected) {
    const given = data.args.map(({ hi, lo }) => `${hi.toString(16)}:${lo.toString(16)}`).join(' ')
    const answers = `0x${value.toString(16)} for 0x${expected.toString(16)}`
    throw new InternalError(`filter and policy disagree on ${call} with ${given}: ${answers}`)
  }
  if (path === 'constant' && looked === 'at-arguments') {
    throw new InternalError(`the filter looks at arguments of ${call}, which does not depend on them`)
  }
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
