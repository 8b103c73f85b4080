import t from 'tap'
import type { Action } from '../action.js'
import { auditArch } from '../arch.js'
import { meaningOf, type Decision, type Meaning, type TableMeaning } from '../meaning.js'
import { prove } from '../proof/prove.js'
import type { FilterRequest } from '../request.js'
import { syscallTable } from '../tables.js'
import { assemble } from './assemble.js'
import { maximumInstructions, opcode, type Instruction } from './bpf.js'
import { refusalOf } from './check.js'
import { convertedSize, stackedSize } from './converted-size.js'
import { makeDecide } from './decide.js'
import { hold, holdWord, makeNodes, type Held, type Node, type Nodes } from './diagram.js'
import { generate } from './generate.js'
import { maximum } from './ranges.js'
import { search, type Run } from './search.js'
import { simulate } from './simulate.js'

const allow = 0x7fff0000
const number = holdWord(0)

/** What a program returns for a number. */
function returned(program: readonly Instruction[], word: number): number {
  return simulate(program, [word]).value
}

/** A search as a program of its own. */
function searched(make: (nodes: Nodes) => readonly Run[], held: Held = number): readonly Instruction[] {
  const nodes = makeNodes()
  return assemble(nodes.load(null, held, search(nodes, held, make(nodes))))
}

function codes(program: readonly Instruction[]): readonly number[] {
  return program.map(({ code }) => code)
}

/** Runs from the value of each number, and 0 from there on. */
function runsOf(nodes: Nodes, values: readonly number[]): readonly Run[] {
  return [...values, 0].map((value, from) => ({ from, node: nodes.return(value), weight: 1 + (from % 7) }))
}

/** A seeded generator (mulberry32): the same searches in every run. */
function makeRandom(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below
  }
}

t.test('search: every number of 600 random sets of runs finds its own (seed 11)', (t) => {
  const random = makeRandom(11)
  let tests = 0
  for (let round = 0; round < 600; round += 1) {
    const values = round % 2 === 0 ? randomRuns(random) : randomBlocks(random)
    const program = searched((nodes) => runsOf(nodes, values))
    tests += program.filter(({ code }) => code === opcode.jumpSet).length
    t.equal(refusalOf(program), null)
    const beyond = [0, 1, 2, 3, 64, 512, 1023, 0x40000000, 0x7fffffff, 0x80000000, maximum]
    const numbers = [...values.keys(), ...beyond.map((number) => Math.max(number, values.length))]
    const wrong = numbers.filter((number) => returned(program, number) !== (values[number] ?? 0))
    if (wrong.length > 0) t.fail(`round ${round}: ${wrong.join(', ')}`)
  }
  t.ok(tests > 300, `${tests} tests of bits`)
  t.end()
})

function randomRuns(random: (below: number) => number): readonly number[] {
  const [size, answers, change] = [1 + random(400), 2 + random(3), 1 + random(12)]
  const values: number[] = []
  for (let at = 0; at < size; at += 1) values.push(random(change) === 0 ? random(answers) : (values.at(-1) ?? 0))
  return values
}

/** Blocks of 1 to 8 numbers that begin at a multiple of their size: what one test of bits finds, in the right company. */
function randomBlocks(random: (below: number) => number): readonly number[] {
  const values = Array.from({ length: 64 + random(200) }, (): number => (random(60) === 0 ? 2 : 0))
  for (let block = random(24); block > 0; block -= 1) {
    const size = 2 ** random(4)
    const start = size * random(Math.floor(values.length / size))
    values.splice(start, size, ...Array.from({ length: size }, () => 1))
  }
  return values
}

t.test('search: what a set of runs takes in instructions', (t) => {
  const at = (...exceptions: readonly number[]) => {
    return (nodes: Nodes): readonly Run[] => {
      const last = Math.max(...exceptions) + 1
      const values = Array.from({ length: last }, (_, value) => (exceptions.includes(value) ? 1 : 0))
      return runsOf(nodes, values)
    }
  }
  const { load, jumpEqual, jumpGreaterEqual, jumpSet, return: ret } = opcode
  const cases: readonly (readonly [string, readonly number[], readonly number[]])[] = [
    ['a single number is one test', [5], [load, jumpEqual, ret, ret]],
    ['two are two', [5, 30], [load, jumpEqual, jumpEqual, ret, ret]],
    ['a range is two', [5, 6, 7], [load, jumpGreaterEqual, jumpGreaterEqual, ret, ret]],
    ['a range whose bits no other number has is one', [0, 1, 2, 3], [load, jumpGreaterEqual, ret, ret]],
    ['four numbers whose bits no other number has are one', [0, 8, 32, 40], [load, jumpSet, ret, ret]],
  ]
  for (const [name, exceptions, expected] of cases) t.same(codes(searched(at(...exceptions))), expected, name)
  t.end()
})

