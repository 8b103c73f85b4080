import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { UsageError } from '../core/errors.js'
import { packageRoot } from '../core/package-root.js'
import { decodeProgram, encodeProgram } from '../layers/seccomp/code/bpf.js'
import { bpfQuestion, type BpfValues } from './bpf-words.js'

const directory = mkdtempSync(join(tmpdir(), 'palisade-bpf-'))
t.teardown(() => rmSync(directory, { recursive: true }))
const policy = join(directory, 'p.yaml')
writeFileSync(
  policy,
  'version: 1\nname: p\nsyscalls:\n  promises: [stdio]\n  rules: [{ syscall: socket, when: "family == AF_VSOCK", action: kill_process }]\n',
)

function bpf(...words: readonly string[]) {
  const main = join(import.meta.dirname, 'main.cjs')
  // env -i, because the test runner adds NODE_OPTIONS to whatever is spawned.
  const clean = ['-i', 'PATH=/usr/bin:/bin', process.execPath, main, 'bpf', ...words]
  const { status, stdout, stderr } = spawnSync('/usr/bin/env', clean, { maxBuffer: 1 << 24, timeout: 60_000 })
  return { status, bytes: new Uint8Array(stdout), stdout: stdout.toString(), stderr: stderr.toString() }
}

const wrong: readonly (readonly [values: BpfValues, operands: readonly string[], says: RegExp])[] = [
  [{}, [], /^no filter: bpf POLICY/],
  [{}, ['p', 'q'], /^q is one word too many$/],
  [{ raw: 'f' }, ['p'], /^one filter at a time/],
  [{ arch: 'amd64' }, ['p'], /^--arch is one of x86_64, i386, aarch64, arm, riscv64, not amd64$/],
  [{ format: 'xml' }, ['p'], /^--format is one of text, c, json, bin, oci, not xml$/],
  [{ tables: 'both' }, ['p'], /^--tables is one of all, native, not both$/],
  [{ try: ['read()'], format: 'c' }, ['p'], /^--format does not go with --try$/],
  [{ raw: 'f', format: 'oci' }, [], /^--format oci wants a policy/],
  [{ raw: 'f', tables: 'all' }, [], /^--tables does not go with --raw$/],
  [{ import: 'f', try: ['read()'] }, [], /^--try does not go with --import$/],
  [{ caps: 'CAP_SYS_ADMIN' }, ['p'], /^--caps goes with --import$/],
  [{ import: 'f', caps: 'sys admin' }, [], /^--caps wants names such as CAP_SYS_ADMIN/],
  [{ try: Array.from({ length: 1001 }, () => 'read()') }, ['p'], /^more than 1000 calls/],
]
for (const [values, operands, says] of wrong) {
  t.test(`bpf ${JSON.stringify(values).slice(0, 60)} ${operands.join(' ')} is told`, (t) => {
    const error: unknown = t.throws(() => bpfQuestion(values, operands))
    t.ok(error instanceof UsageError)
    t.match(error, { message: says })
    t.end()
  })
}

t.test('a tried call tells of rules that a run can add, where they would change the answer', (t) => {
  const client = join(packageRoot(), 'policies/go-app.yaml')
  const calls = ['socket(AF_INET, SOCK_DGRAM, 0)', 'socket(AF_INET, SOCK_STREAM, 0)', 'openat(AT_FDCWD, "f", O_RDONLY)']
  const words = calls.flatMap((call) => ['--try', call])
  const { status, stdout } = bpf(client, '--arch', 'x86_64', ...words)
  t.equal(status, 0)
  t.match(stdout, /^ {2}note: run can answer EACCES .* explain --syscall socket$/m)
  t.equal(stdout.match(/note:/g)?.length, 1, 'control: no rule is about the others')
  t.end()
})

