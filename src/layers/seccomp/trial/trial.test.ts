import t from 'tap'
import type { Arch } from '../../../host/facts.js'
import { auditArch } from '../arch.js'
import { decodeProgram } from '../code/bpf.js'
import { compileFilter } from '../compile.js'
import type { FilterRequest } from '../request.js'
import { isConstantAllow } from './cache.js'
import { CallError, parseCall } from './call.js'
import { tryCall } from './trial.js'

const read: readonly (readonly [text: string, arch: Arch, number: number, args: readonly bigint[]])[] = [
  ['socket(AF_VSOCK, SOCK_STREAM, 0)', 'i386', 359, [40n, 1n, 0n]],
  ['socket(AF_VSOCK, SOCK_STREAM, 0)', 'x86_64', 41, [40n, 1n, 0n]],
  ['socket(PF_LOCAL, SOCK_STREAM | SOCK_CLOEXEC)', 'x86_64', 41, [1n, 0o2000001n]],
  ['getpid', 'x86_64', 39, []],
  ['getpid()', 'aarch64', 172, []],
  ['openat(AT_FDCWD, "/x", O_RDONLY | O_CREAT, 0644)', 'x86_64', 257, [0xffffffffffffff9cn, 0x1000n, 0o100n, 0o644n]],
  ['openat(-100, NULL, 0x1F)', 'i386', 295, [0xffffff9cn, 0n, 0x1fn]],
  ['syscall(41, 40, 1, 0)', 'x86_64', 41, [40n, 1n, 0n]],
  ['#41(40)', 'x86_64', 41, [40n]],
  ['syscall(0x40000029)', 'x86_64', 0x40000029, []],
  ['#-1()', 'x86_64', 0xffffffff, []],
  ['#9999(1, 2, 3, 4, 5, 6)', 'riscv64', 9999, [1n, 2n, 3n, 4n, 5n, 6n]],
  ['mprotect(0, 4096, ~PROT_EXEC)', 'x86_64', 10, [0n, 4096n, 0xfffffffffffffffbn]],
]
for (const [text, arch, number, args] of read) {
  t.test(`${text} on ${arch} is number ${number}`, (t) => {
    const call = parseCall(text, arch)
    t.same([call.number, call.args], [number, args])
    t.end()
  })
}