t.test('search: ranges of any size take no longer than small ones, and are found', (t) => {
  const froms = [0, 0x10, 0x20, 0x1000, 0x2000, 0x40000000, 0x50000000, 0x60000000, 0x80000000, 0xc0000000]
  const program = searched((nodes) => froms.map((from, at) => ({ from, node: nodes.return(at % 2), weight: 1 })))
  for (const [at, from] of froms.entries()) {
    const to = (froms[at + 1] ?? 2 ** 32) - 1
    t.same(
      [from, to].map((word) => returned(program, word)),
      [at % 2, at % 2],
      `${from} to ${to}`,
    )
  }
  t.end()
})

t.test('search: a test of bits takes all of a block or none of it', (t) => {
  // All bits of 12 are in those of 20 and 24; those of 13, which is of one block with it, are not.
  const values = Array.from({ length: 29 }, (_, at) => (at < 10 ? 2 : [12, 13, 16, 20, 24, 28].includes(at) ? 1 : 0))
  const program = searched((nodes) => runsOf(nodes, values))
  t.same(
    values.map((_, at) => returned(program, at)),
    values,
  )
  t.end()
})

t.test('search: what is asked for often is found in few steps', (t) => {
  const heavy = 200
  const program = searched((nodes) => {
    const runs = runsOf(
      nodes,
      Array.from({ length: 400 }, (_, value) => value % 5),
    )
    return runs.map((run) => ({ ...run, weight: run.from === heavy ? 4000 : 1 }))
  })
  const steps = (word: number): number => simulate(program, [word]).steps
  t.ok(steps(heavy) <= 4, `${steps(heavy)} steps`)
  t.ok(steps(heavy + 1) > 6, `${steps(heavy + 1)} steps to its neighbour`)
  t.end()
})

t.test('assemble: jumps of any length arrive, near the longest program and with code that many share', (t) => {
  for (const [name, make] of [
    ['returns', (nodes: Nodes, value: number): Node => nodes.return(value)],
    ['shared code', sharedLeaf],
  ] as const) {
    const count = name === 'returns' ? 2030 : 1800
    const leaf = (nodes: Nodes, at: number): Node => make(nodes, name === 'returns' ? at : at % 301)
    const program = searched((nodes) =>
      Array.from({ length: count }, (_, at) => ({ from: at * 3, node: leaf(nodes, at), weight: 1 })),
    )
    t.equal(refusalOf(program), null, name)
    t.ok(program.length > 2500 && program.length <= maximumInstructions, `${program.length} instructions`)
    const nodes = makeNodes()
    for (let at = 0; at < count; at += 1) {
      const alone = assemble(leaf(nodes, at))
      for (const word of [at * 3, at * 3 + 2]) {
        for (const argument of [0, 7, 300]) {
          const words = [word, 0, 0, 0, argument]
          const [found, wanted] = [simulate(program, words).value, simulate(alone, words).value]
          if (found !== wanted) t.fail(`${name}: ${word}, argument ${argument}: ${found} for ${wanted}`)
        }
      }
    }
  }
  t.end()
})

/** A test of an argument that many numbers lead to. */
function sharedLeaf(nodes: Nodes, value: number): Node {
  const word = holdWord(16)
  return nodes.load(null, word, nodes.jump(word, 'equal', value, nodes.return(allow), nodes.return(value % 3)))
}

