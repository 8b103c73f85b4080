import { readFileSync, writeFileSync } from 'node:fs'
import t from 'tap'
import type { Arch } from '../../host/facts.js'
import { actionOf, actionText, lets, returnValue, type Action } from './action.js'
import { auditArch } from './arch.js'
import { decodeProgram, encodeProgram, opcode, type Instruction } from './code/bpf.js'
import { refusalOf } from './code/check.js'
import { generate } from './code/generate.js'
import { dataWords, simulate } from './code/simulate.js'
import { toWord64, type Word64 } from './condition/test.js'
import { answer, meaningOf, type Meaning } from './meaning.js'
import { promiseNames, type PromiseName } from './promises.js'
import { prove } from './proof/prove.js'
import type { FilterRequest, Rule } from './request.js'
import {
  allowListFilter,
  compileFilter,
  disassemble,
  evaluateSyscall,
  explainSyscall,
  explanationText,
  listPromises,
  lower,
  oneExecFilter,
  possibleAnswers,
  syscallName,
} from './seccomp.js'
import { syscallTable, type Syscall } from './tables.js'

const garbage = 0xdeadbeef_00000000n
const enosys: Action = { errno: 'ENOSYS' }

function request(promises: readonly PromiseName[], extra: Partial<FilterRequest> = {}): FilterRequest {
  return { arch: 'x86_64', promises, denied: 'EPERM', ...extra }
}

/** Answers by name of call, as `allow`, `EPERM`. */
function answers(made: FilterRequest): (name: string, ...args: readonly bigint[]) => string {
  const { program } = compileFilter(made)
  return (name, ...args) => {
    const [arch, call] = name.startsWith('i386:') ? (['i386', name.slice(5)] as const) : (['x86_64', name] as const)
    const nr = syscallTable(arch).byName.get(call)?.number
    if (nr === undefined) throw new Error(`${arch} has no ${call}`)
    return actionText(evaluateSyscall(program, { arch, nr, args }))
  }
}

t.test('goldens: the listings of small filters are as reviewed', (t) => {
  const listings: readonly (readonly [string, Uint8Array])[] = [
    ['no-promises', compileFilter(request([])).program],
    ['one-exec', oneExecFilter('x86_64')],
    ['allow-list', allowListFilter('x86_64', ['read', 'write', 'ppoll', 'exit_group'])],
  ]
  for (const [name, program] of listings) {
    const path = `src/layers/seccomp/goldens/${name}.txt`
    if (process.env['UPDATE_GOLDENS'] === '1') writeFileSync(path, disassemble(program))
    t.equal(disassemble(program), readFileSync(path, 'utf8'), path)
  }
  t.end()
})

