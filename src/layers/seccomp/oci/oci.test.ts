import t from 'tap'
import { SandboxError } from '../../../core/errors.js'
import { policyError } from '../../../policy/finding.js'
import { parseSource, spanFinder } from '../../../policy/source.js'
import { seccompProblems } from '../problems.js'
import { importProfile, type ImportedPolicy } from './import.js'
import { lossLines } from './losses.js'
import type { Profile } from './profile.js'
import { readProfile } from './read.js'
import { policyYaml } from './yaml.js'

function profileOf(value: unknown): Profile {
  const { profile, problems } = readProfile(parseSource(JSON.stringify(value), 'p.json').root)
  if (problems.length > 0) throw new Error(JSON.stringify(problems))
  return profile
}

const start = { names: ['execve', 'exit', 'exit_group', 'rt_sigreturn'], action: 'SCMP_ACT_ALLOW' }
const eperm = { defaultAction: 'SCMP_ACT_ERRNO', architectures: ['SCMP_ARCH_X86_64', 'SCMP_ARCH_X86'] }

function imported(entries: readonly object[], more: object = {}, caps: readonly string[] = []): ImportedPolicy {
  return importProfile(profileOf({ ...eperm, syscalls: [start, ...entries], ...more }), 'x86_64', caps)
}

const worded: readonly (readonly [claim: string, entries: readonly object[], line: RegExp])[] = [
  ['a name', [{ names: ['sync'], action: 'SCMP_ACT_ALLOW' }], / {6}sync,/],
  ['the old form of a name', [{ name: 'sync', action: 'SCMP_ACT_ALLOW' }], / {6}sync,/],
  [
    'orders that leave two families out',
    [
      { names: ['socket'], action: 'SCMP_ACT_ALLOW', args: [{ index: 0, value: 38, op: 'SCMP_CMP_LT' }] },
      { names: ['socket'], action: 'SCMP_ACT_ALLOW', args: [{ index: 0, value: 39, op: 'SCMP_CMP_EQ' }] },
      { names: ['socket'], action: 'SCMP_ACT_ALLOW', args: [{ index: 0, value: 40, op: 'SCMP_CMP_GT' }] },
    ],
    /syscall: socket, when: "family not in \[AF_ALG, AF_VSOCK\]", action: allow/,
  ],
  [
    'a mask',
    [
      {
        names: ['clone'],
        action: 'SCMP_ACT_ALLOW',
        args: [{ index: 0, value: 2114060288, valueTwo: 0, op: 'SCMP_CMP_MASKED_EQ' }],
      },
    ],
    /syscall: clone, when: "\w+ & 0x7e020000 == 0", action: allow/,
  ],
  [
    'two tests of one argument, each an alternative',
    [
      {
        names: ['dup'],
        action: 'SCMP_ACT_ALLOW',
        args: [
          { index: 0, value: 3, op: 'SCMP_CMP_EQ' },
          { index: 0, value: 5, op: 'SCMP_CMP_EQ' },
        ],
      },
    ],
    /syscall: dup, when: "fildes in \[3, 5\]", action: allow/,
  ],
  [
    'an errno',
    [{ names: ['sync'], action: 'SCMP_ACT_ERRNO', errnoRet: 13 }],
    /syscall: sync, action: \{ errno: EACCES \}/,
  ],
  [
    'an errno by name',
    [{ names: ['sync'], action: 'SCMP_ACT_ERRNO', errno: 'EACCES' }],
    /syscall: sync, action: \{ errno: EACCES \}/,
  ],
  [
    'an errno by number and name',
    [{ names: ['sync'], action: 'SCMP_ACT_ERRNO', errnoRet: 13, errno: 'EACCES' }],
    /syscall: sync, action: \{ errno: EACCES \}/,
  ],
  ['an end', [{ names: ['sync'], action: 'SCMP_ACT_KILL_PROCESS' }], /syscall: sync, action: kill_process/],
  ['the end of a thread', [{ names: ['sync'], action: 'SCMP_ACT_KILL' }], /syscall: sync, action: kill_thread/],
  ['a trap', [{ names: ['sync'], action: 'SCMP_ACT_TRAP' }], /syscall: sync, action: trap/],
  ['a log', [{ names: ['sync'], action: 'SCMP_ACT_LOG' }], /syscall: sync, action: log/],
  [
    'a trace, without a tracer',
    [{ names: ['sync'], action: 'SCMP_ACT_TRACE' }],
    /syscall: sync, action: \{ errno: ENOSYS \}/,
  ],
]
for (const [claim, entries, line] of worded) {
  t.test(`import: ${claim}`, (t) => {
    const { request } = imported(entries)
    t.match(policyYaml('p', request, []), line)
    const { arch, ...part } = request
    t.same(seccompProblems(part, arch), [], 'a right policy')
    t.end()
  })
}