t.test('the status of a tried call is 0 if it is let through, 1 if not, 125 if it is no call', (t) => {
  t.match(bpf(policy, '--arch', 'x86_64', '--try', 'read(0)'), { status: 0, stdout: /^read\(0\): allow\n/ })
  const killed = bpf(policy, '--arch', 'i386', '--try', 'socket(AF_VSOCK, SOCK_STREAM, 0)')
  t.match(killed, { status: 1, stdout: /the process is ended \(SIGSYS\)\n.*socket \(i386 359\) with 40, 1, 0\n/ })
  t.match(
    killed.stdout,
    /because: syscalls\.rules\[0\]: family == AF_VSOCK\n.*\n {2}change: change syscalls\.rules\[0\]\n$/,
  )
  t.equal(bpf(policy, '--arch', 'x86_64', '--try', 'read(0)', '--try', 'reboot()').status, 1, 'one of two')
  t.match(bpf(policy, '--try', 'raed()'), {
    status: 125,
    stderr: /--try 'raed\(\)': no call raed; did you mean read\?/,
  })
  t.end()
})

t.test('all formats hold one program, and the raw filter comes back', (t) => {
  for (const arch of ['x86_64', 'arm']) {
    const { bytes, status } = bpf(policy, '--arch', arch, '--format', 'bin')
    t.equal(status, 0, arch)
    const value: unknown = JSON.parse(bpf(policy, '--arch', arch, '--format', 'json').stdout)
    t.match(value, { bytes: bytes.length, filter: decodeProgram(bytes) }, `${arch}: json is bin`)
    const raw = join(directory, 'raw')
    writeFileSync(raw, bytes)
    const back: unknown = JSON.parse(bpf('--raw', raw, '--format', 'json').stdout)
    t.match(back, { filter: decodeProgram(bytes) }, `${arch}: raw is bin`)
    const code = (text: string) =>
      text.split('\n').flatMap((line) => /^(?:L\d+:)? +[a-z][^;]*/.exec(line)?.[0].trim() ?? [])
    t.same(code(bpf('--raw', raw).stdout), code(bpf(policy, '--arch', arch).stdout), `${arch}: one listing`)
  }
  t.end()
})

t.test('the native table alone ends the process at calls of the other', (t) => {
  const refused = bpf(policy, '--arch', 'i386', '--tables', 'native', '--try', 'read(0)')
  t.equal(refused.status, 0, 'native is the arch that is named')
  const raw = join(directory, 'native')
  writeFileSync(raw, bpf(policy, '--arch', 'x86_64', '--tables', 'native', '--format', 'bin').bytes)
  t.match(bpf('--raw', raw, '--arch', 'i386', '--try', 'read(0)'), { status: 1, stdout: /the process is ended/ })
  t.match(bpf('--raw', raw, '--arch', 'x86_64', '--try', 'read(0)'), { status: 0 }, 'control')
  t.end()
})

const at = (code: number, k: number, jt = 0, jf = 0) => ({ code, jt, jf, k })
const refusedFilters: readonly (readonly [claim: string, bytes: Uint8Array, says: RegExp])[] = [
  ['nothing', new Uint8Array(0), /it is empty/],
  ['half an instruction', new Uint8Array(12), /12 bytes are not a multiple of 8/],
  ['too much', new Uint8Array(8 * 4097), /more than 4096 instructions/],
  ['no return', encodeProgram([at(0x20, 4)]), /EINVAL: the last instruction is no return/],
  ['a load of nothing', encodeProgram([at(0x20, 64), at(0x06, 0)]), /instruction 0: load outside seccomp_data/],
  ['a jump past the end', encodeProgram([at(0x15, 0, 9, 9), at(0x06, 0)]), /instruction 0: jump past the end/],
  ['a foreign instruction', encodeProgram([at(0x30, 0), at(0x06, 0)]), /opcode 0x30 is not for filters/],
]
for (const [claim, bytes, says] of refusedFilters) {
  t.test(`a raw filter of ${claim} is refused as the kernel would`, (t) => {
    const raw = join(directory, 'refused')
    writeFileSync(raw, bytes)
    t.match(bpf('--raw', raw), { status: 125, stderr: says, stdout: '' })
    t.end()
  })
}

