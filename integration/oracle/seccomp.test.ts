import { createServer } from 'node:http'
import { join } from 'node:path'
import { writeFileSync } from 'node:fs'
import t from 'tap'
import type { Arch } from '../../src/host/facts.js'
import type { Action } from '../../src/layers/seccomp/action.js'
import { auditArch } from '../../src/layers/seccomp/arch.js'
import { decodeProgram, encodeProgram, type Instruction } from '../../src/layers/seccomp/code/bpf.js'
import { refusalOf } from '../../src/layers/seccomp/code/check.js'
import { generate } from '../../src/layers/seccomp/code/generate.js'
import { prove } from '../../src/layers/seccomp/proof/prove.js'
import { dataWords, simulate } from '../../src/layers/seccomp/code/simulate.js'
import { bindCondition } from '../../src/layers/seccomp/condition/bind.js'
import type { Conjunction, Test, Word64 } from '../../src/layers/seccomp/condition/test.js'
import type { Decision, Meaning, TableMeaning } from '../../src/layers/seccomp/meaning.js'
import type { PromiseName } from '../../src/layers/seccomp/promises.js'
import { compileFilter, oneExecFilter } from '../../src/layers/seccomp/seccomp.js'
import { syscallTable, type Syscall } from '../../src/layers/seccomp/tables.js'
import { no32Bit, skipWithout32Bit } from '../world/host-kernel.js'
import { buildOracle, compile, type Outcome } from './oracle.js'

const oracle = buildOracle()
t.teardown(() => oracle[Symbol.dispose]())

const eperm: Action = { errno: 'EPERM' }

/** One allowed call; `when` holds alternatives. */
interface Allowed {
  readonly call: string
  readonly when?: readonly string[]
}

/** What libseccomp means by the same rules: everything else is EPERM, other arches and x32 kill. */
function meaningOf(arches: readonly Arch[], rules: readonly Allowed[]): Meaning {
  return { tables: arches.map((arch) => tableMeaning(arch, rules)), otherArch: 'kill_process' }
}

function tableMeaning(arch: Arch, rules: readonly Allowed[]): TableMeaning {
  const table = syscallTable(arch)
  const decisions = new Map<number, Decision>()
  for (const rule of rules) {
    const call = table.byName.get(rule.call)
    if (call === undefined) continue
    const when = rule.when?.map((text) => ({ text, tests: bindCondition(text, call, arch) })) ?? null
    const known = decisions.get(call.number)?.clauses ?? []
    decisions.set(call.number, { call, clauses: [...known, { when, action: 'allow', by: 'test' }], otherwise: eperm })
  }
  return {
    arch,
    audit: auditArch[arch],
    table,
    decisions,
    unknown: eperm,
    x32: arch === 'x86_64' ? 'kill_process' : null,
  }
}

/** The lines that make libseccomp do the same. */
function linesFor(arch: Arch, rules: readonly Allowed[]): readonly string[] {
  const table = syscallTable(arch)
  return rules.flatMap(({ call, when }): readonly string[] => {
    const found = table.byName.get(call)
    if (found === undefined) return []
    if (when === undefined) return [`rule ${call}`]
    return when
      .flatMap((text) => expand(bindCondition(text, found, arch)))
      .map((tests) => `rule ${call} ${tests.join(' ')}`)
  })
}

/** One line's tests for each combination of listed values: libseccomp has no `in`. */
function expand(tests: Conjunction): readonly (readonly string[])[] {
  return tests.reduce<readonly (readonly string[])[]>(
    (lines, test) => lines.flatMap((line) => comparisons(test).map((comparison) => [...line, comparison])),
    [[]],
  )
}

function comparisons({ argument, mask, relation, values }: Test): readonly string[] {
  const whole = mask.hi === 0xffffffff && mask.lo === 0xffffffff
  const [first] = values.map(hex)
  const orders = { '<': 'lt', '<=': 'le', '>': 'gt', '>=': 'ge' } as const
  if (relation === 'in') {
    return values.map((value) => `${argument} ${whole ? `eq ${hex(value)}` : `masked ${hex(value)} ${hex(mask)}`}`)
  }
  if (!whole || values.length !== 1) throw new Error('libseccomp cannot express this')
  return [`${argument} ${relation === 'not in' ? 'ne' : orders[relation]} ${first}`]
}

function hex({ hi, lo }: Word64): string {
  return `0x${((BigInt(hi) << 32n) | BigInt(lo)).toString(16)}`
}