t.test('answers: granted, known but not granted, and unknown calls are told apart', (t) => {
  const relaxed = answers(request(['stdio', 'unix']))
  const strict = answers(request(['stdio', 'unix'], { denied: 'kill' }))
  const cases: readonly (readonly [name: string, args: readonly bigint[], relaxed: string, strict: string])[] = [
    ['read', [], 'allow', 'allow'],
    ['ptrace', [], 'EPERM', 'kill_process'],
    ['socket', [1n, 1n, 0n], 'allow', 'allow'],
    ['socket', [garbage | 1n, garbage | 0x80001n, garbage], 'allow', 'allow'],
    ['socket', [2n, 1n, 0n], 'EPERM', 'kill_process'],
    ['socket', [garbage | 2n, 1n, 0n], 'EPERM', 'kill_process'],
    ['socket', [1n, 3n, 0n], 'EPERM', 'kill_process'],
    ['i386:socket', [1n, 1n, 0n], 'allow', 'allow'],
    ['i386:socket', [2n, 1n, 0n], 'EPERM', 'kill_process'],
    ['i386:socketcall', [1n], 'ENOSYS', 'ENOSYS'],
    ['i386:ipc', [], 'ENOSYS', 'ENOSYS'],
    ['i386:mmap', [], 'ENOSYS', 'ENOSYS'],
    ['clone3', [], 'ENOSYS', 'ENOSYS'],
    ['openat2', [], 'ENOSYS', 'ENOSYS'],
    ['io_uring_setup', [], 'ENOSYS', 'ENOSYS'],
    ['io_uring_enter', [], 'EPERM', 'kill_process'],
    ['mmap', [0n, 4096n, 7n, 0x22n], 'EPERM', 'kill_process'],
    ['mmap', [0n, 4096n, 5n, 0x22n], 'EPERM', 'kill_process'],
    ['mmap', [0n, 4096n, garbage | 5n, 0x22n], 'EPERM', 'kill_process'],
    ['mmap', [0n, 4096n, 5n, 2n], 'allow', 'allow'],
    ['mmap', [0n, 4096n, 7n, 2n], 'EPERM', 'kill_process'],
    ['mmap', [0n, 4096n, 3n, 0x22n], 'allow', 'allow'],
    ['mprotect', [0n, 4096n, 4n], 'EPERM', 'kill_process'],
    ['prlimit64', [0n, 3n, 0n, 5n], 'allow', 'allow'],
    ['prlimit64', [0n, 3n, 1n << 32n, 0n], 'EPERM', 'kill_process'],
    ['prlimit64', [0n, 7n, 1n << 32n, 0n], 'allow', 'allow'],
    ['prlimit64', [1n, 7n, 1n << 32n, 0n], 'EPERM', 'kill_process'],
    ['sendto', [3n, 5n, 5n, 0n, 0n], 'allow', 'allow'],
    ['sendto', [3n, 5n, 5n, 0x20000000n, 0n], 'EPERM', 'kill_process'],
    ['fcntl', [0n, 4n, 0o4000n], 'allow', 'allow'],
    ['fcntl', [0n, 4n, 0o20000n], 'EPERM', 'kill_process'],
  ]
  for (const [name, args, expected, expectedStrict] of cases) {
    t.equal(relaxed(name, ...args), expected, `${name}(${args.join(', ')})`)
    t.equal(strict(name, ...args), expectedStrict, `${name}(${args.join(', ')}) where denied calls kill`)
  }
  t.end()
})

function at(program: Uint8Array, arch: Arch, nr: number): Action {
  return evaluateSyscall(program, { arch, nr, args: [] })
}

t.test('prologue: foreign arches kill, x32 numbers and -1 are refused, gaps and new numbers are unknown', (t) => {
  for (const [denied, x32] of [
    ['EPERM', enosys],
    ['kill', 'kill_process'],
  ] as const) {
    const { program } = compileFilter(request(['stdio'], { denied }))
    t.same(at(program, 'x86_64', 39), 'allow', 'getpid')
    t.same(at(program, 'i386', 20), 'allow', 'getpid of i386')
    for (const nr of [0x40000000, 0x40000027, 0x7fffffff, -1])
      t.same(at(program, 'x86_64', nr), x32, `${denied}: ${nr}`)
    for (const nr of [400, 473, 512, 547, 0x3fffffff])
      t.same(at(program, 'x86_64', nr), enosys, `${denied}: unknown ${nr}`)
    for (const nr of [222, 251, 473, 0x40000014, -1])
      t.same(at(program, 'i386', nr), enosys, `${denied}: unknown i386 ${nr}`)
    for (const arch of ['aarch64', 'arm', 'riscv64'] as const) t.same(at(program, arch, 1), 'kill_process', arch)
  }
  const arm = compileFilter({ arch: 'aarch64', promises: ['stdio', 'rpath'], denied: 'kill' }).program
  t.same(evaluateSyscall(arm, { arch: 'aarch64', nr: 63, args: [] }), 'allow', 'read of aarch64')
  t.same(evaluateSyscall(arm, { arch: 'arm', nr: 983045, args: [] }), 'allow', 'ARM_set_tls')
  t.same(evaluateSyscall(arm, { arch: 'x86_64', nr: 0, args: [] }), 'kill_process')
  t.end()
})

t.test(
  'ioctl: TIOCSTI and TIOCLINUX are never allowed, whatever is promised, allowed or hidden in the upper half',
  (t) => {
    const open: Rule = { syscall: 'ioctl', action: 'allow' }
    const everything = request(promiseNames, { rules: [open], allow: ['ioctl'] })
    for (const made of [
      everything,
      request(['stdio', 'tty']),
      request(promiseNames, { rules: [{ ...open, action: 'log' }] }),
    ]) {
      const ask = answers(made)
      for (const call of ['ioctl', 'i386:ioctl']) {
        for (const cmd of [0x5412n, 0x541cn]) {
          t.equal(ask(call, 0n, cmd), 'EPERM')
          t.equal(ask(call, 0n, garbage | cmd), 'EPERM')
        }
        t.not(ask(call, 0n, 0x5413n), 'EPERM', 'TIOCGWINSZ')
      }
    }
    t.end()
  },
)

