import type { Arch } from '../../host/facts.js'
import { actionOf, actionText } from './action.js'
import { auditArch, x32Bit } from './arch.js'
import { decodeProgram, field, opcode, type Instruction } from './code/bpf.js'
import { syscallTable, type SyscallTable } from './tables.js'

/** A listing of a filter, one instruction a line, with the names of arches and calls. */
export function disassemble(program: Uint8Array): string {
  const instructions = decodeProgram(program)
  const contexts = contextsOf(instructions)
  const tables = new Map(arches.map((arch) => [arch, syscallTable(arch)]))
  const lines = instructions.map((instruction, index) => {
    const context = contexts[index] ?? nothing
    const text = instructionText(instruction, index)
    const note = noteFor(instruction, context, tables)
    return `${String(index).padStart(4)}  ${note === '' ? text : `${text.padEnd(44)} ; ${note}`}`
  })
  return `${lines.join('\n')}\n`
}

const arches: readonly Arch[] = ['x86_64', 'i386', 'aarch64', 'arm', 'riscv64']

/** What is known where an instruction runs: the word in the accumulator and the arch that was found. */
interface Context {
  readonly offset: number | null
  readonly arch: Arch | null
}
const nothing: Context = { offset: null, arch: null }

function contextsOf(program: readonly Instruction[]): readonly (Context | undefined)[] {
  const contexts: (Context | undefined)[] = program.map(() => undefined)
  contexts[0] = nothing
  const reach = (index: number, context: Context): void => {
    const before = contexts[index]
    contexts[index] = before === undefined ? context : both(before, context)
  }
  for (const [index, { code, jt, jf, k }] of program.entries()) {
    const context = contexts[index]
    if (context === undefined || code === opcode.return) continue
    if (code === opcode.jumpAlways) reach(index + 1 + k, context)
    else if ((code & 7) === 5) {
      const found = arches.find((arch) => auditArch[arch] === k) ?? null
      const arch = context.offset === field.arch && code === opcode.jumpEqual ? found : context.arch
      reach(index + 1 + jt, { ...context, arch })
      reach(index + 1 + jf, context)
    } else if (code === opcode.load) reach(index + 1, { ...context, offset: k })
    else reach(index + 1, context)
  }
  return contexts
}

function both(a: Context, b: Context): Context {
  return { offset: a.offset === b.offset ? a.offset : null, arch: a.arch === b.arch ? a.arch : null }
}

function instructionText({ code, jt, jf, k }: Instruction, index: number): string {
  const to = `-> ${index + 1 + jt} else ${index + 1 + jf}`
  switch (code) {
    case opcode.load:
      return `A = ${fieldName(k)}`
    case opcode.and:
      return `A &= 0x${k.toString(16)}`
    case opcode.jumpAlways:
      return `-> ${index + 1 + k}`
    case opcode.jumpEqual:
      return `if A == ${numberText(k)} ${to}`
    case opcode.jumpGreater:
      return `if A > ${numberText(k)} ${to}`
    case opcode.jumpGreaterEqual:
      return `if A >= ${numberText(k)} ${to}`
    case opcode.jumpSet:
      return `if A & 0x${k.toString(16)} ${to}`
    case opcode.return:
      return `return 0x${k.toString(16)}`
    default:
      return `opcode 0x${code.toString(16)} jt ${jt} jf ${jf} k 0x${k.toString(16)}`
  }
}

function numberText(k: number): string {
  return k < 1024 ? String(k) : `0x${k.toString(16)}`
}

function fieldName(offset: number): string {
  if (offset === field.number) return 'number'
  if (offset === field.arch) return 'arch'
  if (offset < field.arguments) return `data[${offset}]`
  const half = offset % 8 === 0 ? 'low' : 'high'
  return `arg${Math.floor((offset - field.arguments) / 8)}.${half}`
}

function noteFor(instruction: Instruction, context: Context, tables: ReadonlyMap<Arch, SyscallTable>): string {
  const { code, k } = instruction
  if (code === opcode.return) return actionText(actionOf(k))
  if (code !== opcode.jumpEqual && code !== opcode.jumpGreaterEqual) return ''
  if (context.offset === field.arch) return arches.find((arch) => auditArch[arch] === k) ?? ''
  if (context.offset !== field.number || context.arch === null) return ''
  if (k === x32Bit) return 'x32'
  return tables.get(context.arch)?.byNumber.get(k)?.name ?? ''
}