/** A seeded generator (mulberry32): the same policies in every run. */
function makeRandom(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below)
  }
}
type Random = ReturnType<typeof makeRandom>

function pick<T>(random: Random, from: readonly T[]): T {
  const found = from[random(from.length)]
  if (found === undefined) throw new Error('nothing to pick from')
  return found
}

const interesting: readonly number[] = [0, 1, 2, 3, 8, 0xff, 0x7fffffff, 0x80000000, 0xffffffff, 0xdeadbeef, 0x1000]

function randomWord(random: Random): number {
  return random(3) === 0 ? random(2 ** 32) : pick(random, interesting)
}

/** libseccomp 2.5.4 knows the calls of Linux 5.16; it sends i386's socket and ipc calls through socketcall and ipc. */
const multiplexed =
  /^(?:socket|bind|connect|listen|accept|get(?:sock|peer)|send|recv|shutdown|[gs]etsockopt|sem|msg|shm)/
function usableCalls(arch: Arch): readonly Syscall[] {
  const calls = [...syscallTable(arch).byName.values()].filter(
    ({ name, number }) => number < 440 && !/^u(?:ret)?probe$/.test(name),
  )
  return arch === 'i386' ? calls.filter(({ name }) => !multiplexed.test(name)) : calls
}

/**
 * Each call once, with one condition at most, and lists in conditions on one argument only: given several rules for
 * one call, libseccomp 2.5.4 lets 0xffffffff pass `x > 1 << 40` or `x != 0xffffffff` or `x < 5`, and does not end on
 * some sets that test several arguments.
 * Our own alternatives are compared with the reference meaning in compile.test.ts.
 */
function randomRules(random: Random, arch: Arch): readonly Allowed[] {
  const drawn = Array.from({ length: 1 + random(25) }, () => pick(random, usableCalls(arch)))
  return [...new Set(drawn)].map((call): Allowed => {
    const condition = random(4) === 0 ? null : randomCondition(random, call, arch)
    return condition === null ? { call: call.name } : { call: call.name, when: [condition] }
  })
}

function randomCondition(random: Random, call: Syscall, arch: Arch): string | null {
  const usable = call.arguments.filter((argument) => /^(?:[ws]32|[us]64)$/.test(argument.class))
  const chosen = usable.filter(() => random(2) === 0).slice(0, 3)
  if (chosen.length === 0) return null
  const tests = chosen.map((argument) => {
    const wide = argument.class === 'u64' && arch === 'x86_64'
    const value = (): string => {
      return hex({ hi: wide && random(2) === 0 ? randomWord(random) : 0, lo: randomWord(random) })
    }
    const mask = randomWord(random) | 1
    const masked = `0x${((randomWord(random) & mask) >>> 0).toString(16)}`
    const forms = [
      `${argument.name} == ${value()}`,
      ...(chosen.length === 1 ? [`${argument.name} in [${value()}, ${value()}]`] : []),
      `${argument.name} & 0x${(mask >>> 0).toString(16)} == ${masked}`,
      ...(wide ? [`${argument.name} != ${value()}`] : []),
      ...(wide ? ['<', '<=', '>', '>='].map((order) => `${argument.name} ${order} ${value()}`) : []),
    ]
    return pick(random, forms)
  })
  return tests.join(' and ')
}

/** The inputs on which both programs are compared: boundaries of the rules, garbage, neighbours, x32, foreign arches. */
function disagreement(
  ours: readonly Instruction[],
  theirs: readonly Instruction[],
  meaning: Meaning,
  random: Random,
): string | null {
  const table = pick(random, meaning.tables)
  const decision = pick(random, [...table.decisions.values()])
  const tests = decision.clauses.flatMap(({ when }) => when ?? []).flatMap((one) => one.tests)
  const mentioned = tests.flatMap(({ values }) => values)
  const args = Array.from({ length: 6 }, (): Word64 => {
    const near =
      mentioned.length > 0 && random(4) > 0
        ? pick(random, mentioned)
        : { hi: randomWord(random), lo: randomWord(random) }
    const hi = random(4) === 0 ? randomWord(random) : near.hi
    return { hi: table.arch === 'i386' ? 0 : hi, lo: (near.lo + pick(random, [0, 0, 0, 1, -1])) >>> 0 }
  })
  const own = decision.call.number
  const number =
    pick(random, [own, own, own, own, own + 1, Math.max(own - 1, 0), own | 0x40000000, random(2 ** 30)]) >>> 0
  const arch = pick(random, [table.audit, table.audit, table.audit, table.audit, auditArch.arm, 0xc000003f])
  const words = dataWords({ arch, number, args })
  const [mine, other] = [simulate(ours, words).value, simulate(theirs, words).value]
  if (mine === other) return null
  return `${decision.call.name}: arch ${arch} number ${number} args ${args.map(hex).join(' ')}: ${mine} for ${other}`
}

