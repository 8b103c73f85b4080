import { readdirSync, readFileSync } from 'node:fs'
import t, { type Test as Tap } from 'tap'
import { seededRandom, type Random } from '../../../../integration/faults/random.js'
import { mutantsOf, type Bits } from '../../../../integration/oracle/mutants.js'
import { allCalls, pick, randomRequest } from '../../../../integration/oracle/random-policy.js'
import { argumentsOf, offsets, vectorsOf, zeros } from '../../../../integration/oracle/vectors.js'
import { ComplexityError, InternalError } from '../../../core/errors.js'
import { returnValue } from '../action.js'
import { auditArch } from '../arch.js'
import { opcode, type Instruction } from '../code/bpf.js'
import { generate } from '../code/generate.js'
import { dataWords, simulate } from '../code/simulate.js'
import { holds, type Test, type Word64 } from '../condition/test.js'
import { decided, meaningOf, type Decision, type Meaning, type TableMeaning } from '../meaning.js'
import { promiseNames } from '../promises.js'
import type { FilterRequest } from '../request.js'
import { syscallTable } from '../tables.js'
import { always, makeBdds, noBit, type Bdd, type Bdds } from './bdd.js'
import { constantBits, wordAt } from './bits.js'
import { functionOfTest } from './function-of-decision.js'
import { functionsOfProgram } from './function-of-program.js'
import { makeProver, prove } from './prove.js'

const seed = 20261122

const wordOfBit: ReadonlyMap<number, number> = new Map(offsets.map((offset) => [wordAt(offset) / 32, offset / 4]))

/** What a function is for some data, by its bits one after another. */
function at(bdds: Bdds, of: Bdd, words: readonly number[]): Bdd {
  let rest = of
  for (let bit = bdds.bitOf(rest); bit !== noBit; bit = bdds.bitOf(rest)) {
    const word = words[wordOfBit.get(Math.floor(bit / 32)) ?? -1] ?? 0
    const set = ((word >>> (31 - (bit % 32))) & 1) === 1
    rest = set ? bdds.whereSet(rest, bit) : bdds.whereClear(rest, bit)
  }
  return rest
}

const relations = ['in', 'not in', '<', '<=', '>', '>='] as const

function testsOnFewBits(): readonly Test[] {
  const few: readonly Word64[] = [0, 1, 2, 3].flatMap((hi) => [0, 1, 2, 3].map((lo) => ({ hi, lo })))
  return few.flatMap((mask) =>
    few.flatMap((value, index) =>
      relations.map((relation): Test => {
        const values = [value, few[(index * 7 + 3) % few.length] ?? value]
        return { argument: 2, mask, relation, values }
      }),
    ),
  )
}

t.test('a test as a function is `holds`: every test and every argument of four bits', (t) => {
  let compared = 0
  for (const test of testsOnFewBits()) {
    const bdds = makeBdds()
    const found = functionOfTest(bdds, test)
    for (let bits = 0; bits < 16; bits += 1) {
      const args = zeros.with(2, { hi: bits >>> 2, lo: bits & 3 })
      const said = at(bdds, found, dataWords({ arch: 0, number: 0, args })) === always
      compared += 1
      if (said !== holds([test], args)) t.equal(said, holds([test], args), JSON.stringify([test, args[2]]))
    }
  }
  t.equal(compared, 16 * 16 * 6 * 16)
  t.end()
})

function randomWord(random: Random): number {
  return pick(random, [0, 1, 2, 0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff, random(2 ** 32), random(256)])
}

function randomWord64(random: Random): Word64 {
  return { hi: pick(random, [0, 0, randomWord(random)]), lo: randomWord(random) }
}