t.test('rules: tried in order, before the promises, on the arch that they name', (t) => {
  const rules: readonly Rule[] = [
    { syscall: 'socket', when: 'family == AF_VSOCK', action: 'kill_process' },
    { syscall: 'socket', when: ['family == AF_INET', 'family == AF_INET6'], action: { errno: 'EACCES' } },
    { syscall: 'getpid', arch: 'i386', action: 'log' },
    { syscall: 'socket', when: 'family == AF_VSOCK', action: 'allow' },
    { syscall: 'personality', when: 'personality in [0, 0xffffffff]', action: 'allow' },
  ]
  const ask = answers(request(['stdio', 'unix', 'inet'], { rules, allow: ['uname', 'vhangup'] }))
  t.equal(ask('socket', 40n, 1n, 0n), 'kill_process')
  t.equal(ask('socket', 2n, 1n, 0n), 'EACCES', 'though inet grants it')
  t.equal(ask('socket', 10n, 1n, 0n), 'EACCES')
  t.equal(ask('socket', 1n, 1n, 0n), 'allow', 'what no rule is about')
  t.equal(ask('getpid'), 'allow')
  t.equal(ask('i386:getpid'), 'log')
  t.equal(ask('personality', 0xffffffffn), 'allow')
  t.equal(ask('personality', 8n), 'EPERM')
  t.equal(ask('vhangup'), 'allow')
  t.equal(ask('i386:vhangup'), 'allow')
  t.end()
})

t.test('execve: every filter lets the program start; execveat takes the promise, and memfd for an empty path', (t) => {
  const without = answers(request([]))
  t.equal(without('execve'), 'allow')
  t.equal(without('execveat'), 'EPERM')
  const exec = answers(request(['exec']))
  t.equal(exec('execveat', 3n, 0n, 0n, 0n, 0n), 'allow')
  t.equal(exec('execveat', 3n, 0n, 0n, 0n, 0x1000n), 'EPERM')
  t.equal(answers(request(['exec', 'memfd']))('execveat', 3n, 0n, 0n, 0n, 0x1000n), 'allow')
  t.equal(answers(request(['memfd']))('execveat', 3n, 0n, 0n, 0n, 0n), 'EPERM')
  t.same(
    lower(request(['stdio'])).map(({ op }) => op),
    ['seccomp.allow-one-exec', 'seccomp.load-filter'],
  )
  t.same(
    lower(request(['stdio', 'exec'])).map(({ op }) => op),
    ['seccomp.load-filter'],
  )
  t.same(
    lower(request([], { allow: ['execve'] })).map(({ op }) => op),
    ['seccomp.load-filter'],
  )
  t.end()
})

t.test('fixed filters: one-exec notifies of execve alone, an allow list kills everything else', (t) => {
  const once = oneExecFilter('x86_64')
  for (const [arch, nr] of [
    ['x86_64', 59],
    ['x86_64', 322],
    ['i386', 11],
    ['i386', 358],
  ] as const) {
    t.same(at(once, arch, nr), 'user_notif', `${arch} ${nr}`)
  }
  for (const [arch, nr] of [
    ['x86_64', 60],
    ['x86_64', 58],
    ['i386', 59],
    ['arm', 11],
  ] as const) {
    t.same(at(once, arch, nr), 'allow', `${arch} ${nr}`)
  }
  const relay = allowListFilter('x86_64', ['read', 'write'])
  t.same(at(relay, 'x86_64', 0), 'allow')
  t.same(at(relay, 'x86_64', 1), 'allow')
  for (const [arch, nr] of [
    ['x86_64', 2],
    ['x86_64', 0x40000000],
    ['x86_64', -1],
    ['x86_64', 500],
    ['i386', 3],
    ['arm', 3],
  ] as const) {
    t.same(at(relay, arch, nr), 'kill_process', `${arch} ${nr}`)
  }
  t.throws(() => allowListFilter('x86_64', ['raed']), /no call raed/)
  t.end()
})