function compared(
  arches: readonly Arch[],
  rules: readonly Allowed[],
  random: Random,
  tries: number,
): readonly string[] {
  const meaning = meaningOf(arches, rules)
  const ours = generate(meaning)
  prove(ours, meaning)
  const names = { x86_64: 'x86_64', i386: 'x86', aarch64: 'aarch64', arm: 'arm', riscv64: 'riscv64' } as const
  const first = arches[0]
  if (first === undefined) throw new Error('no arch')
  const lines = [...arches.map((arch) => `arch ${names[arch]}`), ...linesFor(first, rules)]
  const theirs = decodeProgram(oracle.libseccomp(lines))
  const wrong = Array.from({ length: tries }, () => disagreement(ours, theirs, meaning, random))
  return wrong.filter((text) => text !== null)
}

t.test('libseccomp: rule sets written by hand give the same decisions', (t) => {
  const random = makeRandom(3)
  const sets: readonly (readonly [string, readonly Arch[], readonly Allowed[]])[] = [
    ['names only', ['x86_64'], ['read', 'write', 'exit_group', 'futex', 'mmap'].map((call) => ({ call }))],
    [
      'both tables',
      ['x86_64', 'i386'],
      ['read', 'write', 'exit_group', 'brk', 'openat', 'ppoll'].map((call) => ({ call })),
    ],
    [
      'sockets',
      ['x86_64'],
      [
        {
          call: 'socket',
          when: [
            'family in [AF_UNIX, AF_INET] and type & SOCK_TYPE_MASK == SOCK_STREAM and protocol in [0, IPPROTO_TCP]',
          ],
        },
      ],
    ],
    [
      'memory',
      ['x86_64'],
      [
        { call: 'mprotect', when: ['prot & PROT_EXEC == 0'] },
        { call: 'munmap', when: ['len <= 0x100000001'] },
      ],
    ],
    [
      'null',
      ['x86_64'],
      [
        { call: 'prlimit64', when: ['new_rlim == NULL'] },
        { call: 'sendto', when: ['addr == NULL'] },
      ],
    ],
    [
      'ioctl',
      ['x86_64'],
      [{ call: 'ioctl', when: ['cmd in [TCGETS, TIOCGWINSZ, FIONREAD]', 'cmd == FIONBIO and arg != 5'] }],
    ],
    [
      'open',
      ['i386'],
      [{ call: 'openat', when: ['flags & (O_ACCMODE | O_TRUNC) == O_RDONLY', 'flags & O_PATH == O_PATH'] }],
    ],
  ]
  for (const [name, arches, rules] of sets) t.same(compared(arches, rules, random, 3000), [], name)
  t.end()
})

t.test('libseccomp: 200 random rule sets give the same decisions', (t) => {
  const random = makeRandom(11)
  for (let round = 0; round < 200; round += 1) {
    const arch = round % 3 === 0 ? 'i386' : 'x86_64'
    const rules = randomRules(random, arch)
    const wrong = compared([arch], rules, random, 200)
    if (wrong.length > 0) t.same(wrong, [], JSON.stringify(rules))
  }
  t.pass('compared')
  t.end()
})

t.test('libseccomp: the comparison sees a wrong instruction', (t) => {
  const rules: readonly Allowed[] = [{ call: 'socket', when: ['family == AF_UNIX'] }, { call: 'read' }]
  const meaning = meaningOf(['x86_64'], rules)
  const ours = generate(meaning)
  const index = ours.findIndex(({ code, k }) => code === 0x15 && k === 1)
  const broken = ours.map((one, at) => (at === index ? { ...one, k: 2 } : one))
  const theirs = decodeProgram(oracle.libseccomp(['arch x86_64', ...linesFor('x86_64', rules)]))
  const random = makeRandom(5)
  const wrong = Array.from({ length: 500 }, () => disagreement(broken, theirs, meaning, random))
  t.ok(wrong.some((text) => text !== null))
  t.end()
})

