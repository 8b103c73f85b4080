import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { packageRoot } from '../../core/package-root.js'
import type { Arch } from '../../host/facts.js'
import { bindAlternatives, bindCondition } from './condition/bind.js'
import { both, everywhere, isSatisfiable, isWithin, type Region } from './condition/cover.js'
import { ConditionError } from './condition/error.js'
import { parseCondition } from './condition/grammar.js'
import { holds, toWord64 } from './condition/test.js'
import { toWords } from './condition/words.js'
import { compileFilter } from './compile.js'
import { conditionProblems } from './problems/conditions.js'
import { makeContext } from './problems/context.js'
import { syscallTable, type Syscall } from './tables.js'

function callOf(arch: Arch, name: string): Syscall {
  const call = syscallTable(arch).byName.get(name)
  if (call === undefined) throw new Error(`${arch} has no ${name}`)
  return call
}

/** Whether a condition holds for x86_64 arguments. */
function met(name: string, text: string, ...args: readonly bigint[]): boolean {
  const values = args.map(toWord64)
  return bindAlternatives(text, callOf('x86_64', name), 'x86_64').some(({ tests }) => holds(tests, values))
}

function refusal(name: string, text: string, arch: Arch = 'x86_64'): ConditionError {
  try {
    bindAlternatives(text, callOf(arch, name), arch)
  } catch (error) {
    if (error instanceof ConditionError) return error
    throw error
  }
  throw new Error(`no refusal of ${text}`)
}

t.test('conditions: the mask binds tighter than the comparison, and both sides may be joined flags', (t) => {
  t.equal(met('socket', 'type & SOCK_TYPE_MASK == SOCK_STREAM', 0n, 0x80801n), true)
  t.equal(met('socket', 'type & SOCK_TYPE_MASK == SOCK_STREAM', 0n, 3n), false, 'SOCK_RAW is no SOCK_STREAM')
  t.equal(met('openat', 'flags & (O_CREAT | O_EXCL) == O_CREAT | O_EXCL', 0n, 0n, 0o300n), true)
  t.equal(met('openat', 'flags & (O_CREAT | O_EXCL) == O_CREAT | O_EXCL', 0n, 0n, 0o100n), false)
  t.equal(met('openat', 'flags & ~(O_ACCMODE | O_CLOEXEC) == 0', 0n, 0n, 0o2000001n), true)
  t.equal(met('openat', 'flags & ~(O_ACCMODE | O_CLOEXEC) == 0', 0n, 0n, 0o2000101n), false)
  t.equal(met('socket', 'family not in [AF_INET, 0x28]', 40n), false)
  t.equal(met('socket', 'family not in [AF_INET, 0x28]', 1n), true)
  t.equal(met('openat', 'dfd == AT_FDCWD', 0xffffff9cn), true, 'with a zero upper half')
  t.equal(met('openat', 'dfd == -100', -100n), true, 'sign-extended')
  t.equal(met('socket', 'arg0 == 1 and arg1 == 2', 1n, 2n), true, 'by position')
  t.end()
})

t.test('conditions: garbage in the upper half counts only where the kernel uses it', (t) => {
  const garbage = 0xdeadbeef00000000n
  t.equal(met('socket', 'family == AF_UNIX', garbage | 1n), true, 'int')
  t.equal(met('mmap', 'prot & PROT_EXEC == 0', 0n, 0n, garbage | 4n), false, 'prot of mmap: on the override list')
  t.equal(met('mmap', 'prot & PROT_EXEC == 0', 0n, 0n, garbage | 1n), true)
  t.equal(met('mmap', 'len < 4096', 0n, garbage | 1n), false, 'size_t: both words')
  t.equal(met('mmap', 'len >= 0x100000000', 0n, 1n << 32n), true)
  t.equal(met('mmap', 'len > 0x100000000', 0n, 1n << 32n), false)
  t.equal(met('prlimit64', 'new_rlim == NULL', 0n, 0n, 1n << 32n), false, 'a pointer with a zero lower half')
  t.equal(met('chmod', 'mode == 0x1a4', 0n, 0x101a4n), true, 'umode_t is 16 bits wide')
  t.end()
})