t.test('a test as a function is `holds`: random tests, at the values where they change', (t) => {
  t.comment(`| seed ${seed}`)
  const random = seededRandom(seed)
  let compared = 0
  for (let round = 0; round < 1500; round += 1) {
    const mask = pick(random, [{ hi: 0, lo: 0xffffffff }, { hi: 0xffffffff, lo: 0xffffffff }, randomWord64(random)])
    const values = Array.from({ length: 1 + random(5) }, () => randomWord64(random))
    const test: Test = { argument: random(6), mask, relation: pick(random, relations), values }
    const bdds = makeBdds()
    const found = functionOfTest(bdds, test)
    const when = [{ text: '', tests: [test] }]
    const call = { name: '', number: 0, since: '', body: 'body', arguments: [] } as const
    for (const args of argumentsOf({ call, clauses: [{ when, action: 'allow', by: '' }], otherwise: 'log' })) {
      const said = at(bdds, found, dataWords({ arch: 0, number: 0, args })) === always
      compared += 1
      if (said !== holds([test], args)) t.equal(said, holds([test], args), JSON.stringify([test, args]))
    }
  }
  t.ok(compared > 20_000, `${compared} compared`)
  t.end()
})

/** Any program of instructions that the proof knows, and that the kernel takes. */
function randomProgram(random: Random): readonly Instruction[] {
  const length = 4 + random(24)
  const plain = (code: number, k: number): Instruction => ({ code, jt: 0, jf: 0, k })
  const program = Array.from({ length }, (_, index): Instruction => {
    const left = Math.min(length - index - 1, 12)
    const jump = (code: number): Instruction => {
      return { code, jt: random(left + 2), jf: random(left + 2), k: randomWord(random) }
    }
    switch (random(12)) {
      case 0:
      case 1:
      case 2:
        return plain(opcode.load, 4 * random(16))
      case 3:
        return plain(pick(random, [0x04, 0x14, 0x44, 0x54, 0xa4]), randomWord(random))
      case 4:
        return plain(pick(random, [0x64, 0x74]), random(32))
      case 5:
        return plain(opcode.and, (1 << random(32)) >>> 0)
      case 6:
        return plain(opcode.jumpAlways, random(left + 2))
      default:
        return jump(pick(random, [opcode.jumpEqual, opcode.jumpGreater, opcode.jumpGreaterEqual, opcode.jumpSet]))
    }
  })
  return [...program, plain(opcode.return, 1), plain(opcode.return, 2)]
}

t.test('a program as a function is what it returns: random programs of every instruction that the proof knows', (t) => {
  t.comment(`| seed ${seed}`)
  const random = seededRandom(seed)
  const returned = new Set<number>()
  for (let round = 0; round < 1500; round += 1) {
    const program = randomProgram(random)
    const bdds = makeBdds()
    const start = functionsOfProgram(bdds, program, new Set([0])).get(0) ?? always
    const found = bdds.replace(start, constantBits(0), (rest) => rest)
    const known = program.map(({ k }) => k)
    for (let tries = 0; tries < 40; tries += 1) {
      const words = Array.from({ length: 16 }, () => (pick(random, known) + pick(random, [-1, 0, 0, 1])) >>> 0)
      const { value } = simulate(program, words)
      returned.add(value)
      const said = bdds.valueOf(at(bdds, found, words))
      if (said !== value) t.equal(said, value, JSON.stringify([program, words]))
    }
  }
  t.equal(returned.size, 2, 'both returns are reached')
  t.end()
})

/** One conditional call, and nothing that is always allowed: programs of any order of loads can mean this. */
function socketMeaning(): Meaning {
  const table = syscallTable('x86_64')
  const call = table.byName.get('socket')
  if (call === undefined) throw new Error('no socket')
  const family: Test = { argument: 0, mask: { hi: 0, lo: 0xffffffff }, relation: 'in', values: [{ hi: 0, lo: 1 }] }
  const clauses = [{ when: [{ text: 'family == 1', tests: [family] }], action: 'log', by: 'test' }] as const
  const decision: Decision = { call, clauses, otherwise: { errno: 'EPERM' } }
  const tables: readonly TableMeaning[] = [
    {
      arch: 'x86_64',
      audit: auditArch.x86_64,
      table,
      decisions: new Map([[call.number, decision]]),
      unknown: { errno: 'ENOSYS' },
      x32: 'kill_process',
    },
  ]
  return { tables, otherArch: 'kill_process' }
}