const wrong: readonly (readonly [text: string, offset: number, says: RegExp])[] = [
  ['', 0, /^expected a call, found nothing$/],
  ['sokcet(1)', 0, /^no call sokcet; did you mean socket\?$/],
  ['mmap2(0)', 0, /^x86_64 has no call mmap2; i386, arm has$/],
  ['socket(AF_VSOK)', 7, /^unknown constant AF_VSOK; did you mean AF_VSOCK\?$/],
  ['socket(1, 2, 3, 4)', 16, /^socket takes 3 arguments, and 4 are given$/],
  ['getpid(1)', 7, /^getpid takes no arguments, and 1 are given$/],
  ['#9999(1,2,3,4,5,6,7)', 18, /^a call takes 6 arguments, and 7 are given$/],
  ['socket(1', 8, /^expected "\)", found the end$/],
  ['socket(1,)', 9, /^expected a value, found "\)"$/],
  ['socket(,)', 7, /^expected a value, found ","$/],
  ['socket(1 2)', 9, /^expected "," or "\|", found "2"$/],
  ['socket 1', 7, /^expected "\(", found "1"$/],
  ['socket(1) 3', 10, /^"3" comes after the call$/],
  ['socket($)', 7, /^unexpected character "\$"$/],
  ['socket(0x1g)', 7, /^0x1g is no number$/],
  ['socket(08)', 7, /^08 is no number$/],
  ['socket(18446744073709551616)', 7, /^18446744073709551616 has more than the 64 bits/],
  ['syscall()', 0, /^syscall\(\) wants the number of a call first$/],
  ['syscall(read)', 8, /^expected the number of a call, found "read"$/],
  ['#4294967296', 0, /^#4294967296 has more than 32 bits$/],
  ['x'.repeat(5000), 4096, /^longer than 4096 characters$/],
]
for (const [text, offset, says] of wrong) {
  t.test(`${text.slice(0, 30)} is told with its place`, (t) => {
    const error: unknown = t.throws(() => parseCall(text, 'x86_64'))
    t.ok(error instanceof CallError)
    t.match(error, { offset, message: says })
    t.end()
  })
}

t.test('a register of a 32-bit program has 32 bits', (t) => {
  t.throws(() => parseCall('read(0x100000000)', 'i386'), /more than the 32 bits of a register of i386/)
  t.same(parseCall('read(-1)', 'i386').args, [0xffffffffn])
  t.same(parseCall('read(0x100000000)', 'x86_64').args, [0x100000000n], 'control: a 64-bit one')
  t.end()
})

const request: FilterRequest = {
  arch: 'x86_64',
  promises: ['stdio', 'rpath'],
  denied: 'EPERM',
  rules: [{ syscall: 'socket', when: 'family == AF_VSOCK', action: 'kill_process' }],
}
const program = decodeProgram(compileFilter(request).program)

const tried: readonly (readonly [text: string, arch: Arch, answer: string, because: RegExp, change: string | null])[] =
  [
    ['read(0)', 'x86_64', 'allow', /stdio|exec-load/, null],
    [
      'socket(AF_VSOCK)',
      'x86_64',
      'kill_process',
      /^syscalls\.rules\[0\]: family == AF_VSOCK$/,
      'change syscalls.rules[0]',
    ],
    ['socket(AF_VSOCK)', 'i386', 'kill_process', /^syscalls\.rules\[0\]/, 'change syscalls.rules[0]'],
    ['socket(AF_UNIX, SOCK_STREAM)', 'x86_64', 'EPERM', /nothing grants it/, 'add unix to syscalls.promises'],
    ['openat(0, NULL, O_WRONLY)', 'x86_64', 'EPERM', /nothing grants it/, 'add wpath to syscalls.promises'],
    ['uselib(NULL)', 'x86_64', 'EPERM', /nothing grants it/, 'add uselib to syscalls.allow'],
    ['clone3(NULL)', 'x86_64', 'ENOSYS', /libraries try it out/, 'add threads to syscalls.promises'],
    ['#9999()', 'x86_64', 'ENOSYS', /x86_64 has no call 9999/, null],
    ['#0x40000000()', 'x86_64', 'ENOSYS', /x32/, null],
  ]
for (const [text, arch, answer, because, change] of tried) {
  t.test(`${text} on ${arch}: ${answer}`, (t) => {
    const trial = tryCall(program, parseCall(text, arch), arch, request)
    t.match(trial, { answer, because, outcome: answer === 'allow' ? 'allowed' : 'refused' })
    if (text !== 'clone3(NULL)') t.equal(trial.change, change)
    t.ok(trial.steps > 2, `${trial.steps} instructions`)
    t.end()
  })
}

t.test('the cache answers what is allowed without a look at arguments, and nothing else', (t) => {
  const cached = (text: string, arch: Arch = 'x86_64') => tryCall(program, parseCall(text, arch), arch, request).cache
  t.equal(cached('read()'), 'answered from the cache')
  t.equal(cached('read()', 'i386'), 'answered from the cache')
  t.equal(cached('mprotect(0, 0, 0)'), 'run for each call', 'allowed, by an argument')
  t.equal(cached('swapon()'), 'run for each call', 'refused')
  t.equal(cached('#9999()'), 'run for each call', 'no number of the table')
  const always = [{ code: 0x06, jt: 0, jf: 0, k: 0x7fff0000 }]
  t.ok(isConstantAllow(always, auditArch.x86_64, 0))
  t.notOk(isConstantAllow([{ code: 0x06, jt: 0, jf: 0, k: 0x7fff0001 }], auditArch.x86_64, 0), 'data is no plain allow')
  const copies = [{ code: 0x20, jt: 0, jf: 0, k: 0 }, { code: 0x07, jt: 0, jf: 0, k: 0 }, ...always]
  t.notOk(isConstantAllow(copies, auditArch.x86_64, 0), 'TAX ends the walk of the kernel')
  t.end()
})

t.test('a filter without a policy has answers, and no reasons', (t) => {
  const trial = tryCall(program, parseCall('socket(AF_VSOCK)', 'x86_64'), 'x86_64', null)
  t.match(trial, { answer: 'kill_process', because: null, change: null })
  t.end()
})
