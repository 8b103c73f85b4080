import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { encodeProgram, type Instruction } from '../../src/layers/seccomp/code/bpf.js'
import { refusalOf } from '../../src/layers/seccomp/code/check.js'
import { seededRandom, type Random } from '../faults/random.js'
import { compile } from './oracle.js'
import { pick } from './random-policy.js'

const directory = mkdtempSync(join(tmpdir(), 'palisade-checker-'))
t.teardown(() => rmSync(directory, { recursive: true }))
const checker = join(directory, 'check_filters')
compile('cc', ['-o', checker, 'integration/oracle/check_filters.c'])

const seed = 20261122
const einval = 22

/** What the kernel says to each program: 0, or an error number. */
function kernelAnswers(programs: readonly (readonly Instruction[])[]): readonly number[] {
  const input = programs.flatMap((program) => {
    const length = Buffer.alloc(4)
    length.writeUInt32LE(program.length)
    return [length, encodeProgram(program)]
  })
  const options = { input: Buffer.concat(input), encoding: 'utf8', timeout: 120_000 } as const
  return execFileSync(checker, options).trim().split('\n').map(Number)
}

/** The programs on which our checker and the kernel differ, and how many both accept and refuse. */
function compared(programs: readonly (readonly Instruction[])[]): {
  readonly accepted: number
  readonly refused: number
  readonly differ: readonly string[]
} {
  const answers = kernelAnswers(programs)
  const both = programs.map((program, index) => ({ program, ours: refusalOf(program), kernel: answers[index] }))
  const differ = both.filter(({ ours, kernel }) => (ours === null ? kernel !== 0 : kernel !== einval))
  return {
    accepted: both.filter(({ kernel }) => kernel === 0).length,
    refused: both.filter(({ kernel }) => kernel === einval).length,
    differ: differ.map(({ program, ours, kernel }) => `${JSON.stringify(program)}: ${ours}, kernel ${kernel}`),
  }
}

const memory = [0x02, 0x03, 0x60, 0x61] as const
const jumps = [0x05, 0x15, 0x1d, 0x25, 0x35, 0x45] as const
const others = [0x20, 0x80, 0x81, 0x00, 0x01, 0x07, 0x87, 0x84, 0x04, 0x34, 0x64, 0x74, 0x6c, 0x94, 0x16, 0x06] as const

const returns: Instruction = { code: 0x06, jt: 0, jf: 0, k: 0x7fff0000 }

t.test('every opcode, with operands at every border, is taken or refused as the kernel does', (t) => {
  const operands = [0, 1, 2, 4, 15, 16, 31, 32, 60, 64, 0x80000000, 0xffffffff]
  const codes = [...Array.from({ length: 256 }, (_, code) => code), 0x106, 0x120, 0x8006, 0xffff]
  const programs = codes.flatMap((code) =>
    operands.flatMap((k): readonly (readonly Instruction[])[] => [
      [{ code, jt: 0, jf: 0, k }, returns],
      [{ code, jt: 1, jf: 2, k }, returns, returns],
      [returns, { code, jt: 0, jf: 0, k }],
    ]),
  )
  const { accepted, refused, differ } = compared(programs)
  t.comment(`| ${programs.length} programs: ${accepted} accepted, ${refused} refused`)
  t.same(differ.slice(0, 5), [])
  t.equal(accepted + refused, programs.length)
  t.ok(accepted > 700 && refused > 1000)
  t.end()
})

t.test('random programs are taken or refused as the kernel does', (t) => {
  const random = seededRandom(seed)
  const programs = Array.from({ length: 4000 }, () => randomProgram(random))
  const { accepted, refused, differ } = compared(programs)
  t.comment(`| seed ${seed}, ${programs.length} programs: ${accepted} accepted, ${refused} refused`)
  t.same(differ.slice(0, 5), [])
  t.ok(accepted > 500 && refused > 500)
  t.end()
})

t.test('lengths at the border are taken or refused as the kernel does', (t) => {
  const programs = [0, 1, 4095, 4096, 4097, 65535].map((length) => Array.from({ length }, () => returns))
  const { differ, accepted } = compared(programs)
  t.same(differ, [])
  t.equal(accepted, 3)
  t.end()
})

/** Mostly sound parts, so that programs come through the first checks and their jumps and memory count. */
function randomProgram(random: Random): readonly Instruction[] {
  const length = 2 + random(14)
  const slots = 1 + random(3)
  const program = Array.from({ length }, (_, index): Instruction => {
    const left = length - index
    const far = random(40) === 0 ? left + random(3) : random(left)
    switch (random(8)) {
      case 0:
      case 1:
      case 2:
        return { code: pick(random, memory), jt: 0, jf: 0, k: random(60) === 0 ? 16 : random(slots) }
      case 3:
      case 4: {
        const code = pick(random, jumps)
        return code === 0x05 ? { code, jt: 0, jf: 0, k: far } : { code, jt: far, jf: random(left), k: random(9) }
      }
      case 5:
        return random(10) === 0
          ? { code: random(256), jt: random(4), jf: random(4), k: random(70) }
          : { code: 0x20, jt: random(3), jf: 0, k: 4 * random(16) }
      default:
        return { code: pick(random, others), jt: 0, jf: 0, k: pick(random, [0, 4, 8, 31, 32]) }
    }
  })
  return random(30) === 0 ? program : [...program, returns]
}