t.test('decide: one word is loaded once, and tests of its bits are joined', (t) => {
  const nodes = makeNodes()
  const decide = makeDecide(nodes)
  const clear = (mask: number) => ({ offset: 24, mask, ranges: [{ from: 0, to: 0 }] })
  const flags = assemble(decide({ clauses: [{ atoms: [clear(0x3), clear(0x40)], value: allow }], otherwise: 1 }))
  t.same(flags, [
    { code: opcode.load, jt: 0, jf: 0, k: 24 },
    { code: opcode.jumpSet, jt: 1, jf: 0, k: 0x43 },
    { code: opcode.return, jt: 0, jf: 0, k: allow },
    { code: opcode.return, jt: 0, jf: 0, k: 1 },
  ])
  const both = assemble(
    decide({
      clauses: [{ atoms: [clear(0x40), { offset: 24, mask: 0xf, ranges: [{ from: 2, to: 2 }] }], value: allow }],
      otherwise: 1,
    }),
  )
  t.same(codes(both).slice(0, 4), [opcode.load, opcode.jumpSet, opcode.and, opcode.jumpEqual])
  t.end()
})

t.test('decide: flags of which any may be set are one test', (t) => {
  const nodes = makeNodes()
  const values = [0, 8, 0x20000, 0x20008].map((from) => ({ from, to: from }))
  const node = makeDecide(nodes)({
    clauses: [{ atoms: [{ offset: 16, mask: maximum, ranges: values }], value: allow }],
    otherwise: 1,
  })
  const program = assemble(node)
  t.same(
    program.find(({ code }) => code === opcode.jumpSet),
    { code: opcode.jumpSet, jt: 1, jf: 0, k: 0xfffdfff7 },
  )
  t.equal(program.length, 4)
  t.end()
})

function tableOf(arch: 'x86_64' | 'i386', decide: (name: string) => Decision['clauses'], denied: Action): TableMeaning {
  const table = syscallTable(arch)
  const decisions = [...table.byName.values()].map((call): readonly [number, Decision] => {
    return [call.number, { call, clauses: decide(call.name), otherwise: denied }]
  })
  const x32 = arch === 'x86_64' ? 'kill_process' : null
  return { arch, audit: auditArch[arch], table, decisions: new Map(decisions), unknown: { errno: 'ENOSYS' }, x32 }
}

const always: Decision['clauses'] = [{ when: null, action: 'allow', by: 'rules' }]

t.test('tables: what both have from 424 on is one part of the program, also where x32 differs', (t) => {
  for (const every of [3, 4, 5, 6, 7]) {
    const some = (name: string): Decision['clauses'] => (name.length % every === 0 ? always : [])
    const tables = [tableOf('x86_64', some, 'kill_process'), tableOf('i386', some, 'kill_process')]
    const both: Meaning = { tables, otherArch: 'kill_process' }
    const program = generate(both)
    t.doesNotThrow(() => prove(program, both))
    const [x86 = 0, i386 = 0] = tables.map((table) => generate({ tables: [table], otherArch: 'kill_process' }).length)
    t.ok(program.length < x86 + i386 - 8, `${program.length} for ${x86} and ${i386}`)
    const beyond = program.filter(({ code, k }) => code !== opcode.return && code !== opcode.load && k > 430 && k < 600)
    t.equal(new Set(beyond.map(({ k }) => k)).size, beyond.length, 'no number beyond is tested for twice')
  }
  t.end()
})

t.test('tables: a tail is shared only from where both agree', (t) => {
  const numberOf = (call: string): number => syscallTable('x86_64').byName.get(call)?.number ?? 0
  for (const [first, second] of [
    [449, 450],
    [450, 449],
  ] as const) {
    const from =
      (start: number) =>
      (call: string): Decision['clauses'] => {
        const at = numberOf(call)
        return at >= start && (at < 453 || at % 2 === 0) ? always : []
      }
    const tables = [tableOf('x86_64', from(first), 'kill_process'), tableOf('i386', from(second), 'kill_process')]
    const both: Meaning = { tables, otherArch: 'kill_process' }
    t.doesNotThrow(() => prove(generate(both), both), `${first}, ${second}`)
  }
  t.end()
})

t.test('tables: calls with equal conditions share their code, in one table and across both', (t) => {
  const rule = { syscall: 'fcntl', when: 'cmd in [1, 2, 3]', action: 'allow' } as const
  const made = (
    rules: readonly (typeof rule | { readonly syscall: string; readonly when: string; readonly action: 'allow' })[],
  ) => generate(meaningOf({ arch: 'x86_64', promises: [], denied: 'kill', rules })).length
  const both = [rule, { ...rule, syscall: 'fcntl64' }]
  t.ok(made(both) - made([rule]) <= 3, 'fcntl64 costs the way to it alone')
  t.end()
})