/** What the kernel's cache follows at attach (seccomp.c, seccomp_is_const_allow): whether the call is always allowed. */
function kernelCaches(program: readonly Instruction[], arch: Arch, nr: number): boolean {
  let a = 0
  for (let index = 0; index < program.length; index += 1) {
    const { code, jt, jf, k } = program[index] ?? { code: 0, jt: 0, jf: 0, k: 0 }
    switch (code) {
      case opcode.load:
        if (k !== 0 && k !== 4) return false
        a = k === 0 ? nr : auditArch[arch]
        break
      case opcode.return:
        return k === 0x7fff0000
      case opcode.jumpAlways:
        index += k
        break
      case opcode.jumpEqual:
        index += a === k ? jt : jf
        break
      case opcode.jumpGreaterEqual:
        index += a >= k ? jt : jf
        break
      case opcode.jumpGreater:
        index += a > k ? jt : jf
        break
      case opcode.jumpSet:
        index += (a & k) !== 0 ? jt : jf
        break
      case opcode.and:
        a = (a & k) >>> 0
        break
      default:
        return false
    }
  }
  return false
}

t.test('cache: every call that is always allowed is found by the kernel, and no other', (t) => {
  const made = request(['stdio', 'rpath', 'wpath', 'cpath', 'inet', 'threads', 'proc', 'tty', 'flock', 'fattr', 'dns'])
  const program = decodeProgram(compileFilter(made).program)
  let cached = 0
  for (const { arch, decisions } of meaningOf(made).tables) {
    for (const { call, clauses, otherwise } of decisions.values()) {
      const [first] = clauses
      const always = first === undefined ? otherwise === 'allow' : first.when === null && first.action === 'allow'
      if (always) cached += 1
      const found = kernelCaches(program, arch, call.number)
      if (found !== always) t.equal(found, always, `${arch} ${call.name}`)
    }
  }
  t.ok(cached > 400, `${cached} calls are always allowed`)
  t.end()
})

t.test('checker: refuses what the kernel refuses', (t) => {
  const ret: Instruction = { code: 0x06, jt: 0, jf: 0, k: 0x7fff0000 }
  const one = (code: number, k: number, jt = 0, jf = 0): readonly Instruction[] => [{ code, jt, jf, k }, ret]
  const refused: readonly (readonly [string, readonly Instruction[]])[] = [
    ['nothing', []],
    ['4097 instructions', Array.from({ length: 4097 }, () => ret)],
    ['no return at the end', [{ code: 0x20, jt: 0, jf: 0, k: 0 }]],
    ['unaligned load', one(0x20, 2)],
    ['load beyond the data', one(0x20, 64)],
    ['half-word load', one(0x28, 0)],
    ['byte load', one(0x30, 0)],
    ['indirect load', one(0x40, 0)],
    ['modulo', one(0x94, 3)],
    ['return of X', one(0x0e, 0)],
    ['division by zero', one(0x34, 0)],
    ['shift by 32', one(0x64, 32)],
    ['memory that was never stored', one(0x60, 0)],
    ['memory slot 16', one(0x02, 16)],
    ['jump past the end', one(0x05, 1)],
    ['backward jump', one(0x05, 0xffffffff)],
    ['conditional jump past the end', one(0x15, 0, 0, 1)],
  ]
  for (const [name, program] of refused) t.type(refusalOf(program), 'string', name)
  const accepted: readonly (readonly [string, readonly Instruction[]])[] = [
    ['4096 instructions', Array.from({ length: 4096 }, () => ret)],
    ['shift by X', one(0x6c, 0)],
    ['length', one(0x80, 0)],
    ['negation', one(0x84, 0)],
    ['xor with X', one(0xac, 0)],
    ['memory after a store', [{ code: 0x02, jt: 0, jf: 0, k: 3 }, ...one(0x60, 3)]],
  ]
  for (const [name, program] of accepted) t.equal(refusalOf(program), null, name)
  t.end()
})

/** A seeded generator of pseudo-random numbers (mulberry32): the same policies in every run. */
function makeRandom(seed: number): {
  readonly below: (n: number) => number
  readonly pick: <T>(from: readonly T[]) => T
} {
  let state = seed
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const below = (n: number): number => Math.floor(next() * n)
  return {
    below,
    pick: (from) => {
      const found = from[below(from.length)]
      if (found === undefined) throw new Error('nothing to pick from')
      return found
    },
  }
}
type Random = ReturnType<typeof makeRandom>