t.test('kernel: accepts and refuses the programs that our checker accepts and refuses', async (t) => {
  const ret: Instruction = { code: 0x06, jt: 0, jf: 0, k: 0x7fff0000 }
  const one = (code: number, k: number, jt = 0, jf = 0): readonly Instruction[] => [{ code, jt, jf, k }, ret]
  const programs: readonly (readonly Instruction[])[] = [
    [ret],
    [{ code: 0x20, jt: 0, jf: 0, k: 0 }],
    ...[
      [0x20, 2],
      [0x20, 60],
      [0x20, 64],
      [0x28, 0],
      [0x30, 0],
      [0x40, 0],
      [0xb1, 0],
      [0x94, 3],
      [0x9c, 0],
    ].map(([code = 0, k = 0]) => one(code, k)),
    ...[
      [0x0e, 0],
      [0x34, 0],
      [0x34, 2],
      [0x64, 31],
      [0x64, 32],
      [0x6c, 0],
      [0x60, 0],
      [0x02, 15],
      [0x02, 16],
    ].map(([code = 0, k = 0]) => one(code, k)),
    ...[
      [0x80, 0],
      [0x84, 0],
      [0xac, 0],
      [0xa4, 5],
      [0x3c, 0],
      [0x05, 0],
      [0x05, 1],
      [0x05, 0xffffffff],
    ].map(([code = 0, k = 0]) => one(code, k)),
    one(0x15, 0, 0, 1),
    one(0x45, 0, 0, 0),
    [{ code: 0x02, jt: 0, jf: 0, k: 3 }, ...one(0x60, 3)],
    [{ code: 0x15, jt: 0, jf: 1, k: 3 }, { code: 0x02, jt: 0, jf: 0, k: 3 }, ...one(0x60, 3)],
    [{ code: 0x05, jt: 0, jf: 0, k: 1 }, { code: 0x02, jt: 0, jf: 0, k: 3 }, ...one(0x60, 3)],
  ]
  for (const program of programs) {
    const { code, stderr } = await oracle.run(encodeProgram(program), ['/bin/true'])
    const refused = code === 125 && stderr.includes('Invalid argument')
    t.equal(refused, refusalOf(program) !== null, `${JSON.stringify(program)}: ${refusalOf(program) ?? 'accepted'}`)
  }
})

t.test('kernel: answers to 64-bit, 32-bit, x32 and unknown calls, with and without garbage', (t) => {
  const everywhere: readonly (readonly [call: string, relaxed: RegExp, strict: RegExp])[] = [
    ['syscall 39', /^returned/, /^returned/],
    ['int80 20', /^returned/, /^returned/],
    ['int80 102 1 0', /^failed 38$/, /^failed 38$/],
    ['int80 359 1 1 0', /^returned/, /^returned/],
    ['int80 359 2 1 0', /^failed 1$/, /^killed 31$/],
    ['syscall 0x40000027', /^failed 38$/, /^killed 31$/],
    ['syscall -1', /^failed 38$/, /^killed 31$/],
    ['int80 0x40000014', /^failed 38$/, /^failed 38$/],
    ['syscall 9999', /^failed 38$/, /^failed 38$/],
    ['int80 9999', /^failed 38$/, /^failed 38$/],
    ['syscall 435 0 0', /^failed 38$/, /^failed 38$/],
    ['syscall 0xdead00000027', /^returned/, /^returned/],
    ['syscall 41 1 1 0', /^returned/, /^returned/],
    ['syscall 41 0xdead00000001 0xdead00000001 0xdead00000000', /^returned/, /^returned/],
    ['syscall 41 2 1 0', /^failed 1$/, /^killed 31$/],
    ['syscall 41 0xdead00000002 1 0', /^failed 1$/, /^killed 31$/],
    ['syscall 16 0 0x5413 0', /^failed (?:25|14)$/, /^failed (?:25|14)$/],
    ['syscall 16 0 0x5412 0', /^failed 1$/, /^killed 31$/],
    ['syscall 16 0 0xdead00005412 0', /^failed 1$/, /^killed 31$/],
    ['int80 54 0 0x5412 0', /^failed 1$/, /^killed 31$/],
    ['syscall 16 0 0xdead0000541c 0', /^failed 1$/, /^killed 31$/],
    ['syscall 9 0 4096 3 0x22 -1 0', /^returned/, /^returned/],
    ['syscall 9 0 4096 0xdead00000007 0x22 -1 0', /^failed 1$/, /^killed 31$/],
    ['syscall 101 0 0 0 0', /^failed 1$/, /^killed 31$/],
  ]
  const cases = everywhere.filter(([call]) => no32Bit === false || !call.startsWith('int80'))
  skipWithout32Bit(t, 'the calls by int 0x80')
  const calls = cases.map(([call]) => call)
  const answers = (denied: 'EPERM' | 'kill'): readonly string[] => {
    const { program } = compileFilter({ arch: 'x86_64', promises: ['stdio', 'unix', 'tty'], denied })
    return oracle.calls(program, calls)
  }
  const [relaxed, strict] = [answers('EPERM'), answers('kill')]
  for (const [index, [call, expected, expectedStrict]] of cases.entries()) {
    t.match(relaxed[index], expected, call)
    t.match(strict[index], expectedStrict, `${call}, where denied calls kill`)
  }
  const control = oracle.calls(encodeProgram([{ code: 0x06, jt: 0, jf: 0, k: 0x7fff0000 }]), calls)
  t.match(control[calls.indexOf('syscall 41 2 1 0')], /^returned/, 'control: without our filter the denied calls work')
  t.match(control[calls.indexOf('syscall 9 0 4096 0xdead00000007 0x22 -1 0')], /^returned/)
  t.match(control[calls.indexOf('syscall 101 0 0 0 0')], /^returned/)
  t.end()
})

