import t from 'tap'
import { auditArch } from '../arch.js'
import type { Instruction } from '../code/bpf.js'
import { generate } from '../code/generate.js'
import { meaningOf } from '../meaning.js'
import type { FilterRequest } from '../request.js'
import { answerOf } from './answers.js'
import { listingC } from './c.js'
import { listingJson } from './json.js'
import { mnemonicOf } from './mnemonic.js'
import { listingText } from './text.js'

const at = (code: number, k: number, jt = 0, jf = 0): Instruction => ({ code, jt, jf, k })

/** Written by hand: x86_64 may make AF_UNIX sockets and read. */
const program: readonly Instruction[] = [
  at(0x20, 4),
  at(0x15, auditArch.x86_64, 0, 7),
  at(0x20, 0),
  at(0x35, 0x40000000, 5, 0),
  at(0x15, 0, 3, 0),
  at(0x15, 41, 0, 3),
  at(0x20, 16),
  at(0x15, 1, 0, 1),
  at(0x06, 0x7fff0000),
  at(0x06, 0x00050001),
]
const byHand = { title: 'a test', program, meaning: null }

t.test('a listing says what each instruction asks, in the words of the calls that come there', (t) => {
  const lines = listingText(byHand).split('\n')
  const told: readonly (readonly [start: string, comment: string])[] = [
    ['       ld [4]', 'architecture'],
    ['       jeq #0xc000003e, L2, L9', 'x86_64? no: EPERM'],
    ['L2:    ld [0]', 'number of the call'],
    ['       jge #0x40000000, L9, L4', 'an x32 number, or -1? yes: EPERM'],
    ['L4:    jeq #0x0, L8, L5', 'x86_64 read (0) to the last: == read (0)? yes: allow'],
    ['L5:    jeq #0x29, L6, L9', 'x86_64 write (1) to the last: == socket (41)? no: EPERM'],
    ['L6:    ld [16]', 'family'],
    ['       jeq #0x1, L8, L9', 'family == AF_UNIX (1)? yes: allow, no: EPERM'],
    ['L8:    ret #0x7fff0000', 'allowed'],
    ['L9:    ret #0x50001', 'fails with EPERM'],
  ]
  for (const [start, comment] of told) {
    const line = lines.find((one) => one.startsWith(`${start} `))
    t.ok(line?.endsWith(`  ${comment}`), `${start}: ${line}`)
  }
  t.match(lines[0], /^; Filter of a test: 10 instructions, 80 bytes\.$/)
  t.match(lines[1], /^; The kernel counts \d+ instructions, as eBPF, of the 32768/)
  const [first] = lines.filter((line) => line.includes('ld [4]'))
  t.match(first, /;    0 {2}20 00 00 00 04 00 00 00 {2}architecture$/, 'index and bytes')
  t.end()
})

t.test('what stands outside of comments is the notation of bpf_asm, with each label once', (t) => {
  const code = listingText(byHand)
    .split('\n')
    .map((line) => line.replace(/;.*/, '').trim())
    .filter((line) => line !== '')
  t.equal(code.length, program.length)
  for (const line of code) t.match(line, /^(?:L\d+: +)?(?:ld|jeq|jge|ret|ja|jset|jgt|and)\b[^;]*$/)
  const labels = code.flatMap((line) => /^L\d+(?=:)/.exec(line)?.[0] ?? [])
  t.equal(new Set(labels).size, labels.length)
  const targets = code.flatMap((line) => line.replace(/^L\d+:/, '').match(/L\d+/g) ?? [])
  t.same(
    targets.filter((label) => !labels.includes(label)),
    [],
    'every target is a label',
  )
  t.end()
})

const request: FilterRequest = {
  arch: 'x86_64',
  promises: ['stdio'],
  denied: 'EPERM',
  rules: [{ syscall: 'socket', when: 'family != PF_LOCAL', action: { errno: 'EACCES' } }],
}