t.test('length: a filter of more than 4096 instructions is refused with what to do', (t) => {
  const rules = [...syscallTable('x86_64').byName.values()].flatMap((call, index) => {
    const test = call.arguments.find((argument) => argument.class === 'w32')
    if (test === undefined) return []
    const values = Array.from({ length: 120 }, (_, place) => `${1000 * index + place * 7 + (place % 3)}`)
    return [
      { syscall: call.name, arch: 'x86_64', when: `${test.name} in [${values.join(', ')}]`, action: 'allow' } as const,
    ]
  })
  t.throws(() => generate(meaningOf({ arch: 'x86_64', promises: [], denied: 'EPERM', rules })), {
    name: 'FilterTooLongError',
    code: 'ERR_SANDBOX_FILTER_TOO_LONG',
    message: /has \d{4,} instructions, the kernel takes 4096\n {2}fix: drop rules/,
  })
  t.doesNotThrow(() =>
    generate(meaningOf({ arch: 'x86_64', promises: [], denied: 'EPERM', rules: rules.slice(0, 10) })),
  )
  t.end()
})

t.test('converted size: counted as the kernel converts each instruction', (t) => {
  const one = (code: number, k: number, jt = 0, jf = 0): Instruction => ({ code, jt, jf, k })
  const prologue = convertedSize([])
  const cases: readonly (readonly [string, Instruction, number])[] = [
    ['load', one(opcode.load, 0), 1],
    ['AND', one(opcode.and, 1), 1],
    ['JA', one(opcode.jumpAlways, 3), 1],
    ['RET K', one(opcode.return, 0), 2],
    ['RET A', one(0x16, 0), 1],
    ['jump that falls through', one(opcode.jumpEqual, 1, 3, 0), 1],
    ['jump whose other way falls through', one(opcode.jumpEqual, 1, 0, 3), 1],
    ['JSET has no opposite', one(opcode.jumpSet, 1, 0, 3), 2],
    ['jump with two ways', one(opcode.jumpGreaterEqual, 1, 2, 3), 2],
    ['constant with the highest bit', one(opcode.jumpEqual, 0xc000003e, 1, 0), 2],
  ]
  t.equal(prologue, 3)
  for (const [name, instruction, size] of cases) t.equal(convertedSize([instruction]) - prologue, size, name)
  const single = [one(opcode.return, 0)]
  t.equal(stackedSize([]), 0)
  t.equal(stackedSize([single]), 5)
  t.equal(stackedSize([single, single, single]), 5 + 9 + 9)
  t.end()
})

t.test('masks: what the accumulator holds of a word already is not loaded again', (t) => {
  const nodes = makeNodes()
  const [whole, part, other] = [holdWord(16), hold(16, 0xf), hold(24, 0xf)]
  const test = (held: Held): Node => nodes.jump(held, 'equal', 1, nodes.return(1), nodes.return(2))
  t.equal(nodes.load(whole, part, test(part)).kind, 'mask')
  t.equal(nodes.load(part, part, test(part)).kind, 'jump')
  t.equal(nodes.load(part, whole, test(whole)).kind, 'load', 'bits that are gone are')
  t.equal(nodes.load(whole, other, test(other)).kind, 'load')
  t.end()
})

t.test('conditions that combine in too many ways are an error that names the call, in bounded time', (t) => {
  const many = (count: number): FilterRequest => ({
    arch: 'x86_64',
    promises: [],
    denied: 'EPERM',
    rules: Array.from({ length: count }, (_, rule) => ({
      syscall: 'prctl',
      when: Array.from({ length: 16 }, (_none, index) => {
        const seed = rule * 16 + index
        return `option == ${seed * 7919} and arg2 == ${(seed * 104_729) % 9973} and arg3 == ${(seed * 31) % 4099}`
      }),
      action: { errno: rule % 2 === 0 ? 'EPERM' : 'EACCES' },
    })),
  })
  t.doesNotThrow(() => generate(meaningOf(many(4))), 'control: 4 rules of 16 alternatives')
  t.throws(() => generate(meaningOf(many(256))), {
    name: 'ComplexityError',
    message: /^the conditions on prctl \(x86_64\) are too complex to compile.*\n {2}fix: /,
  })
  t.end()
})