t.test('kernel: without a listener the one-exec filter answers ENOSYS to execve and lets all else pass', async (t) => {
  const { code, stderr } = await oracle.run(oneExecFilter('x86_64'), ['/bin/true'])
  t.equal(code, 125)
  t.match(stderr, /Function not implemented/)
  t.same(
    oracle.calls(oneExecFilter('x86_64'), ['syscall 41 2 1 0']).map((text) => text.split(' ')[0]),
    ['returned'],
  )
  t.end()
})

interface Program {
  readonly name: string
  readonly command: readonly string[]
  /** What it says; that it did its work. */
  readonly output: RegExp
  /** Enough where denied calls fail; `strict` adds what a program only tries, for where they kill. */
  readonly needs: readonly PromiseName[]
  readonly strict: readonly PromiseName[]
}

function filterFor(promises: readonly PromiseName[], denied: 'EPERM' | 'kill'): Uint8Array {
  return compileFilter({ arch: 'x86_64', promises, denied }).program
}

function worked({ code, stdout }: Outcome, output: RegExp): boolean {
  return code === 0 && output.test(stdout)
}

t.test('programs: run under their promises, fail without any one of them', async (t) => {
  const server = createServer((_, response) => response.end('fetched'))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => server.close())
  const bound = server.address()
  if (bound === null || typeof bound === 'string') throw new Error('the server has no port')
  skipWithout32Bit(t, 'programs of i386')
  for (const program of programs(buildPrograms(), `http://127.0.0.1:${bound.port}/`)) {
    if (no32Bit !== false && program.name.includes('i386')) continue
    const { name, command, output, needs, strict } = program
    const relaxed = await oracle.run(filterFor(needs, 'EPERM'), command)
    t.ok(
      worked(relaxed, output),
      `${name} under ${needs.join(' ')}: ${relaxed.code} ${relaxed.signal} ${relaxed.stderr.slice(-200)}`,
    )
    const all = [...needs, ...strict]
    const killing = await oracle.run(filterFor(all, 'kill'), command)
    t.ok(
      worked(killing, output),
      `${name} under ${all.join(' ')}, killing: ${killing.code} ${killing.signal} ${killing.stderr.slice(-200)}`,
    )
    for (const taken of all) {
      const less = await oracle.run(
        filterFor(
          all.filter((one) => one !== taken),
          'kill',
        ),
        command,
      )
      t.notOk(worked(less, output), `${name} without ${taken}`)
    }
  }
})

interface Built {
  readonly file: string
  readonly musl: string
  readonly glibc: string
  readonly i386: string
  readonly i386Static: string
  readonly go: string
  readonly goFetch: string
}

const goHello = `package main

import "os"

func main() { os.Stdout.WriteString("hello\\n") }
`
const goFetch = `package main

import (
	"io"
	"net/http"
	"os"
)

func main() {
	r, err := http.Get(os.Args[1])
	if err != nil {
		panic(err)
	}
	io.Copy(os.Stdout, r.Body)
}
`