const lost: readonly (readonly [claim: string, made: () => ImportedPolicy, line: RegExp])[] = [
  [
    'a capability',
    () => imported([{ names: ['mount'], action: 'SCMP_ACT_ALLOW', includes: { caps: ['CAP_SYS_ADMIN'] } }]),
    /^note: left out, only with CAP_SYS_ADMIN: mount$/m,
  ],
  [
    'a kernel',
    () => imported([{ names: ['sync'], action: 'SCMP_ACT_ALLOW', includes: { minKernel: '4.8' } }]),
    /^note: taken as given: Linux 4\.8 or later$/m,
  ],
  [
    'an unknown name',
    () => imported([{ names: ['no_such_call'], action: 'SCMP_ACT_ALLOW' }]),
    /^note: no such call in our tables, answered ENOSYS: no_such_call$/m,
  ],
  [
    'a pointer',
    () =>
      imported([{ names: ['unlink'], action: 'SCMP_ACT_ALLOW', args: [{ index: 0, value: 4096, op: 'SCMP_CMP_EQ' }] }]),
    /^stricter: x86_64, allow became EPERM for some arguments: unlink$/m,
  ],
  [
    'success that is none',
    () => imported([{ names: ['sync'], action: 'SCMP_ACT_ERRNO', errnoRet: 0 }]),
    /^different: x86_64, success became EPERM: sync$/m,
  ],
  [
    'the 32-bit table',
    () => imported([], { architectures: ['SCMP_ARCH_X86_64'] }),
    /^weaker: calls of i386 end the thread/m,
  ],
  [
    'x32',
    () => imported([], { architectures: ['SCMP_ARCH_X86_64', 'SCMP_ARCH_X86', 'SCMP_ARCH_X32'] }),
    /^stricter: x32 calls/m,
  ],
  ['what libraries try out', () => imported([]), /^different: x86_64, EPERM became ENOSYS: .*clone3/m],
  [
    'unknown numbers',
    () => imported([]),
    /^different: numbers that no table has: SCMP_ACT_ERRNO in the profile, ENOSYS here/m,
  ],
  [
    'a multiplexer',
    () => imported([{ names: ['socketcall'], action: 'SCMP_ACT_ALLOW' }]),
    /^stricter: i386, allow became ENOSYS: socketcall$/m,
  ],
  [
    'what is never allowed',
    () => imported([{ names: ['ioctl'], action: 'SCMP_ACT_ALLOW' }]),
    /^stricter: x86_64, allow became EPERM for some arguments: ioctl$/m,
  ],
  ['a listener', () => imported([], { listenerPath: 'l.sock' }), /^different: nobody listens here/m],
  [
    'flags',
    () => imported([], { flags: ['SECCOMP_FILTER_FLAG_LOG'] }),
    /^note: flags of the profile are not kept: SECCOMP_FILTER_FLAG_LOG$/m,
  ],
]
for (const [claim, made, line] of lost) {
  t.test(`import tells of ${claim}`, (t) => {
    t.match(lossLines(made().losses).join('\n'), line)
    t.end()
  })
}