t.test('a listing of a policy names the answer to every call of both tables, with what says so', (t) => {
  const meaning = meaningOf(request)
  const text = listingText({ title: 'policy p', program: generate(meaning), meaning })
  t.match(text, /^; Filter of policy p, for x86_64 and i386: /)
  for (const table of meaning.tables) {
    const start = text.indexOf(`\n; ${table.arch}\n`)
    const end = text.indexOf(';   any other number: ENOSYS', start)
    t.ok(start > 0 && end > start, table.arch)
    const words = new Set(text.slice(start, end).split(/[\s;]+/))
    t.same(
      [...table.table.byName.keys()].filter((name) => !words.has(name)),
      [],
      `${table.arch}: no call is missing`,
    )
  }
  t.match(text, /socket \(41\), by its arguments:\n;.*EACCES if family != PF_LOCAL \[rules\[0\]\]/)
  t.match(text, / {7}; socket \(x86_64 41\).*:\n {7}; {3}EACCES if family != PF_LOCAL/, 'and again where it is decided')
  t.match(text, /family == PF_LOCAL \(1\)/, 'in the words of the rule')
  t.end()
})

t.test('JSON holds the instructions, whole', (t) => {
  const value: unknown = JSON.parse(listingJson(byHand))
  t.match(value, { version: 1, instructions: 10, bytes: 80, architectures: null, filter: program })
  t.end()
})

t.test('nothing that a title or a rule holds ends a comment of C', (t) => {
  const text = listingC({ ...byHand, title: 'x */ int main; /* \\' })
  t.match(text, /x \* \/ int main; \/ \* \//)
  t.equal(text.split('*/').length, text.split('/*').length)
  t.end()
})

t.test('every value that a filter can return has its words', (t) => {
  const told: readonly (readonly [value: number, name: string, constant: string])[] = [
    [0x80000000, 'kill_process', 'SECCOMP_RET_KILL_PROCESS'],
    [0, 'kill_thread', 'SECCOMP_RET_KILL_THREAD'],
    [0x0003002a, 'trap', 'SECCOMP_RET_TRAP | 42'],
    [0x00050026, 'ENOSYS', 'SECCOMP_RET_ERRNO | 38'],
    [0x00050000, 'success', 'SECCOMP_RET_ERRNO | 0'],
    [0x00050fff, 'errno 4095', 'SECCOMP_RET_ERRNO | 4095'],
    [0x7fc00000, 'user_notif', 'SECCOMP_RET_USER_NOTIF'],
    [0x7ff00001, 'trace', 'SECCOMP_RET_TRACE | 1'],
    [0x7ffc0000, 'log', 'SECCOMP_RET_LOG'],
    [0x7fff0000, 'allow', 'SECCOMP_RET_ALLOW'],
    [0x12340000, '0x12340000', '0x12340000'],
  ]
  for (const [value, name, constant] of told) t.match(answerOf(value), { name, constant })
  t.end()
})

t.test('instructions that we do not emit are named all the same', (t) => {
  const told: readonly (readonly [instruction: Instruction, text: string])[] = [
    [at(0x07, 0), 'tax'],
    [at(0x87, 0), 'txa'],
    [at(0x16, 0), 'ret a'],
    [at(0x00, 5), 'ld #0x5'],
    [at(0x01, 5), 'ldx #0x5'],
    [at(0x60, 3), 'ld M[3]'],
    [at(0x02, 3), 'st M[3]'],
    [at(0x80, 0), 'ld #len'],
    [at(0x54, 15), 'and #0xf'],
    [at(0xac, 0), 'xor x'],
    [at(0x3c, 0), 'div x'],
    [at(0x84, 0), 'neg'],
    [at(0x1d, 0, 1, 2), 'jeq x, L2, L3'],
    [at(0x45, 4, 1, 0), 'jset #0x4, L2, L1'],
    [at(0x05, 7), 'ja L8'],
  ]
  for (const [instruction, text] of told) t.equal(mnemonicOf(instruction, 0), text)
  t.end()
})