function randomValue({ below, pick }: Random, width: 16 | 32 | 64): bigint {
  const near = pick([
    0n,
    1n,
    2n,
    3n,
    7n,
    8n,
    0xffn,
    0x1000n,
    0x7fffn,
    0x7fffffffn,
    0x80000000n,
    0xffffffffn,
    1n << 32n,
    garbage | 1n,
  ])
  const value = below(3) === 0 ? BigInt(below(2 ** 31)) * BigInt(below(2 ** 31)) : near
  return BigInt.asUintN(width, value)
}

function randomCondition(random: Random, call: Syscall, arch: Arch): string | null {
  const usable = call.arguments.filter(
    (argument) => !['pointer', 'maybe-pointer32', 'maybe-pointer64', 'split'].includes(argument.class),
  )
  if (usable.length === 0) return null
  const tests = Array.from({ length: 1 + random.below(3) }, () => {
    const argument = random.pick(usable)
    const wide = argument.class === 'u64' || argument.class === 's64'
    const width = argument.class === 'u16' ? 16 : wide && arch === 'x86_64' ? 64 : 32
    const list = (): string => Array.from({ length: 1 + random.below(4) }, () => randomValue(random, width)).join(', ')
    const mask = randomValue(random, width) | 1n
    const masked = Array.from({ length: 1 + random.below(2) }, () => randomValue(random, width) & mask).join(', ')
    const ordered = argument.class === 'w32' || argument.class === 'u64' || argument.class === 'u16'
    const forms = [
      `${argument.name} in [${list()}]`,
      `${argument.name} not in [${list()}]`,
      `${argument.name} & ${mask} in [${masked}]`,
      `${argument.name} & ${mask} not in [${masked}]`,
      ...(ordered
        ? ['<', '<=', '>', '>='].map((order) => `${argument.name} ${order} ${randomValue(random, width)}`)
        : []),
    ]
    return random.pick(forms)
  })
  return tests.join(' and ')
}

function randomRequest(random: Random): FilterRequest {
  const promises = promiseNames.filter(() => random.below(6) === 0)
  const rules = Array.from({ length: random.below(12) }, (): Rule => {
    const arch = random.pick(['x86_64', 'i386'] as const)
    const call = random.pick([...syscallTable(arch).byName.values()])
    const alternatives = Array.from({ length: random.below(4) }, () => randomCondition(random, call, arch))
    const when = alternatives.filter((text) => text !== null)
    const action = random.pick(['allow', 'log', 'kill_process', { errno: 'EACCES' }] as const)
    return when.length === 0 ? { syscall: call.name, arch, action } : { syscall: call.name, arch, when, action }
  })
  const table = [...syscallTable('x86_64').byName.keys()]
  const allow = Array.from({ length: random.below(4) }, () => random.pick(table))
  return { arch: 'x86_64', promises, denied: random.pick(['EPERM', 'kill'] as const), rules, allow }
}

function randomArgument(random: Random, mentioned: readonly Word64[]): Word64 {
  const base = mentioned.length > 0 && random.below(3) > 0 ? random.pick(mentioned) : toWord64(randomValue(random, 64))
  const shifted = (base.lo + random.pick([-1, 0, 0, 0, 1])) >>> 0
  return { hi: random.pick([base.hi, base.hi, (base.hi ^ 0xdeadbeef) >>> 0, 0xffffffff]), lo: shifted }
}

function disagreements(
  program: readonly Instruction[],
  meaning: Meaning,
  random: Random,
  tries: number,
): readonly string[] {
  return Array.from({ length: tries }, (): string | null => {
    const table = random.pick(meaning.tables)
    const decision = random.pick([...table.decisions.values()])
    const tests = decision.clauses.flatMap(({ when }) => when ?? []).flatMap((one) => one.tests)
    const mentioned = tests.flatMap(({ values }) => values)
    const args = Array.from({ length: 6 }, () => randomArgument(random, mentioned))
    const { number: own } = decision.call
    const number =
      random.pick([own, own, own, own, own + 1, own - 1, own | 0x40000000, 0xffffffff, random.below(2 ** 31)]) >>> 0
    const arch = random.pick([table.audit, table.audit, table.audit, table.audit, auditArch.arm, 0xc000003f])
    const got = simulate(program, dataWords({ arch, number, args })).value
    const wanted = returnValue(answer(meaning, arch, number, args))
    return got === wanted
      ? null
      : `${decision.call.name} ${arch} ${number} ${JSON.stringify(args)}: ${got} for ${wanted}`
  }).filter((text) => text !== null)
}

