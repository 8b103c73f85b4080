import type { Arch } from '../../host/facts.js'
import { actionOf, type Action } from './action.js'
import { auditArch } from './arch.js'
import { decodeProgram, field, opcode, type Instruction } from './code/bpf.js'
import { dataWords, simulate } from './code/simulate.js'
import { toWord64 } from './condition/test.js'
import { syscallTable } from './tables.js'

export interface SyscallAttempt {
  readonly arch: Arch
  /** As the program passes it: x32 numbers carry bit 30; negative ones are taken as unsigned. */
  readonly nr: number
  /** Up to six; missing ones are 0. */
  readonly args: readonly bigint[]
}

/** What a filter answers to one call. */
export function evaluateSyscall(program: Uint8Array, { arch, nr, args }: SyscallAttempt): Action {
  const data = { arch: auditArch[arch], number: nr >>> 0, args: args.map(toWord64) }
  return actionOf(simulate(decodeProgram(program), dataWords(data)).value)
}

/** What a filter can answer to a call, over all arguments; null: the arch has no such call. */
export function possibleAnswers(program: Uint8Array, arch: Arch, name: string): readonly Action[] | null {
  const call = syscallTable(arch).byName.get(name)
  if (call === undefined) return null
  const known: ReadonlyMap<number, number> = new Map([
    [field.arch, auditArch[arch]],
    [field.number, call.number],
  ])
  const answers = new Map<number, Action>()
  const seen = new Set<string>()
  const todo: Place[] = [{ index: 0, held: null }]
  const instructions = decodeProgram(program)
  for (let place = todo.pop(); place !== undefined; place = todo.pop()) {
    const key = `${place.index} ${place.held}`
    const instruction = instructions[place.index]
    if (seen.has(key) || instruction === undefined) continue
    seen.add(key)
    if (instruction.code === opcode.return) answers.set(instruction.k, actionOf(instruction.k))
    else todo.push(...successors(instruction, place, known))
  }
  return [...answers.values()]
}

interface Place {
  readonly index: number
  /** What the accumulator holds, if it does not depend on arguments. */
  readonly held: number | null
}

function successors(
  { code, jt, jf, k }: Instruction,
  place: Place,
  known: ReadonlyMap<number, number>,
): readonly Place[] {
  const { index, held } = place
  const next = (distance: number): Place => ({ index: index + 1 + distance, held })
  switch (code) {
    case opcode.load:
      return [{ index: index + 1, held: known.get(k) ?? null }]
    case opcode.and:
      return [{ index: index + 1, held: held === null ? null : (held & k) >>> 0 }]
    case opcode.jumpAlways:
      return [next(k)]
    case opcode.jumpEqual:
      return branch(held === null ? null : held === k)
    case opcode.jumpGreater:
      return branch(held === null ? null : held > k)
    case opcode.jumpGreaterEqual:
      return branch(held === null ? null : held >= k)
    case opcode.jumpSet:
      return branch(held === null ? null : (held & k) !== 0)
    default:
      // Not of our making: whatever the accumulator holds now is unknown.
      return [{ index: index + 1, held: null }]
  }
  function branch(taken: boolean | null): readonly Place[] {
    if (taken === null) return [next(jt), next(jf)]
    return [next(taken ? jt : jf)]
  }
}
