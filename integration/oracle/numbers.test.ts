import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import type { Arch } from '../../src/host/facts.js'
import { allArches } from '../../src/layers/seccomp/arch.js'
import { isNewer } from '../../src/layers/seccomp/kernel-version.js'
import { callsAfter } from '../../src/layers/seccomp/tables-age.js'
import { constantNames, constantOf, syscallTable, type Syscall } from '../../src/layers/seccomp/tables.js'
import { no32Bit, skipWithout32Bit } from '../world/host-kernel.js'
import { compile } from './oracle.js'

const folder = mkdtempSync(join(tmpdir(), 'palisade-numbers-'))
t.teardown(() => rmSync(folder, { recursive: true }))

const theirArch: { readonly [A in Arch]: string } = {
  x86_64: 'x86_64',
  i386: 'x86',
  aarch64: 'aarch64',
  arm: 'arm',
  riscv64: 'riscv64',
}

/** Newest kernel of which libseccomp 2.5.4 has every call; it knows some later ones. */
const libseccompKernel = '6.3'

t.test('libseccomp has the same numbers, from names and from numbers, on all five arches', (t) => {
  const ask = libseccomp()
  for (const arch of allArches) {
    const { byName } = syscallTable(arch)
    const calls = [...byName.values()]
    const answers = ask(calls.map(({ name }) => `name ${theirArch[arch]} ${name}`)).map(Number)
    const names = ask(calls.map(({ number }) => `number ${theirArch[arch]} ${number}`))
    const unknown = calls.filter((call, index) => {
      const [answer = -1, name = '-'] = [answers[index], names[index]]
      if (answer >= 0) t.equal(answer, call.number, `${arch} ${call.name}`)
      // It has pseudo numbers for what i386 could do through socketcall(2) and ipc(2), and other names on ARM.
      else if (name !== '-') t.equal(name, theirName(arch, call), `${arch} ${call.name}: ${name}`)
      return answer < 0 && name === '-'
    })
    const old = unknown.filter(({ since }) => !isNewer(since, libseccompKernel))
    t.same(old, [], `${arch}: libseccomp does not know ${unknown.length}, all newer than Linux ${libseccompKernel}`)
    const numbers = [...Array(1024).keys(), ...Array.from({ length: 2048 }, (_, index) => 0xf0000 + index)]
    const theirs = ask(numbers.map((number) => `number ${theirArch[arch]} ${number}`))
    const missing = numbers.filter((number, index) => theirs[index] !== '-' && !syscallTable(arch).byNumber.has(number))
    t.same(missing, [], `${arch}: libseccomp has no number that is not in the table`)
    t.ok(theirs.filter((name) => name !== '-').length > 300, 'control: it has names for numbers')
  }
  t.end()
})

/** What libseccomp calls one of our calls where it does not know our name. */
function theirName(arch: Arch, { name }: Syscall): string {
  if (arch === 'arm' && name === 'sync_file_range2') return 'arm_sync_file_range'
  return arch === 'arm' ? name.replace(/^ARM_/, '') : name
}

function libseccomp(): (lines: readonly string[]) => readonly string[] {
  const program = join(folder, 'libseccomp_numbers')
  compile('cc', ['-o', program, 'integration/oracle/libseccomp_numbers.c', '-lseccomp'])
  return (lines) => {
    const output = execFileSync(program, { input: `${lines.join('\n')}\n`, encoding: 'utf8', timeout: 20_000 })
    return output.trimEnd().split('\n')
  }
}