t.test('one value out of 2^32 is found, wherever it is', (t) => {
  const meaning = socketMeaning()
  const program = generate(meaning)
  t.doesNotThrow(() => prove(program, meaning), 'control: the program as it is')
  const log = returnValue('log')
  const hidden: readonly (readonly [name: string, tests: readonly (readonly [offset: number, k: number])[]])[] = [
    ['a foreign arch', [[4, 0x12345678]]],
    [
      'an unassigned number',
      [
        [4, auditArch.x86_64],
        [0, 123_456],
      ],
    ],
    [
      'an x32 number',
      [
        [4, auditArch.x86_64],
        [0, 0x40012345],
      ],
    ],
    [
      'a number of a foreign arch',
      [
        [4, auditArch.arm],
        [0, 0xabcdef],
      ],
    ],
    [
      'a family',
      [
        [4, auditArch.x86_64],
        [0, 41],
        [16, 0x13572468],
      ],
    ],
    [
      'an upper half that nobody asks for',
      [
        [4, auditArch.x86_64],
        [0, 41],
        [20, 0x13572468],
      ],
    ],
    [
      'another argument',
      [
        [4, auditArch.x86_64],
        [0, 41],
        [56, 0x13572468],
        [60, 0x24681357],
      ],
    ],
    [
      'the instruction pointer',
      [
        [4, auditArch.x86_64],
        [0, 41],
        [8, 0x13572468],
      ],
    ],
  ]
  for (const [name, tests] of hidden) {
    // In front of the program: where all tests hold, another answer.
    const prefix = tests.flatMap(([offset, k], index): readonly Instruction[] => [
      { code: opcode.load, jt: 0, jf: 0, k: offset },
      { code: opcode.jumpEqual, jt: 0, jf: 2 * (tests.length - index - 1) + 1, k },
    ])
    const wrong = [...prefix, { code: opcode.return, jt: 0, jf: 0, k: log }, ...program]
    t.throws(() => prove(wrong, meaning), /^filter and policy disagree on /, name)
    const harmless = wrong.with(prefix.length, { code: opcode.jumpAlways, jt: 0, jf: 0, k: 0 })
    t.doesNotThrow(() => prove(harmless, meaning), `control: ${name}, with the same answer`)
  }
  t.end()
})

t.test('the kernel can find out what is always allowed: a look at anything else before is refused', (t) => {
  const request: FilterRequest = { arch: 'x86_64', promises: ['stdio'], denied: 'EPERM' }
  const meaning = meaningOf(request)
  const program = generate(meaning)
  t.ok(prove(program, meaning).alwaysAllowed > 200, 'control')
  const look = (k: number): readonly Instruction[] => [{ code: opcode.load, jt: 0, jf: 0, k }, ...program]
  t.doesNotThrow(() => prove(look(0), meaning), 'control: a look at the number')
  t.throws(() => prove(look(16), meaning), /looks at more than the number of call \d+ .* which is always allowed/)
  const calculates: readonly Instruction[] = [{ code: 0x04, jt: 0, jf: 0, k: 0 }, ...program]
  t.throws(() => prove(calculates, meaning), /looks at more than the number/, 'the kernel follows no sum either')
  t.end()
})

t.test('what the proof does not know, it refuses', (t) => {
  const meaning = socketMeaning()
  const program = generate(meaning)
  const unknown: readonly (readonly [name: string, code: number, k: number])[] = [
    ['A to X', 0x07, 0],
    ['X to A', 0x87, 0],
    ['a store', 0x02, 0],
    ['a product', 0x24, 3],
    ['a quotient', 0x34, 3],
    ['a jump by X', 0x1d, 0],
    ['the length', 0x80, 0],
    ['a negation', 0x84, 0],
  ]
  for (const [name, code, k] of unknown) {
    t.throws(
      () => prove([{ code, jt: 0, jf: 0, k }, ...program], meaning),
      /the proof does not know instruction 0/,
      name,
    )
  }
  t.throws(() => prove([{ code: 0x28, jt: 0, jf: 0, k: 0 }, ...program], meaning), /the kernel would refuse the filter/)
  t.end()
})

