import { InternalError } from '../../../core/errors.js'
import { field, opcode, type Instruction } from '../code/bpf.js'
import { refusalOf } from '../code/check.js'
import { naming } from '../code/complexity.js'
import type { Meaning } from '../meaning.js'
import { makeBdds, type Bdd } from './bdd.js'
import { bitsOf, constantBits, wordAt } from './bits.js'
import { differenceIn, disagreement, lateAllow } from './disagreement.js'
import { functionsOfProgram } from './function-of-program.js'
import { makeReference } from './reference.js'
import { walk, type End } from './walk.js'

/** What a proof went through. */
export interface Proof {
  /** Classes of calls that were compared: ranges of arches and numbers with one meaning and one way through the program. */
  readonly classes: number
  /** Calls that the policy always allows, each found to be so without a look at an argument. */
  readonly alwaysAllowed: number
  /** Diagrams that there are, over all programs that one prover has seen. */
  readonly diagrams: number
}

/**
 * Proves that a program means what it was made from:
 * - The kernel accepts it.
 * - All arches and all numbers are followed to the first look at anything else, as ranges (walk.ts). What the policy
 *   always allows has been allowed by then: so the kernel, which walks like this at attach, never runs the filter for it
 *   (seccomp.c, seccomp_is_const_allow).
 * - What the program returns from there on, and what the reference meaning says, are made functions of the arguments in
 *   a form in which equal functions are one (bdd.ts). All values are compared; none are chosen.
 *
 * Throws `InternalError`, and `ComplexityError` where the proof would take too long.
 */
export function prove(program: readonly Instruction[], meaning: Meaning): Proof {
  return makeProver(meaning)(program)
}

/** Proves several programs against one meaning. */
export function makeProver(meaning: Meaning): (program: readonly Instruction[]) => Proof {
  const bdds = makeBdds()
  const reference = makeReference(bdds, meaning)
  const held: { readonly [H in End['holds']]: readonly Bdd[] } = {
    nothing: constantBits(0),
    arch: bitsOf(bdds, wordAt(field.arch)),
    number: bitsOf(bdds, wordAt(field.number)),
  }
  return (program) => {
    const refusal = refusalOf(program)
    if (refusal !== null) throw new InternalError(`the kernel would refuse the filter: ${refusal}`)
    const ends = walk(program)
    const functions = naming('the conditions of all rules together', () => {
      return functionsOfProgram(bdds, program, new Set(ends.map(({ index }) => index)))
    })
    let classes = 0
    let alwaysAllowed = 0
    for (const end of ends) {
      const found = bdds.replace(functionAt(functions, end), held[end.holds], (rest) => rest)
      reference(end, (part) => {
        classes += 1
        const difference = found === part.wanted ? null : differenceIn(bdds, part, found)
        if (difference !== null) throw disagreement(program, meaning, difference)
        if (!part.alwaysAllowed) return
        if (program[end.index]?.code !== opcode.return) throw lateAllow(part, end.index)
        alwaysAllowed += part.number.to - part.number.from + 1
      })
    }
    return { classes, alwaysAllowed, diagrams: bdds.size() }
  }
}

function functionAt(functions: ReadonlyMap<number, Bdd>, { index }: End): Bdd {
  const found = functions.get(index)
  if (found === undefined) throw new InternalError(`no function of instruction ${index}`)
  return found
}