t.test('import: a capability that is given lets the entries that ask for it count', (t) => {
  const entry = { names: ['mount'], action: 'SCMP_ACT_ALLOW', includes: { caps: ['CAP_SYS_ADMIN'] } }
  t.ok(imported([entry], {}, ['CAP_SYS_ADMIN']).request.allow?.includes('mount'))
  t.notOk(imported([entry]).request.allow?.includes('mount'), 'control: not without it')
  const other = { names: ['sync'], action: 'SCMP_ACT_ALLOW', excludes: { caps: ['CAP_SYS_ADMIN'] } }
  t.notOk(imported([other], {}, ['CAP_SYS_ADMIN']).request.allow?.includes('sync'))
  t.ok(imported([other]).request.allow?.includes('sync'), 'control: without it')
  t.end()
})

t.test(
  'import: a profile that lets everything through needs unsafe, and does not refuse what it does not name',
  (t) => {
    const entry = { names: ['socket'], action: 'SCMP_ACT_ERRNO', args: [{ index: 0, value: 2, op: 'SCMP_CMP_EQ' }] }
    const { request, losses } = imported([entry], { defaultAction: 'SCMP_ACT_ALLOW' })
    t.equal(request.otherwise, 'allow')
    const yaml = policyYaml('p', request, [])
    t.match(yaml, /otherwise: allow\n[^]*family == AF_INET[^]*unsafe:\n {2}allow-by-default:\n {4}reason: /)
    t.match(yaml, /syscall: io_uring_setup, action: \{ errno: ENOSYS \}/, 'a ring would get around it')
    t.notMatch(lossLines(losses).join('\n'), /^weaker/m)
    t.end()
  },
)

const wrong: readonly (readonly [claim: string, text: string, says: RegExp])[] = [
  ['no object', '[]', /is no object/],
  ['no default', '{"syscalls": []}', /defaultAction: is missing/],
  [
    'an unknown action',
    '{"defaultAction": "SCMP_ACT_ALOW"}',
    /unknown action SCMP_ACT_ALOW\n {2}fix: write SCMP_ACT_ALLOW/,
  ],
  [
    'an unknown key',
    '{"defaultAction": "SCMP_ACT_ALLOW", "sycalls": []}',
    /:1:37: sycalls: unknown key sycalls\n {2}fix: write syscalls/,
  ],
  [
    'an entry without names',
    '{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"action": "SCMP_ACT_LOG"}]}',
    /syscalls\[0\]\.names: names no system call/,
  ],
  [
    'a seventh argument',
    '{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": ["read"], "action": "SCMP_ACT_LOG", "args": [{"index": 6, "value": 0, "op": "SCMP_CMP_EQ"}]}]}',
    /six arguments/,
  ],
  [
    'an unknown comparison',
    '{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": ["read"], "action": "SCMP_ACT_LOG", "args": [{"index": 0, "value": 0, "op": "EQ"}]}]}',
    /unknown comparison EQ/,
  ],
  [
    'a negative value',
    '{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": ["read"], "action": "SCMP_ACT_LOG", "args": [{"index": 0, "value": -1, "op": "SCMP_CMP_EQ"}]}]}',
    /no whole number of 64 bits/,
  ],
  ['an errno beyond the last', '{"defaultAction": "SCMP_ACT_ERRNO", "defaultErrnoRet": 4096}', /is no error number/],
  [
    'an errno that is two',
    '{"defaultAction": "SCMP_ACT_ERRNO", "defaultErrnoRet": 38, "defaultErrno": "EPERM"}',
    /EPERM is 1, and defaultErrnoRet says 38/,
  ],
  ['an unknown errno', '{"defaultAction": "SCMP_ACT_ERRNO", "defaultErrno": "EPREM"}', /unknown error EPREM/],
  [
    'a name with a line break',
    '{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": ["a\\nb"], "action": "SCMP_ACT_LOG"}]}',
    /holds|is no name/,
  ],
  ['a prototype', '{"defaultAction": "SCMP_ACT_ALLOW", "__proto__": {}}', /"__proto__" is not allowed/],
  ['a constructor', '{"defaultAction": "SCMP_ACT_ALLOW", "constructor": 1}', /unknown key constructor/],
  ['great depth', '['.repeat(100_000), /nested deeper/],
  ['great length', `{"defaultAction": "${'x'.repeat(1_100_000)}"}`, /larger than 1 MiB/],
  [
    'many entries',
    `{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [${'{},'.repeat(9000)}{}]}`,
    /more than 4096 items/,
  ],
  ['no JSON', '{"defaultAction": ', /not YAML|expected|missing/],
]
for (const [claim, text, says] of wrong) {
  t.test(`a profile with ${claim} is refused with its place`, (t) => {
    const error = refusalOf(text)
    t.match(error?.message, says)
    t.end()
  })
}