t.test(
  'random policies: the program does what the policy means, also for garbage, neighbours, x32, -1 and other arches',
  (t) => {
    const random = makeRandom(1)
    const longest = { instructions: 0 }
    for (let round = 0; round < 60; round += 1) {
      const made = randomRequest(random)
      const meaning = meaningOf(made)
      const program = decodeProgram(compileFilter(made).program)
      longest.instructions = Math.max(longest.instructions, program.length)
      const wrong = disagreements(program, meaning, random, 400)
      if (wrong.length > 0) t.same(wrong, [], JSON.stringify(made))
    }
    t.ok(longest.instructions > 400, `the longest has ${longest.instructions} instructions`)
    t.end()
  },
)

t.test('long programs: jumps farther than 255 instructions arrive', (t) => {
  const random = makeRandom(7)
  const calls = [...syscallTable('x86_64').byName.values()].filter((call) => call.arguments.length > 1)
  const rules = Array.from({ length: 120 }, (): Rule => {
    const call = random.pick(calls)
    const when = randomCondition(random, call, 'x86_64')
    return { syscall: call.name, arch: 'x86_64', ...(when === null ? {} : { when }), action: { errno: 'EACCES' } }
  })
  const made = request(['stdio', 'rpath', 'inet', 'tty'], { rules })
  const program = decodeProgram(compileFilter(made).program)
  t.ok(program.length > 700, `${program.length} instructions`)
  t.ok(
    program.some(({ code }) => code === opcode.jumpAlways),
    'needs long jumps',
  )
  t.same(disagreements(program, meaningOf(made), random, 4000), [])
  t.end()
})

t.test('proof: every program with one wrong jump, constant, mask, offset or answer is caught', (t) => {
  const made = request([], {
    rules: [{ syscall: 'socket', when: 'family in [1, 2, 16] and type & 0xf == 1', action: 'log' }],
  })
  const meaning = meaningOf(made)
  const program = generate(meaning)
  t.doesNotThrow(() => prove(program, meaning))
  const survivors: (readonly Instruction[])[] = []
  let mutants = 0
  for (const [index, instruction] of program.entries()) {
    for (const mutant of mutantsOf(instruction)) {
      mutants += 1
      const changed = program.with(index, mutant)
      try {
        prove(changed, meaning)
        survivors.push(changed)
      } catch {
        // Caught, which is what each mutant is for.
      }
    }
  }
  t.ok(mutants > 300, `${mutants} mutants`)
  const different = survivors.filter((changed) => !sameAnswers(program, changed))
  t.same(different, [], `${survivors.length} mutants are the same function (>= where only one number arrives)`)
  t.ok(survivors.length < mutants / 10)
  t.end()
})

/** Whether two programs answer alike to every number up to 500, some beyond, and a range of first arguments. */
function sameAnswers(one: readonly Instruction[], other: readonly Instruction[]): boolean {
  const numbers = [
    ...Array.from({ length: 500 }, (_, number) => number),
    0x3fffffff,
    0x40000000,
    0x40000001,
    0xffffffff,
  ]
  const values = [
    ...Array.from({ length: 9 }, (_, lo) => lo),
    0x10,
    0x40,
    0x200,
    0x400000,
    0x1002,
    0x3001,
    0x5001,
    0x5005,
  ]
  return [auditArch.x86_64, auditArch.i386].every((arch) => {
    return numbers.every((number) => {
      return values.every((lo, index) => {
        const near: Word64 = { hi: index % 3, lo }
        const words = dataWords({ arch, number, args: [near, near, { hi: 0, lo }, near, { hi: 0, lo: 0 }, near] })
        return simulate(one, words).value === simulate(other, words).value
      })
    })
  })
}

function mutantsOf(instruction: Instruction): readonly Instruction[] {
  const { code, jt, jf, k } = instruction
  switch (code) {
    case opcode.return:
      return [{ ...instruction, k: k === 0x7fff0000 ? 0x80000000 : 0x7fff0000 }]
    case opcode.load:
      return [{ ...instruction, k: (k + 4) % 64 }]
    case opcode.and:
      return [{ ...instruction, k: k ^ 1 }]
    case opcode.jumpEqual:
    case opcode.jumpGreaterEqual:
    case opcode.jumpSet:
      return [
        { ...instruction, jt: jf, jf: jt },
        { ...instruction, k: (k + 1) >>> 0 },
        { ...instruction, code: code === opcode.jumpEqual ? opcode.jumpGreaterEqual : opcode.jumpEqual },
      ]
    default:
      return []
  }
}

