import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { constants, tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { encodeProgram, opcode, type Instruction } from '../../src/layers/seccomp/code/bpf.js'
import { generate } from '../../src/layers/seccomp/code/generate.js'
import { maximumConverted, stackedSize } from '../../src/layers/seccomp/code/converted-size.js'
import { meaningOf } from '../../src/layers/seccomp/meaning.js'
import type { PromiseName } from '../../src/layers/seccomp/promises.js'
import { must } from '../world/process.js'
import { compile } from './oracle.js'

const directory = mkdtempSync(join(tmpdir(), 'palisade-stack-'))
t.teardown(() => rmSync(directory, { recursive: true }))
const tool = join(directory, 'stack_filters')
compile('cc', ['-o', tool, 'integration/oracle/stack_filters.c'])

const allowed = 0x7fff0000
const allowAll: readonly Instruction[] = [{ code: opcode.return, jt: 0, jf: 0, k: allowed }]

/** `count` instructions of one kind, then a return; jumps lead to the second instruction behind them, or to the next. */
function many(count: number, instruction: Omit<Instruction, 'k'>, k: number): readonly Instruction[] {
  return [...Array.from({ length: count }, () => ({ ...instruction, k })), ...allowAll, ...allowAll, ...allowAll]
}

/** How many filters the kernel takes: these, then the last one again and again. */
async function takenByKernel(programs: readonly (readonly Instruction[])[]): Promise<string> {
  const files = programs.map((program, index) => {
    const file = join(directory, `${index}.filter`)
    writeFileSync(file, encodeProgram(program))
    return file
  })
  return (await must([tool, ...files])).trimEnd()
}

/** The same by our count. */
function taken(programs: readonly (readonly Instruction[])[]): number {
  let stack = programs
  while (stackedSize(stack) <= maximumConverted) stack = [...stack, ...programs.slice(-1)]
  return stack.length - 1
}

/** A real filter that allows everything, so that it can be loaded more than once. */
function filter(promises: readonly PromiseName[]): readonly Instruction[] {
  const program = generate(meaningOf({ arch: 'x86_64', promises, denied: 'EPERM' }))
  return program.map((one) => (one.code === opcode.return ? { ...one, k: allowed } : one))
}

t.test('stack: the kernel takes as many filters as their converted sizes say, then answers ENOMEM', async (t) => {
  const equal = { code: opcode.jumpEqual, jt: 0, jf: 0 }
  const stacks: readonly (readonly [string, readonly (readonly Instruction[])[]])[] = [
    ['a return', [allowAll]],
    ['a filter of no promises', [filter([])]],
    ['filters of promises', [filter(['stdio', 'inet']), filter(['stdio', 'rpath', 'tty']), filter([]), allowAll]],
    ['loads', [many(300, { code: opcode.load, jt: 0, jf: 0 }, 0)]],
    ['jumps that fall through', [many(300, { ...equal, jt: 1 }, 5)]],
    ['jumps with two ways', [many(300, { ...equal, jt: 1, jf: 2 }, 5)]],
    ['tests of bits of which both ways lead on', [many(300, { code: opcode.jumpSet, jt: 0, jf: 1 }, 5)]],
    ['constants with the highest bit', [many(300, { ...equal, jt: 1 }, 0x80000000)]],
    [
      'long jumps and masks',
      [
        [
          ...many(150, { code: opcode.jumpAlways, jt: 0, jf: 0 }, 0),
          ...many(150, { code: opcode.and, jt: 0, jf: 0 }, 1),
        ],
      ],
    ],
    ['returns', [many(300, { code: opcode.return, jt: 0, jf: 0 }, allowed)]],
  ]
  for (const [name, programs] of stacks) {
    t.equal(await takenByKernel(programs), `${taken(programs)} ${constants.errno.ENOMEM}`, name)
  }
})