/** Policies as people write them. */
const requests: readonly (readonly [name: string, request: FilterRequest])[] = [
  ['no promises', { arch: 'x86_64', promises: [], denied: 'EPERM' }],
  ['go-app', { arch: 'x86_64', promises: ['stdio', 'rpath', 'inet_client', 'threads'], denied: 'EPERM' }],
  [
    'syslog-parse',
    {
      arch: 'x86_64',
      promises: ['stdio', 'rpath'],
      denied: 'kill',
      rules: [{ syscall: 'write', when: 'fd not in [1, 2]', action: 'kill_process' }],
    },
  ],
  ['riscv64', { arch: 'riscv64', promises: ['stdio', 'tty', 'dns'], denied: 'EPERM' }],
  ['arm', { arch: 'aarch64', promises: ['stdio', 'wpath', 'cpath', 'unix', 'proc'], denied: 'kill' }],
]

/** Every way of losing or changing a part of a decision: what a generator with a bug would make code of. */
function wrongDecisions(decision: Decision): readonly Decision[] {
  const { clauses } = decision
  const withClauses = (changed: Decision['clauses']): Decision => ({ ...decision, clauses: changed })
  const inTest = (test: Test): readonly Test[] => [
    // An order has one value.
    ...(test.values.length === 1
      ? []
      : test.values.map((_, index) => ({ ...test, values: test.values.toSpliced(index, 1) }))),
    ...test.values.map(({ hi, lo }, index) => ({
      ...test,
      values: test.values.with(index, { hi, lo: (lo ^ 1) >>> 0 }),
    })),
    { ...test, argument: (test.argument + 1) % 6 },
    { ...test, mask: { ...test.mask, lo: (test.mask.lo ^ 0x10) >>> 0 } },
    { ...test, mask: { ...test.mask, hi: ~test.mask.hi >>> 0 } },
    ...relations.filter((relation) => relation !== test.relation).map((relation) => ({ ...test, relation })),
  ]
  return clauses.flatMap((clause, index) => {
    const replaced = (changed: typeof clause): Decision => withClauses(clauses.with(index, changed))
    const when = clause.when ?? []
    return [
      withClauses(clauses.toSpliced(index, 1)),
      replaced({ ...clause, when: clause.when === null ? [] : null }),
      replaced({ ...clause, action: clause.action === 'allow' ? 'log' : 'allow' }),
      ...(index === 0 ? [] : [withClauses([clause, ...clauses.toSpliced(index, 1)])]),
      ...when.flatMap((one, place) => {
        const put = (tests: readonly Test[]): Decision =>
          replaced({ ...clause, when: when.with(place, { ...one, tests }) })
        return [
          replaced({ ...clause, when: when.toSpliced(place, 1) }),
          ...one.tests.map((_, which) => put(one.tests.toSpliced(which, 1))),
          ...one.tests.flatMap((test, which) => inTest(test).map((changed) => put(one.tests.with(which, changed)))),
        ]
      }),
    ]
  })
}

/** A meaning of one call alone. */
function meaningOfOne(decision: Decision, { arch, audit, table, unknown, x32 }: TableMeaning): Meaning {
  const decisions = new Map([[decision.call.number, decision]])
  return { tables: [{ arch, audit, table, decisions, unknown, x32 }], otherArch: 'kill_process' }
}

