import type { Meaning } from '../meaning.js'
import { encodeProgram, field, opcode, type Instruction } from '../code/bpf.js'
import { maximum } from '../code/ranges.js'
import { auditArch, x32Bit } from '../arch.js'
import { answerOf } from './answers.js'
import { arches, placesOf, type Place } from './flow.js'
import { clauseLines } from './clauses.js'
import { makeNames, type Names } from './names.js'

/** One instruction, with what a reader wants to know of it. */
export interface Line {
  readonly index: number
  readonly instruction: Instruction
  /** The 8 bytes of struct sock_filter. */
  readonly bytes: Uint8Array
  /** Whether a jump leads here. */
  readonly target: 'target' | 'plain'
  /** In words; empty where there is nothing to say. */
  readonly comment: string
  /** Lines to stand before it: the calls whose arguments are looked at from here on, and their rules. */
  readonly heading: readonly string[]
}

/** The lines of a program that the kernel accepts; `meaning` is what it was made from, null if nobody knows. */
export function linesOf(program: readonly Instruction[], meaning: Meaning | null): readonly Line[] {
  const places = placesOf(program)
  const bytes = encodeProgram(program)
  const targets = targetsOf(program)
  const names = makeNames(meaning)
  return program.map((instruction, index) => {
    const place = places[index]
    const looks = instruction.code === opcode.load && instruction.k >= field.arguments
    const heading = place?.entry === 'entry' && looks && meaning !== null ? clauseLines(place.calls, meaning) : []
    return {
      index,
      instruction,
      bytes: bytes.subarray(index * 8, index * 8 + 8),
      target: targets.has(index) ? 'target' : 'plain',
      comment: place === undefined ? 'nothing leads here' : commentOn(program, index, place, names),
      heading,
    }
  })
}

function targetsOf(program: readonly Instruction[]): ReadonlySet<number> {
  const targets = new Set<number>()
  for (const [index, { code, jt, jf, k }] of program.entries()) {
    if (code === opcode.jumpAlways) targets.add(index + 1 + k)
    else if ((code & 7) === 5) targets.add(index + 1 + jt).add(index + 1 + jf)
  }
  return targets
}

function commentOn(program: readonly Instruction[], index: number, place: Place, names: Names): string {
  const instruction = program[index]
  if (instruction === undefined) return ''
  const { code, k } = instruction
  if (code === opcode.return) return answerOf(k).words
  if (code === 0x16) return 'answers with what the accumulator holds'
  if (code === opcode.load) return names.field(k, place.calls)
  if (code === opcode.and && place.held !== null) return names.mask(place.held.offset, k, place.calls)
  if ((code & 7) !== 5 || code === opcode.jumpAlways) return ''
  const question = questionOf(instruction, place, names)
  const ends = endsOf(program, index, instruction)
  if (question === '') return ends
  return ends === '' ? `${question}?` : `${question}? ${ends}`
}

function questionOf({ code, k }: Instruction, { held, calls }: Place, names: Names): string {
  if (held === null || (code & 8) !== 0) return ''
  if (held.offset === field.arch && held.mask === maximum && code === opcode.jumpEqual) {
    return arches.find((arch) => auditArch[arch] === k) ?? ''
  }
  if (held.offset === field.number && held.mask === maximum) {
    if (k === x32Bit && code !== opcode.jumpEqual) return 'an x32 number, or -1'
    if (code === opcode.jumpSet) {
      const which = names.withBits(k, calls)
      return `${names.range(calls)}: a bit of 0x${k.toString(16)} set${which === '' ? '' : ` (${which})`}`
    }
    return `${names.range(calls)}: ${sign(code)} ${names.call(k, calls)}`
  }
  if (held.offset < field.arguments) return ''
  const as = code === opcode.jumpSet || held.mask !== maximum ? 'flags' : 'number'
  return `${names.held(held.offset, held.mask, calls)} ${sign(code)} ${names.value(held.offset, k, calls, as)}${code === opcode.jumpSet ? ' set' : ''}`
}

function sign(code: number): string {
  switch (code) {
    case opcode.jumpEqual:
      return '=='
    case opcode.jumpGreater:
      return '>'
    case opcode.jumpGreaterEqual:
      return '>='
    default:
      return '&'
  }
}

/** What a jump decides at once: `yes: allow, no: EPERM`. */
function endsOf(program: readonly Instruction[], index: number, { jt, jf }: Instruction): string {
  const end = (word: string, distance: number): readonly string[] => {
    const target = program[index + 1 + distance]
    return target?.code === opcode.return ? [`${word}: ${answerOf(target.k).name}`] : []
  }
  return [...end('yes', jt), ...end('no', jf)].join(', ')
}