function refusalOf(text: string): Error | null {
  try {
    const { root } = parseSource(text, 'p.json')
    const { problems } = readProfile(root)
    const spanOf = spanFinder(root)
    if (problems.length === 0) return null
    return policyError(problems.map((problem) => ({ ...problem, span: spanOf(problem.key) })))
  } catch (error) {
    if (error instanceof SandboxError) return error
    throw error
  }
}

/** A seeded generator of pseudo-random numbers (mulberry32). */
function random(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}

const seed = 20261122
t.test(`mutated profiles are read or refused, and what is read becomes a right policy (seed ${seed})`, (t) => {
  const next = random(seed)
  const pick = <T>(items: readonly T[]): T | undefined => items[Math.floor(next() * items.length)]
  const sample = JSON.stringify({
    defaultAction: 'SCMP_ACT_ERRNO',
    archMap: [{ architecture: 'SCMP_ARCH_X86_64', subArchitectures: ['SCMP_ARCH_X86'] }],
    syscalls: [
      start,
      {
        names: ['socket', 'mmap2', 'clone'],
        action: 'SCMP_ACT_ALLOW',
        args: [{ index: 0, value: 39, valueTwo: 0, op: 'SCMP_CMP_MASKED_EQ' }],
      },
      {
        names: ['ioctl', 'fcntl', 'prctl'],
        action: 'SCMP_ACT_ERRNO',
        errnoRet: 38,
        args: [{ index: 1, value: 7, op: 'SCMP_CMP_GT' }],
      },
      { names: ['mount'], action: 'SCMP_ACT_ALLOW', includes: { caps: ['CAP_SYS_ADMIN'] } },
    ],
  })
  const pieces = ['', '0', 'null', '[]', '{}', '"', ',', '-1', '"names"']
  const numbers = ['0', '1', '4', '5', '38', '4294967295', '4294967296', '18446744073709551615']
  const constants = ['SCMP_ACT_KILL', 'SCMP_ACT_ALLOW', 'SCMP_ACT_LOG', 'SCMP_CMP_LE', 'SCMP_CMP_NE', 'SCMP_ARCH_X32']
  const calls = ['socket', 'ioctl', 'mmap', 'exit', 'no_such_call', 'clone3', 'names']
  const seen = { refused: 0, imported: 0 }
  for (let round = 0; round < 80; round += 1) {
    const words = sample.split(/(?<=[,:{}[\]])|(?=[,:{}[\]])|(?=")|(?<=")/)
    for (let change = 0; change < 1 + (round % 3); change += 1) {
      const place = Math.floor(next() * words.length)
      const old = words[place] ?? ''
      // Mostly one number for another, one word for another: what comes out is a profile still.
      const like = /^\d+$/.test(old)
        ? numbers
        : old.startsWith('SCMP_')
          ? constants
          : /^[a-z]\w*$/.test(old)
            ? calls
            : pieces
      if (like !== pieces || round % 4 === 0) words[place] = pick(like) ?? ''
    }
    const text = words.join('')
    if (refusalOf(text) !== null) {
      seen.refused += 1
      continue
    }
    const { profile } = readProfile(parseSource(text, 'p.json').root)
    const { request } = importProfile(profile, 'x86_64', [])
    const { arch, ...part } = request
    const problems = seccompProblems(part, arch)
    if (problems.length > 0) t.fail(`${text}: ${JSON.stringify(problems[0])}`)
    seen.imported += 1
  }
  t.ok(seen.refused > 20 && seen.imported > 20, JSON.stringify(seen))
  t.end()
})