t.test('a policy with problems is told with their places, before anything is shown', (t) => {
  const bad = join(directory, 'bad.yaml')
  writeFileSync(bad, 'version: 1\nname: p\nsyscalls:\n  rules: [{ syscall: sokcet, action: kill_process }]\n')
  t.match(bpf(bad, '--arch', 'x86_64'), { status: 125, stdout: '', stderr: /bad\.yaml:4:22: .*sokcet/ })
  t.end()
})

t.test('a profile goes out and comes back, with what was lost on standard error', (t) => {
  const out = bpf(policy, '--arch', 'x86_64', '--format', 'oci')
  t.match(out, { status: 0, stderr: /^stricter: calls of i386 end the thread/m })
  const file = join(directory, 'My Profile.json')
  writeFileSync(file, out.stdout)
  const back = bpf('--import', file, '--arch', 'x86_64')
  t.match(back, { status: 0, stdout: /\nname: my-profile\n/ })
  t.notMatch(back.stderr, /x86_64/, 'nothing of the native table is lost')
  const again = join(directory, 'again.yaml')
  writeFileSync(again, back.stdout)
  t.match(bpf(again, '--arch', 'x86_64', '--try', 'socket(AF_VSOCK)'), { status: 1 })
  writeFileSync(file, '{"defaultAction": "SCMP_ACT_ALOW"}')
  t.match(bpf('--import', file), {
    status: 125,
    stderr: /My Profile\.json:1:19: defaultAction: unknown action SCMP_ACT_ALOW/,
  })
  const misspelt = bpf('--import', file, '--caps', 'CAP_SYS_ADMN')
  t.match(misspelt, { status: 125, stderr: /no capability CAP_SYS_ADMN; did you mean CAP_SYS_ADMIN\?/ })
  t.match(bpf('--import', '/dev/zero'), { status: 125, stderr: /larger than 1 MiB/ })
  t.end()
})

t.test('the examples of docs/bpf.md run as they stand, in their order', (t) => {
  const root = packageRoot()
  const page = readFileSync(join(root, 'docs/bpf.md'), 'utf8')
  const blocks = [...page.matchAll(/```\n([^]*?)```/g)].map(([, text = '']) => text)
  const lines = blocks.flatMap((text) => text.split('\n')).filter((line) => line.startsWith('sandbox-exec bpf'))
  t.ok(lines.length >= 6, 'there are some')
  const main = join(import.meta.dirname, 'main.cjs')
  const script = [
    `printf '#!/bin/sh\\nexec "%s" "%s" "$@"\\n' '${process.execPath}' '${main}' >sandbox-exec; chmod +x sandbox-exec`,
    'PATH=.:$PATH',
    `ln -s ${root}/policies policies`,
    'set -e',
    // The profile that comes in is the one that goes out.
    ...lines.filter((line) => !line.includes('--import') && !line.includes('--try')),
    ...lines.filter((line) => line.includes('--import')),
    ...lines.filter((line) => line.includes('--try')).map((line) => `${line} || test $? = 1`),
  ].join('\n')
  const clean = ['-i', 'PATH=/usr/bin:/bin', '/bin/sh', '-c', script]
  const { status, stdout, stderr } = spawnSync('/usr/bin/env', clean, { cwd: directory, encoding: 'utf8' })
  t.equal(status, 0, stderr)
  const shown = blocks.find((text) => text.startsWith('socket(AF_VSOCK'))?.replace(/\d+ instructions/, 'N instructions')
  t.ok(
    stdout.replaceAll(/\d+ instructions run/g, 'N instructions run').includes(shown ?? 'no example'),
    'and print that',
  )
  t.end()
})
