import type { Arch } from '../../../host/facts.js'
import { auditArch, x32Bit } from '../arch.js'
import type { Instruction } from '../code/bpf.js'
import { dataWords, simulate } from '../code/simulate.js'
import { toWord64 } from '../condition/test.js'
import { explainSyscall } from '../explain.js'
import { answerOf, letsThrough } from '../listing/answers.js'
import { seccompProblems } from '../problems.js'
import { isExempt } from '../problems/vital.js'
import { letsByDefault, type FilterRequest } from '../request.js'
import { syscallTable } from '../tables.js'
import { isConstantAllow } from './cache.js'
import type { TrialCall } from './call.js'

/** What a filter answers to one call, and why. */
export interface Trial {
  readonly call: TrialCall
  /** `allow`, `EPERM`, `kill_process`. */
  readonly answer: string
  readonly words: string
  readonly outcome: 'allowed' | 'refused'
  /** Instructions that run. */
  readonly steps: number
  /** Whether the kernel answers from its cache, without running the filter. */
  readonly cache: 'answered from the cache' | 'run for each call'
  /** What of the policy decides: `rules[2]: family == AF_VSOCK`; null for a filter without a policy. */
  readonly because: string | null
  /** The smallest change of the policy that would let the call through; null: there is none, or it is allowed. */
  readonly change: string | null
}

/** Makes a call under a filter. `request` is what the filter was made from, null if nobody knows. */
export function tryCall(
  program: readonly Instruction[],
  call: TrialCall,
  arch: Arch,
  request: FilterRequest | null,
): Trial {
  const data = { arch: auditArch[arch], number: call.number, args: call.args.map(toWord64) }
  const { value, steps } = simulate(program, dataWords(data))
  const { name: answer, words } = answerOf(value)
  const outcome = letsThrough(value) ? 'allowed' : 'refused'
  // The kernel keeps an answer for the numbers of its table; those of the private range of arm lie outside.
  const inTable = syscallTable(arch).byNumber.has(call.number) && call.number < armPrivate
  const cached = inTable && isConstantAllow(program, auditArch[arch], call.number)
  return {
    call,
    answer,
    words,
    outcome,
    steps,
    cache: cached ? 'answered from the cache' : 'run for each call',
    ...(request === null ? { because: null, change: null } : reasonOf(call, arch, request)),
  }
}

const armPrivate = 0xf0000

function reasonOf(call: TrialCall, arch: Arch, request: FilterRequest): Pick<Trial, 'because' | 'change'> {
  if (arch === 'x86_64' && call.number >= x32Bit) {
    return { because: 'numbers from 0x40000000 on are x32 calls, or none: always refused', change: null }
  }
  if (call.name === null) return { because: `${arch} has no call ${call.number} that our tables know`, change: null }
  if (isExempt(call.name)) {
    return { because: `the kernel exempts ${call.name} from every filter: no answer of one is asked for`, change: null }
  }
  const args = Array.from({ length: 6 }, (_, index) => call.args[index] ?? 0n)
  const { clauses, decisive, otherwise, answer, remedies } = explainSyscall(call.name, arch, request, args)
  const clause = decisive === null ? undefined : clauses[decisive]
  const condition = clause?.when === null || clause === undefined ? '' : `: ${clause.when.join(' or ')}`
  const because = clause === undefined ? otherwiseText(request, otherwise) : `${keyOf(clause.by)}${condition}`
  if (answer === 'allowed') return { because, change: null }
  return { because, change: changeFor(clause?.by ?? null, call.name, request, remedies) }
}

function otherwiseText(request: FilterRequest, answer: unknown): string {
  if (letsByDefault(request)) return 'syscalls.otherwise: no rule refuses it'
  const isProbe = typeof answer === 'object' && answer !== null && 'errno' in answer && answer.errno === 'ENOSYS'
  return isProbe
    ? 'nothing grants it; libraries try it out, so it answers as on a kernel without it'
    : 'nothing grants it (syscalls.denied)'
}

function keyOf(by: string): string {
  if (by.startsWith('rules') || by === 'allow') return `syscalls.${by}`
  if (by === 'never') return 'never allowed'
  return ['core', 'start', 'exec-load', 'one-exec'].includes(by) ? `always granted (${by})` : `promise ${by}`
}

/** Of remedies of one size the plain words count: `tmppath` opens for writing too, but says something else. */
const plainWords: readonly string[] = ['rpath', 'wpath', 'cpath', 'inet_client', 'unix']

function strangeness(promises: readonly string[]): number {
  return promises.filter((promise) => !plainWords.includes(promise)).length
}

function changeFor(
  by: string | null,
  name: string,
  request: FilterRequest,
  remedies: readonly (readonly string[])[],
): string | null {
  if (by === 'never') return null
  if (by?.startsWith('rules') === true) return `change syscalls.${by}`
  const [promises] = remedies.toSorted((left, right) => strangeness(left) - strangeness(right))
  if (promises !== undefined) return `add ${promises.join(' and ')} to syscalls.promises`
  const { arch, ...part } = request
  const possible = seccompProblems({ ...part, allow: [...(part.allow ?? []), name] }, arch, 'elsewhere').length === 0
  return possible ? `add ${name} to syscalls.allow` : null
}