/** The numbers that programs of this machine are compiled with. */
function installed(flag: '-m64' | '-m32' | '-mx32'): ReadonlyMap<string, number> {
  const source = join(folder, 'unistd.c')
  writeFileSync(source, '#include <asm/unistd.h>\n')
  const preprocess = (words: readonly string[]): string =>
    execFileSync('cc', ['-E', '-I', '/usr/include/x86_64-linux-gnu', flag, ...words, source], { encoding: 'utf8' })
  const macros = preprocess(['-dM'])
  const names = [...macros.matchAll(/^#define __NR_(\w+) /gm)].map(([, name = '']) => name)
  writeFileSync(source, `#include <asm/unistd.h>\n${names.map((name) => `@ ${name} = __NR_${name};`).join('\n')}\n`)
  // The names alone are no macros; the numbers are sums, with a bit for x32.
  const lines = preprocess(['-P']).matchAll(/@ (\w+) = ([^;]+);/g)
  return new Map([...lines].map(([, name = '', sum = '']) => [name, sumOf(sum)]))
}

function sumOf(text: string): number {
  return text.split('+').reduce((sum, part) => sum + Number(part.replaceAll(/[()\s]/g, '')), 0)
}

t.test('the installed headers agree: same numbers, and only calls newer than they are missing', (t) => {
  const version = execFileSync('dpkg-query', ['-W', '-f', '${Version}', 'linux-libc-dev:amd64'], { encoding: 'utf8' })
  for (const [arch, flag] of [
    ['x86_64', '-m64'],
    ['i386', '-m32'],
  ] as const) {
    const { byName } = syscallTable(arch)
    const there = installed(flag)
    t.ok(there.size > 300, `${arch}: linux-libc-dev ${version} has ${there.size}`)
    for (const [name, number] of there) t.equal(byName.get(name)?.number, number, `${arch} ${name}`)
    const missing = [...byName.keys()].filter((name) => !there.has(name))
    t.same(missing, callsAfter(version, arch), `${arch}: ${missing.join(' ')} are newer`)
  }
  t.end()
})

const libcHeaders = [
  ...'sys/socket netinet/in netinet/tcp netinet/udp netpacket/packet fcntl sched signal errno poll unistd time'.split(
    ' ',
  ),
  ...'termios sys/mman sys/prctl sys/ioctl sys/personality sys/stat sys/wait sys/resource sys/epoll sys/eventfd'.split(
    ' ',
  ),
  ...'sys/timerfd sys/signalfd sys/inotify sys/fanotify sys/ptrace sys/random sys/mount sys/shm sys/sem sys/msg'.split(
    ' ',
  ),
  ...'sys/time sys/quota sys/swap sys/reboot sys/xattr sys/file'.split(' '),
]

/** What libc has otherwise than the kernel, and rightly. */
const libcsOwn: ReadonlyMap<string, string> = new Map([
  ['O_LARGEFILE', 'nothing to ask for where offsets have 64 bits'],
  ['SIGRTMIN', 'libc keeps two signals for itself'],
  ['SIGRTMAX', 'a call of libc'],
  ['__O_TMPFILE', 'libc adds O_DIRECTORY, as O_TMPFILE has it'],
])

t.test('libc has the same constants for x86_64 and i386', (t) => {
  for (const [arch, compiler] of [
    ['x86_64', 'cc'],
    ['i386', 'i686-linux-gnu-gcc'],
  ] as const) {
    if (arch === 'i386' && no32Bit !== false) {
      skipWithout32Bit(t, 'the program of i386 that prints them')
      continue
    }
    const theirs = libcConstants(compiler)
    t.ok(theirs.size > 1500, `${arch}: libc has ${theirs.size}`)
    const different = [...theirs].filter(([name, value]) => valueOf(name, arch) !== value && !libcsOwn.has(name))
    t.same(different, [], arch)
  }
  t.end()
})

/** The constants of ours that a program sees, by a program that prints them. */
function libcConstants(compiler: string): ReadonlyMap<string, bigint> {
  const [source, program] = [join(folder, 'constants.c'), join(folder, 'constants')]
  const lines = constantNames().flatMap((name) => [
    `#ifdef ${name}`,
    `  printf("${name} %lld\\n", (long long)(${name}));`,
    '#endif',
  ])
  // Some commands hold the size of a struct that libc's headers do not have.
  const termios = 'struct termios2 { unsigned flags[4]; unsigned char line, cc[19]; unsigned speeds[2]; };'
  const includes = [...libcHeaders, 'stdio'].map((name) => `#include <${name}.h>`)
  const text = ['#define _GNU_SOURCE', ...includes, termios, 'int main(void) {', ...lines, '}', '']
  writeFileSync(source, text.join('\n'))
  execFileSync(compiler, ['-w', '-static', '-o', program, source], { stdio: ['ignore', 'ignore', 'inherit'] })
  const printed = execFileSync(program, { encoding: 'utf8' }).trimEnd().split('\n')
  return new Map(printed.map((line) => line.split(' ')).map(([name = '', value = '']) => [name, BigInt(value)]))
}

t.test('x32: each of its numbers has bit 30, so one test refuses them all; no number of ours has it', (t) => {
  const numbers = [...installed('-mx32').values()]
  t.ok(numbers.length > 300)
  t.ok(numbers.every((number) => number >= 0x40000000))
  for (const arch of allArches) {
    t.ok(
      [...syscallTable(arch).byNumber.keys()].every((number) => number < 0x40000000),
      arch,
    )
  }
  t.end()
})

function valueOf(name: string, arch: Arch): bigint | null {
  const found = constantOf(name, arch)
  return found.kind === 'value' ? found.value : null
}