t.test('conditions: each mistake has its own message, its place, and mostly its mend', (t) => {
  const mistakes: readonly (readonly [
    call: string,
    text: string,
    message: RegExp,
    offset: number,
    fix: RegExp | null,
  ])[] = [
    ['socket', '', /expected the name of an argument, found the end/, 0, null],
    ['socket', 'family', /expected a comparison .* found the end/, 6, null],
    ['socket', 'family = 1', /unexpected character "="/, 7, /==/],
    ['socket', 'family == ', /expected a number or a constant, found the end/, 10, null],
    ['socket', 'family == 1 type == 1', /expected "and" or "or", found "type"/, 12, null],
    ['socket', 'family in AF_UNIX', /expected "\[", found "AF_UNIX"/, 10, /\[A, B\]/],
    ['socket', 'family in [AF_UNIX', /expected "\]", found the end/, 18, null],
    ['socket', 'family not 1', /expected "in", found "1"/, 11, null],
    ['socket', '1 == family', /expected the name of an argument, found "1"/, 0, null],
    ['socket', 'famly == 1', /no argument "famly"; it has family, type, protocol/, 0, /write family/],
    ['socket', 'arg5 == 1', /no argument "arg5"/, 0, /one of family/],
    ['getpid', 'arg0 == 1', /no argument that a filter could test/, 0, /remove/],
    ['socket', 'family == AF_VSOK', /unknown constant AF_VSOK/, 10, /AF_VSOCK/],
    ['socket', 'family == 0x1_0', /"0x1_0" is no number/, 10, null],
    ['socket', 'family == 01', /"01" is no number/, 10, /0o1/],
    ['socket', 'family == 0x100000000', /uses 32 bits of family/, 10, null],
    ['mmap', 'len == 0x10000000000000000', /uses 64 bits of len/, 7, null],
    [
      'socket',
      'type & SOCK_STREAM == SOCK_STREAM',
      /SOCK_STREAM is one choice of several, not a flag/,
      7,
      /SOCK_TYPE_MASK/,
    ],
    ['openat', 'flags & O_RDONLY == 0', /one choice of several/, 8, /O_ACCMODE/],
    ['openat', 'flags & 0 == 0', /the mask is 0/, 8, /remove/],
    ['openat', 'flags & O_CREAT == O_EXCL', /bits that the mask O_CREAT removes/, 19, null],
    ['mmap', 'flags & 3 < 2', /masked argument can be compared with ==, != and in only/, 0, null],
    ['lseek', 'offset < 0', /is signed/, 0, /in \[/],
    ['openat', 'filename == 5', /pointer: the kernel reads .* after the filter has run/, 0, /filesystem\.read/],
    ['connect', 'uservaddr == 5', /pointer/, 0, /network\.egress/],
    ['execve', 'filename == 5', /pointer/, 0, /filesystem\.exec/],
    ['futex', 'uaddr & 1 == 0', /pointer/, 0, /as a whole/],
    ['ioctl', 'arg == 5', /pointer for some commands/, 0, /cmd == \.\.\./],
    ['ioctl', 'cmd != TIOCSTI and arg == 5', /pointer for some commands/, 19, null],
    ['fcntl', 'fd == 3 and arg == 5', /pointer for some commands/, 12, /cmd == /],
    ['prctl', 'option == PR_SET_PDEATHSIG and arg2 == ARM_X', /unknown constant ARM_X/, 39, null],
  ]
  for (const [call, text, message, offset, fix] of mistakes) {
    const error = refusal(call, text)
    t.match(error.message, message, text)
    t.equal(error.offset, offset, `place in: ${text}`)
    if (fix !== null) t.match(error.fix, fix, `mend of: ${text}`)
  }
  t.match(refusal('pread64', 'pos_lo == 0', 'i386').message, /half of a 64-bit value/)
  t.match(refusal('socket', 'family == ARCH_SET_FS', 'arm').message, /does not exist on arm, only on x86_64, i386/)
  t.doesNotThrow(() => bindCondition('cmd == F_SETFL and arg == 5', callOf('x86_64', 'fcntl'), 'x86_64'))
  t.doesNotThrow(() => bindCondition('filename != NULL', callOf('x86_64', 'openat'), 'x86_64'))
  t.equal(parseCondition('a in [1, 2] and b & ~(X | Y) != 0')[0]?.length, 2)
  t.end()
})

t.test('conditions: or is one of several, and and binds tighter', (t) => {
  const both = 'family == 1 or family == 2 and type == 3'
  t.equal(met('socket', both, 1n, 0n), true)
  t.equal(met('socket', both, 2n, 3n), true)
  t.equal(met('socket', both, 2n, 4n), false)
  const grouped = '(family == 1 or family == 2) and type == 3'
  t.equal(met('socket', grouped, 1n, 0n), false, 'control: parentheses change it')
  t.equal(met('socket', grouped, 1n, 3n), true)
  t.equal(met('socket', '((family == 1) or (family == 2 and (type == 3)))', 2n, 3n), true)
  t.same(
    bindAlternatives(grouped, callOf('x86_64', 'socket'), 'x86_64').map(({ text }) => text),
    ['family == 1 and type == 3', 'family == 2 and type == 3'],
  )
  t.match(refusal('fcntl', 'cmd == F_SETFL or arg == 5').message, /pointer for some commands/, 'the other alternative')
  t.doesNotThrow(() =>
    bindAlternatives('(cmd == F_SETFL or cmd == F_GETFL) and arg == 5', callOf('i386', 'fcntl'), 'i386'),
  )
  t.match(refusal('socket', '('.repeat(9)).message, /nested deeper than 8/)
  t.end()
})

t.test('conditions: numbers are decimal, hexadecimal or octal', (t) => {
  t.equal(met('chmod', 'mode == 0o755', 0n, 0o755n), true)
  t.equal(met('chmod', 'mode == 0x1ed', 0n, 493n), true)
  t.equal(met('chmod', 'mode == 493', 0n, 0o755n), true)
  t.match(refusal('chmod', 'mode == 0755').fix, /0o755/)
  t.end()
})

t.test('docs/conditions.md: its grammar is that of the parser, and its examples are read', (t) => {
  const page = readFileSync(join(packageRoot(), 'docs/conditions.md'), 'utf8')
  const examples = /```conditions\n([^]*?)```/.exec(page)?.[1]?.trim().split('\n') ?? []
  t.ok(examples.length >= 8, 'the examples are found')
  for (const example of examples) {
    const [, name = '', text = ''] = /^(\w+): (.*)$/.exec(example) ?? []
    t.doesNotThrow(() => bindAlternatives(text, callOf('x86_64', name), 'x86_64'), example)
  }
  const parser = readFileSync(join(packageRoot(), 'src/layers/seccomp/condition/grammar.ts'), 'utf8')
  const rules = /```\n(condition = [^]*?)```/.exec(page)?.[1]?.trim().split('\n') ?? []
  const inParser = ['condition', 'all', 'part', 'test', 'list', 'value', 'items', 'item', 'argument']
  t.same(
    rules.map((rule) => rule.split(/\s+=/)[0]?.trim()).filter((rule) => rule !== 'order'),
    inParser,
  )
  for (const rule of inParser) t.match(parser, new RegExp(`/\\*\\* ${rule} = `), `the parser has ${rule}`)
  t.end()
})

function region(name: string, text: string): Region {
  return bindAlternatives(text, callOf('x86_64', name), 'x86_64').flatMap(({ tests }) => toWords(tests))
}

t.test('regions: what contains what is decided exactly, over masks, words and alternatives', (t) => {
  const cases: readonly (readonly [call: string, inner: string, outer: string, within: boolean])[] = [
    ['socket', 'family == 1', 'family in [1, 2]', true],
    ['socket', 'family in [1, 2]', 'family == 1', false],
    ['socket', 'family == 1 and type == 2', 'family == 1', true],
    ['socket', 'family in [1, 2]', 'family == 1 or family == 2', true],
    ['read', 'fd == 3', 'count < 10 or count >= 10', true],
    ['read', 'fd == 3', 'count < 10 or count > 10', false],
    ['read', 'count > 0x100000005', 'count >= 0x100000000', true],
    ['read', 'count >= 0x100000000', 'count > 0x100000005', false],
    ['openat', 'flags == 0o101', 'flags & O_CREAT == O_CREAT', true],
    ['openat', 'flags == 1', 'flags & O_CREAT == O_CREAT', false],
    ['openat', 'flags & 7 == 5', 'flags & 1 == 1', true],
    ['openat', 'flags & 1 == 1', 'flags & 7 in [1, 3, 5]', false],
    ['openat', 'flags & 1 == 1', 'flags & 7 in [1, 3, 5, 7]', true],
    ['openat', 'flags & 6 == 2 and flags & 1 == 0', 'flags & 7 == 2', true],
  ]
  for (const [call, inner, outer, within] of cases) {
    t.equal(isWithin(region(call, inner), region(call, outer)), within, `${inner} lies in ${outer}`)
  }
  t.equal(isWithin(everywhere, region('read', 'count < 10 or count >= 10')), true)
  t.same(both(region('openat', 'flags & 3 == 1'), region('openat', 'flags & 1 == 0')), [])
  t.ok(
    region('openat', 'flags & 3 == 1 and flags & 6 != 0').some((one) => isSatisfiable(one)),
    'control: bit 2 is free',
  )
  t.end()
})

t.test('regions: the answers are those of a search over every value of a few bits', (t) => {
  const seed = 20_260_101
  t.comment(`seed ${seed}`)
  let state = seed
  const random = (below: number): number => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff
    return (state >>> 8) % below
  }
  const test = (): string => {
    const mask = 1 + random(15)
    return random(2) === 0 ? `flags & ${mask} == ${random(16) & mask}` : `flags & ${mask} != ${random(16) & mask}`
  }
  const call = callOf('x86_64', 'openat')
  const regionIn = (text: string): Region =>
    bindAlternatives(text, call, 'x86_64').flatMap(({ tests }) => toWords(tests))
  const values = Array.from({ length: 16 }, (_, value) => [0n, 0n, BigInt(value)].map(toWord64))
  const holdsFor = (text: string) => {
    const alternatives = bindAlternatives(text, call, 'x86_64')
    return values.filter((args) => alternatives.some(({ tests }) => holds(tests, args)))
  }
  let contained = 0
  for (let round = 0; round < 400; round += 1) {
    const inner = `${test()} and ${test()}`
    const outer = `${test()} or ${test()} and ${test()}`
    const outside = holdsFor(outer)
    const expected = holdsFor(inner).every((args) => outside.includes(args))
    if (isWithin(regionIn(inner), regionIn(outer)) !== expected) t.fail(`${inner} in ${outer}`)
    if (expected) contained += 1
  }
  t.ok(contained > 20 && contained < 380, `${contained} of 400 are contained`)
  t.end()
})