t.test('explain: says who answers, and its remedies are the smallest sets that change the answer', (t) => {
  const made = request(['stdio', 'unix'], {
    denied: 'kill',
    rules: [{ syscall: 'socket', when: 'family == AF_VSOCK', action: 'kill_process' }],
  })
  const socket = explainSyscall('socket', 'x86_64', made)
  t.equal(socket.answer, 'conditional')
  t.same(
    socket.clauses.map(({ by }) => by),
    ['rules[0]', 'unix'],
  )
  t.match(
    explanationText(socket),
    /^socket \(x86_64 41\): kill_process if family == AF_VSOCK \[rules\[0\]\], allow if .* otherwise kill_process$/,
  )
  t.equal(explainSyscall('read', 'x86_64', made).answer, 'allowed')
  t.same(
    explainSyscall('execve', 'x86_64', made).clauses.map(({ by }) => by),
    ['one-exec'],
  )
  t.equal(explainSyscall('open', 'aarch64', { ...made, arch: 'aarch64', rules: [] }).answer, 'unknown')
  t.same(explainSyscall('ptrace', 'x86_64', made).remedies, [['debug']])
  t.same(explainSyscall('openat', 'x86_64', made, [0n, 0n, 0o1101n]).remedies, [['tmppath'], ['wpath', 'cpath']])
  t.same(explainSyscall('openat', 'x86_64', made, [0n, 0n, 0n]).answer, 'allowed', 'the loader may read')
  t.same(explainSyscall('socket', 'x86_64', made, [2n, 2n, 0n]).remedies, [
    ['inet'],
    ['inet_client'],
    ['inet_server'],
    ['dns'],
  ])
  t.equal(explainSyscall('socket', 'x86_64', made, [40n, 1n, 0n]).decisive, 0)
  t.equal(explainSyscall('socket', 'x86_64', made, [1n, 1n, 0n]).decisive, 1)
  t.equal(explainSyscall('socket', 'x86_64', made, [2n, 1n, 0n]).decisive, null)
  t.same(explainSyscall('reboot', 'x86_64', made).answer, 'denied')
  t.equal(syscallName('i386', 102), 'socketcall')
  t.equal(syscallName('x86_64', 400), null)
  const listed = listPromises()
  t.equal(listed.length, 44)
  t.match(
    listed.find(({ name }) => name === 'rpath'),
    { kind: 'promise', opens: [{ calls: 'open' }, { calls: 'openat' }] },
  )
  t.end()
})

t.test('explain and the program agree on every call of both tables', (t) => {
  for (const made of [
    request(['stdio', 'rpath', 'inet']),
    request(['proc', 'tty', 'dns'], { denied: 'kill', allow: ['bpf'] }),
  ]) {
    const { program } = compileFilter(made)
    for (const arch of ['x86_64', 'i386'] as const) {
      for (const [index, name] of [...syscallTable(arch).byName.keys()].entries()) {
        if (index % 7 !== 0 && !['socket', 'ioctl', 'openat', 'mmap', 'prlimit64'].includes(name)) continue
        const possible = possibleAnswers(program, arch, name) ?? []
        const wanted = possible.every(lets) ? 'allowed' : possible.some(lets) ? 'conditional' : 'denied'
        const told = explainSyscall(name, arch, made).answer
        if (told !== wanted) t.equal(told, wanted, `${arch} ${name}`)
      }
    }
  }
  t.equal(possibleAnswers(compileFilter(request([])).program, 'x86_64', 'socketcall'), null)
  t.pass('compared')
  t.end()
})

t.test('programs: bytes and instructions convert both ways, and the same request gives the same bytes', (t) => {
  const { program, instructions } = compileFilter(request(['stdio', 'inet']))
  t.equal(program.length, 8 * instructions)
  t.same(encodeProgram(decodeProgram(program)), program)
  t.same(compileFilter(request(['stdio', 'inet'])).program, program)
  t.throws(() => decodeProgram(program.subarray(1)), /no array of sock_filter/)
  t.equal(actionOf(0), 'kill_thread', 'RET 0 is no allow')
  t.throws(() => actionOf(0x7ff00000), /no action/, 'a tracer is asked by no filter of ours')
  t.end()
})