function buildPrograms(): Built {
  const at = (name: string): string => join(oracle.directory, name)
  writeFileSync(at('file.txt'), 'content\n')
  writeFileSync(at('hello.c'), '#include <stdio.h>\nint main(void) { return printf("hello\\n") == 6 ? 0 : 1; }\n')
  writeFileSync(at('hello.go'), goHello)
  writeFileSync(at('fetch.go'), goFetch)
  compile('musl-gcc', ['-static', '-o', at('musl'), at('hello.c')])
  compile('cc', ['-static', '-o', at('glibc'), at('hello.c')])
  compile('i686-linux-gnu-gcc', ['-o', at('i386'), at('hello.c')])
  compile('i686-linux-gnu-gcc', ['-static', '-o', at('i386-static'), at('hello.c')])
  const environment = { CGO_ENABLED: '0', GOFLAGS: '-mod=mod', GOPROXY: 'off' }
  compile('go', ['build', '-o', at('go'), at('hello.go')], environment)
  compile('go', ['build', '-o', at('go-fetch'), at('fetch.go')], environment)
  return {
    file: at('file.txt'),
    musl: at('musl'),
    glibc: at('glibc'),
    i386: at('i386'),
    i386Static: at('i386-static'),
    go: at('go'),
    goFetch: at('go-fetch'),
  }
}

const nodeFiles = `const fs = require("fs"); fs.writeFileSync("made", "hello"); fs.readdirSync(".");
console.log(fs.readFileSync("made", "utf8")); fs.unlinkSync("made")`

function programs(built: Built, url: string): readonly Program[] {
  const python = '/usr/bin/python3'
  return [
    { name: 'true', command: ['/bin/true'], output: /^$/, needs: [], strict: [] },
    { name: 'cat', command: ['/bin/cat', built.file], output: /^content$/m, needs: ['stdio'], strict: [] },
    { name: 'static musl', command: [built.musl], output: /^hello$/m, needs: ['stdio'], strict: [] },
    { name: 'static glibc', command: [built.glibc], output: /^hello$/m, needs: ['stdio'], strict: [] },
    { name: 'i386 glibc', command: [built.i386], output: /^hello$/m, needs: ['stdio'], strict: [] },
    { name: 'static i386 glibc', command: [built.i386Static], output: /^hello$/m, needs: ['stdio'], strict: [] },
    { name: 'Go', command: [built.go], output: /^hello$/m, needs: ['stdio', 'threads'], strict: [] },
    {
      name: 'Go fetch',
      command: [built.goFetch, url],
      output: /^fetched$/,
      needs: ['stdio', 'threads', 'inet_client'],
      strict: [],
    },
    {
      name: 'python3',
      command: [python, '-c', 'print("hello")'],
      output: /^hello$/m,
      needs: ['stdio', 'rpath'],
      strict: [],
    },
    {
      name: 'python3 fetch',
      command: [python, '-c', `import urllib.request; print(urllib.request.urlopen("${url}").read())`],
      output: /fetched/,
      needs: ['stdio', 'rpath', 'inet_client'],
      strict: [],
    },
    {
      name: 'python3 subprocess',
      command: [python, '-c', 'import subprocess; print(subprocess.check_output(["/bin/echo", "hello"]))'],
      output: /hello/,
      needs: ['stdio', 'rpath', 'proc'],
      strict: [],
    },
    {
      name: 'node',
      command: [process.execPath, '-e', 'console.log("hello")'],
      output: /^hello$/m,
      needs: ['stdio', 'threads', 'prot_exec'],
      strict: [],
    },
    {
      name: 'node fetch',
      command: [process.execPath, '-e', `fetch("${url}").then((r) => r.text()).then(console.log)`],
      output: /^fetched$/m,
      needs: ['stdio', 'threads', 'prot_exec', 'inet_client'],
      strict: [],
    },
    {
      name: 'node files',
      command: [process.execPath, '-e', nodeFiles],
      output: /^hello$/m,
      needs: ['stdio', 'threads', 'prot_exec', 'rpath', 'wpath', 'cpath'],
      strict: [],
    },
    {
      name: 'curl',
      command: ['/usr/bin/curl', '-sS', url],
      output: /^fetched$/,
      needs: ['stdio', 'inet_client'],
      strict: ['unix'],
    },
  ]
}