t.test('a generator that loses or changes any part of a decision is found out', (t) => {
  const random = seededRandom(seed)
  const calls = allCalls()
  const drawn = Array.from({ length: 4 }, () => randomRequest(random, calls))
  const count = { wrong: 0, found: 0, same: 0 }
  const seen = new Set<string>()
  for (const request of [...requests.map(([, one]) => one), ...drawn]) {
    for (const table of meaningOf(request).tables) {
      for (const decision of table.decisions.values()) {
        const key = JSON.stringify([decision.clauses, decision.otherwise])
        if (decision.clauses.every(({ when }) => when === null) || seen.has(key)) continue
        seen.add(key)
        const meaning = meaningOfOne(decision, table)
        const prover = makeProver(meaning)
        for (const wrong of wrongDecisions(decision)) {
          count.wrong += 1
          const program = generate(meaningOfOne(wrong, table))
          if (isRefused(() => prover(program))) {
            count.found += 1
            continue
          }
          count.same += 1
          const both = [...argumentsOf(decision), ...argumentsOf(wrong)]
          const differs = both.find((args) => decided(decision, args) !== decided(wrong, args))
          if (differs !== undefined) t.fail(`not found: ${JSON.stringify([decision, wrong, differs])}`)
        }
      }
    }
  }
  t.comment(`| wrong decisions: ${count.wrong}, found ${count.found}, the same function ${count.same} (seed ${seed})`)
  t.ok(count.found > 2000 && count.same < count.wrong / 2)
  t.end()
})

/** Whether a proof fails, as it does for wrong code; other errors go on. */
function isRefused(proof: () => unknown): boolean {
  try {
    proof()
    return false
  } catch (error) {
    if (error instanceof InternalError) return true
    throw error
  }
}

/** Indices of the instructions that some data goes through. */
function trace(program: readonly Instruction[], words: readonly number[]): readonly number[] {
  const visited: number[] = []
  let held = 0
  for (let index = 0; index < program.length; index += 1) {
    const { code, jt, jf, k } = program[index] ?? { code: 0, jt: 0, jf: 0, k: 0 }
    visited.push(index)
    if (code === opcode.return) break
    if (code === opcode.load) held = words[k / 4] ?? 0
    if (code === opcode.and) held = (held & k) >>> 0
    if (code === opcode.jumpAlways) index += k
    if (code === opcode.jumpEqual) index += held === k ? jt : jf
    if (code === opcode.jumpGreater) index += held > k ? jt : jf
    if (code === opcode.jumpGreaterEqual) index += held >= k ? jt : jf
    if (code === opcode.jumpSet) index += (held & k) !== 0 ? jt : jf
  }
  return visited
}

/** Indices that some way of jumps leads to. */
function reachable(program: readonly Instruction[]): ReadonlySet<number> {
  const reached = new Set([0])
  for (const [index, { code, jt, jf, k }] of program.entries()) {
    if (!reached.has(index) || code === opcode.return) continue
    const jumps = code === opcode.jumpAlways ? [k] : (code & 7) === 5 ? [jt, jf] : [0]
    for (const distance of jumps) reached.add(index + 1 + distance)
  }
  return reached
}

interface Count {
  mutants: number
  found: number
  same: number
}

/** Whether a proof refuses a program. A prover never gives up a diagram, so a full one is replaced by a new one. */
function makeRefusal(meaning: Meaning): (program: readonly Instruction[]) => boolean {
  let prover = makeProver(meaning)
  return (program) => {
    try {
      return isRefused(() => prover(program))
    } catch (error) {
      if (!(error instanceof ComplexityError)) throw error
      prover = makeProver(meaning)
      return isRefused(() => prover(program))
    }
  }
}

/** Tries every mutant of a program; those that pass must answer as the program does, by running both. */
function tryMutants(t: Tap, name: string, meaning: Meaning, bits: Bits): Count {
  const program = generate(meaning)
  const vectors = vectorsOf(meaning).map(dataWords)
  const through: number[][] = program.map(() => [])
  for (const [which, words] of vectors.entries()) {
    for (const index of trace(program, words)) through[index]?.push(which)
  }
  for (const index of reachable(program)) {
    if (through[index]?.length === 0) t.fail(`${name}: no data comes through instruction ${index}`)
  }
  const count: Count = { mutants: 0, found: 0, same: 0 }
  const refused = makeRefusal(meaning)
  for (const index of program.keys()) {
    for (const mutant of mutantsOf(program, index, bits)) {
      count.mutants += 1
      if (refused(mutant)) {
        count.found += 1
        continue
      }
      count.same += 1
      const other = (through[index] ?? []).find((which) => {
        const words = vectors[which] ?? []
        return simulate(program, words).value !== simulate(mutant, words).value
      })
      if (other !== undefined) t.fail(`${name}: instruction ${index} as ${JSON.stringify(mutant[index])} is not found`)
    }
  }
  return count
}

