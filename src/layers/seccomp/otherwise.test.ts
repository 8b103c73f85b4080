import t from 'tap'
import type { Arch } from '../../host/facts.js'
import { compileFilter } from './compile.js'
import { evaluateSyscall } from './evaluate.js'
import { seccompProblems } from './problems.js'
import type { FilterRequest } from './request.js'
import { syscallTable } from './tables.js'

type Part = Omit<FilterRequest, 'arch'>
const base: Part = { promises: [], denied: 'EPERM', otherwise: 'allow' }
const ring = { syscall: 'io_uring_setup', action: { errno: 'ENOSYS' } } as const
const socketcall = { syscall: 'socketcall', action: { errno: 'ENOSYS' } } as const
const local = { syscall: 'socket', when: 'family != PF_LOCAL', action: { errno: 'EACCES' } } as const

t.test('everything that no rule refuses is let through, and nothing that could be what a rule refuses', (t) => {
  const { program } = compileFilter({ ...base, arch: 'x86_64', rules: [local, socketcall, ring] })
  const ask = (arch: Arch, nr: number, ...args: readonly bigint[]) => evaluateSyscall(program, { arch, nr, args })
  const number = (arch: Arch, name: string) => syscallTable(arch).byName.get(name)?.number ?? -1
  for (const arch of ['x86_64', 'i386'] as const) {
    t.equal(ask(arch, number(arch, 'reboot')), 'allow', `${arch}: named by nobody`)
    t.equal(ask(arch, number(arch, 'socket'), 1n), 'allow', `${arch}: control`)
    t.same(ask(arch, number(arch, 'socket'), 2n), { errno: 'EACCES' })
    t.same(ask(arch, number(arch, 'ioctl'), 0n, 0x5412n), { errno: 'EPERM' }, `${arch}: TIOCSTI is never allowed`)
    t.same(ask(arch, 9999), { errno: 'ENOSYS' }, `${arch}: a call of a newer kernel`)
    t.same(ask(arch, -1), { errno: 'ENOSYS' }, `${arch}: -1`)
  }
  t.same(ask('i386', number('i386', 'socketcall'), 1n), { errno: 'ENOSYS' })
  t.same(ask('x86_64', 0x40000029, 2n), { errno: 'ENOSYS' }, 'x32')
  t.equal(ask('aarch64', 63), 'kill_process', 'another architecture')
  t.end()
})

const detours: readonly (readonly [name: string, rules: Part['rules'], arch: Arch, says: RegExp | null])[] = [
  ['a ring', [local, socketcall], 'x86_64', /^io_uring_setup on x86_64 stays allowed and does what socket does/],
  ['the other table', [{ ...local, arch: 'x86_64' }, ring], 'x86_64', /^socket on i386 stays allowed/],
  ['the other machine', [{ ...local, arch: 'x86_64' }, ring], 'aarch64', /^socket on aarch64 stays allowed/],
  ['nothing', [local, socketcall, ring], 'x86_64', null],
  ['nothing, where rules only allow', [{ syscall: 'socket', action: 'log' }], 'x86_64', null],
]
for (const [name, rules, arch, says] of detours) {
  t.test(`a rule that ${name} gets around, on ${arch}`, (t) => {
    const messages = seccompProblems({ ...base, rules }, arch).map(({ message }) => message)
    if (says === null) t.same(messages, [])
    else t.match(messages[0], says)
    t.end()
  })
}
