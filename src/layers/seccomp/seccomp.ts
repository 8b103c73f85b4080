/**
 * The seccomp layer: promises and rules to a filter. What other parts of Palisade use of it is here.
 *
 * promises.ts says what is allowed; meaning.ts makes that one decision for each call of each table; code/ makes a
 * diagram of the decisions, then instructions, which proof/ proves against the decisions.
 */
import type { LayerClaims } from '../layer.js'
import { lets } from './action.js'
import { compileFilter } from './compile.js'
import { oneExecFilter } from './fixed-filters.js'
import { promiseDefinition, type PromiseName } from './promises.js'
import { letsByDefault, type FilterRequest } from './request.js'
import type { AllowOneExec, LoadFilter } from './steps.js'

export { actionText, type Action } from './action.js'
export { convertedSize, maximumConverted, stackedSize } from './code/converted-size.js'
export { FilterTooLongError } from './code/too-long.js'
export { compileFilter, type CompiledFilter } from './compile.js'
export { disassemble } from './disassemble.js'
export { evaluateSyscall, possibleAnswers, type SyscallAttempt } from './evaluate.js'
export {
  explainSyscall,
  explanationText,
  listPromises,
  syscallName,
  type ExplainedClause,
  type ListedPromise,
  type SyscallExplanation,
} from './explain.js'
export { describePromise, findPromise } from './describe-promise.js'
export { seccompNotes, type Note } from './notes.js'
export { allowListFilter, oneExecFilter } from './fixed-filters.js'
export { seccompProblems, type Listener, type PolicyPart } from './problems.js'
export { isPromise, promiseNames, type PromiseName } from './promises.js'
export type { FilterRequest, Rule } from './request.js'
export { schema, type SyscallsPolicy } from './schema.js'
export { tablesKernel, tablesOrigin } from './tables.js'
export { callsAfter } from './tables-age.js'

/** Keys of the policy that this layer enforces. */
export const claims: LayerClaims = {
  layer: 'seccomp',
  claims: [
    'syscalls.promises',
    'syscalls.denied',
    'syscalls.rules',
    'syscalls.allow',
    'syscalls.otherwise',
    'syscalls.minimumKernel',
    'unsafe.allow-by-default',
  ],
}

/** The steps for a request: the policy's filter, and before it one that lets a single execve pass. */
export function lower(request: FilterRequest): readonly (AllowOneExec | LoadFilter)[] {
  const filter: LoadFilter = {
    op: 'seccomp.load-filter',
    origin: 'syscalls.promises',
    filter: compileFilter(request).program,
  }
  if (mayExec(request)) return [filter]
  const once: AllowOneExec = {
    op: 'seccomp.allow-one-exec',
    origin: 'syscalls.promises',
    filter: oneExecFilter(request.arch),
  }
  return [once, filter]
}

/** Whether the program may start others: by the promise, or because the policy names the call. */
export function mayExec(request: FilterRequest): boolean {
  return promisesOrNames(request, 'exec', ['execve', 'execveat'])
}

/** Whether the program may have sockets that reach socket files: by the promise, or because the policy names the call. */
export function makesUnixSockets(request: FilterRequest): boolean {
  return promisesOrNames(request, 'unix', ['socket', 'socketpair', 'socketcall'])
}

/** Whether the program may connect a socket that it has: by some promise, or because the policy names the call. */
export function connectsSockets(request: FilterRequest): boolean {
  const { promises } = request
  const grantsConnect = (name: PromiseName): boolean =>
    promiseDefinition(name).grants.some(({ calls }) => calls.split(' ').includes('connect'))
  // MSG_FASTOPEN connects too, which promises refuse; what io_uring is given no filter sees.
  const sends = ['sendto', 'sendmsg', 'sendmmsg']
  const rings = ['io_uring_setup', 'io_uring_enter', 'io_uring_register']
  return (
    promises.some(grantsConnect) || promisesOrNames(request, 'iouring', ['connect', 'socketcall', ...sends, ...rings])
  )
}

function promisesOrNames(request: FilterRequest, promise: PromiseName, calls: readonly string[]): boolean {
  const { promises, allow, rules } = request
  const byRule = (rules ?? []).some(({ syscall, action }) => calls.includes(syscall) && lets(action))
  return (
    letsByDefault(request) || promises.includes(promise) || (allow ?? []).some((call) => calls.includes(call)) || byRule
  )
}
