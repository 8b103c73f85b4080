import { encodeProgram } from './code/bpf.js'
import { generate } from './code/generate.js'
import { meaningOf } from './meaning.js'
import { prove } from './proof/prove.js'
import type { FilterRequest } from './request.js'

export interface CompiledFilter {
  /** `struct sock_filter[]`, 8 bytes an instruction, little-endian. */
  readonly program: Uint8Array
  readonly instructions: number
}

/**
 * The filter of a policy, proven against it. The request must be free of problems (`seccompProblems`).
 * Throws `InternalError` if the code does not do what the request says, `ComplexityError` if that cannot be proven in a
 * reasonable time.
 */
export function compileFilter(request: FilterRequest): CompiledFilter {
  const meaning = meaningOf(request)
  const program = generate(meaning)
  prove(program, meaning)
  return { program: encodeProgram(program), instructions: program.length }
}