t.test('every mutant of a program is refused, or is the same function', (t) => {
  const random = seededRandom(seed)
  const calls = allCalls()
  const drawn = Array.from({ length: 2 }, (_, index) => [`random ${index}`, randomRequest(random, calls)] as const)
  t.comment(`| seed ${seed}`)
  for (const [name, request] of [...requests.filter(([name]) => name !== 'syslog-parse'), ...drawn]) {
    const bits = name === 'no promises' ? 'all bits' : 'some bits'
    const { mutants, found, same } = tryMutants(t, name, meaningOf(request), bits)
    t.comment(`| ${name}: ${mutants} mutants, ${found} refused, ${same} the same function`)
    t.ok(found > 1000 && found + same === mutants && same < mutants / 10, name)
  }
  t.end()
})

/** A rule on mmap whose alternatives test a bit of one argument and the same bit of another. */
function pairsOfBits(pairs: number): FilterRequest {
  const texts = Array.from({ length: pairs }, (_, bit) => `prot & ${2 ** bit} != 0 and flags & ${2 ** bit} != 0`)
  const rules = [
    { syscall: 'mmap', arch: 'x86_64', when: texts.slice(0, 16), action: 'log' },
    { syscall: 'mmap', arch: 'x86_64', when: [...texts.slice(16), 'flags == 0'], action: 'log' },
  ] as const
  return { arch: 'x86_64', promises: [], denied: 'EPERM', rules }
}

/** All alternatives that a policy can have, on one call. */
function mostAlternatives(): FilterRequest {
  const rules = Array.from({ length: 256 }, (_, rule) => {
    const when = Array.from({ length: 16 }, (_none, index) => {
      return `family == ${rule} and type & SOCK_TYPE_MASK == ${index % 11} and protocol == ${rule * 7 + index}`
    })
    return { syscall: 'socket', arch: 'x86_64', when, action: 'allow' } as const
  })
  return { arch: 'x86_64', promises: [], denied: 'EPERM', rules }
}

t.test('what would take too long to prove is an error that names the call, and never a smaller proof', (t) => {
  t.doesNotThrow(() => makeProver(meaningOf(pairsOfBits(8))), 'control: 8 pairs')
  t.doesNotThrow(() => makeProver(meaningOf(mostAlternatives())), 'control: 256 rules of 16 alternatives')
  t.throws(() => makeProver(meaningOf(pairsOfBits(30))), {
    name: 'ComplexityError',
    code: 'ERR_SANDBOX_COMPLEXITY',
    message: /^the conditions on mmap \(x86_64\) are too complex to prove.*\n {2}fix: /,
  })
  const all: FilterRequest = { arch: 'x86_64', promises: promiseNames, denied: 'EPERM' }
  t.ok(prove(generate(meaningOf(all)), meaningOf(all)).diagrams < 50_000, 'all promises are far from it')
  t.end()
})

t.test('the proof takes nothing from the generator that it judges', (t) => {
  const folder = 'src/layers/seccomp/proof'
  const imports = readdirSync(folder)
    .filter((name) => !name.endsWith('.test.ts'))
    .flatMap((name) => [...readFileSync(`${folder}/${name}`, 'utf8').matchAll(/from '\.\.\/code\/(.*)\.js'/g)])
  const used = new Set(imports.map(([, name]) => name))
  // The form of instructions, the kernel's check, the simulator, and two that know no filter.
  t.same(used, new Set(['bpf', 'check', 'complexity', 'ranges', 'simulate']))
  t.end()
})