t.test('regions: what would take too long to find out stays open, and is no mistake', (t) => {
  const bits = Array.from({ length: 14 }, (_, index) => {
    const shift = 2 * index
    return `flags & ${(3 << shift) >>> 0} in [${(1 << shift) >>> 0}, ${(2 << shift) >>> 0}]`
  }).join(' and ')
  t.ok(
    region('openat', bits).every((one) => isSatisfiable(one)),
    'a value for each pair of bits',
  )
  t.notOk(isSatisfiable([...(region('openat', `${bits} and flags == 0`)[0] ?? [])]), 'control: decided where it can be')
  t.equal(isWithin(region('socket', 'family == 1'), region('socket', 'family in [1, 2]'), { steps: 0 }), false)
  const masks = Array.from(
    { length: 12 },
    (_, index) => `len & ${(1n << BigInt(33 + index)) + 16n + BigInt(index)} != 16`,
  ).join(' and ')
  t.throws(() => region('munmap', masks), { code: 'ERR_SANDBOX_COMPLEXITY' })
  t.end()
})

t.test('policies: what takes too long to judge is not judged, and what is too complex is still told', (t) => {
  const list = (rule: number, at: number) =>
    Array.from({ length: 110 }, (_, item) => `0x${(rule * 1760 + at * 110 + item + 1).toString(16)}00000007`)
  const rules = Array.from({ length: 5 }, (_, rule) => ({
    syscall: 'madvise',
    arch: 'x86_64' as const,
    when: Array.from({ length: 16 }, (__, at) => `len in [${list(rule, at).join(', ')}]`),
    action: { errno: ['EPERM', 'EACCES', 'EINVAL'][rule % 3] ?? 'EPERM' },
  }))
  const part = { promises: ['stdio'] as const, denied: 'EPERM' as const, rules }
  const context = makeContext(part, 'x86_64', 'none')
  const before = context.budget.steps
  const placed = rules.map((rule, index) => ({ rule, index, key: `syscalls.rules[${index}]` }))
  const tables = [syscallTable('x86_64')]
  t.same(
    placed.flatMap((one) => conditionProblems(one, tables, context)),
    [],
  )
  t.ok(context.budget.steps < before, 'what is asked of each test is counted')
  const spent = { ...context, budget: { steps: -1 } }
  const idle = {
    rule: { ...rules[0], syscall: 'madvise', action: 'allow' as const, when: 'len >= 0' },
    index: 0,
    key: 'k',
  }
  t.same(conditionProblems(idle, tables, spent), [], 'help stops')
  t.match(conditionProblems(idle, tables, context), [{ message: 'every value meets this test, so it says nothing' }])
  t.throws(() => compileFilter({ ...part, arch: 'x86_64' }), { name: 'ComplexityError', message: /madvise \(x86_64\)/ })
  t.end()
})

t.test('policies: alternatives are counted over all rules, and too many are told once', (t) => {
  const either = (left: string, right: string) => `(${left} or ${right})`
  const when = Array.from({ length: 6 }, (_, at) => either(`fd != ${at}`, `cmd != ${at}`)).join(' and ')
  const rule = { syscall: 'fcntl', arch: 'x86_64' as const, when: Array(16).fill(when), action: { errno: 'EPERM' } }
  const problems = (count: number) => {
    const part = { promises: [], denied: 'EPERM' as const, rules: Array.from({ length: count }, () => rule) }
    const context = makeContext(part, 'x86_64', 'none')
    const placed = { rule, index: 0, key: 'syscalls.rules[0]' }
    const found = part.rules.flatMap(() => conditionProblems(placed, [syscallTable('x86_64')], context))
    return found.map(({ message }) => message)
  }
  t.same(problems(16), [], 'control: 16,384')
  t.same(problems(18), ['up to here, the conditions of all rules come to more than 16384 alternatives'])
  t.end()
})

t.test('conditions: a character beyond 16 bits is told whole', (t) => {
  t.match(refusal('read', 'count == \u{1f600}').message, '\u{1f600}')
  t.end()
})
