import type { Call } from './faults.js'

/**
 * A call whose failure need not end the launch with a message of ours. For each of them somebody has read what the
 * launcher does next; the reason stands beside it.
 * - `in force`: the program runs, and every layer holds
 * - `told by another`: the launch ends, and the message says so in other words, or names a call that failed in turn
 */
export interface Reviewed {
  readonly names: readonly string[]
  readonly processes?: readonly Call['process'][]
  /** First argument, where only that form is meant. */
  readonly first?: string
  readonly errors?: readonly string[]
  readonly outcomes: readonly ('in force' | 'told by another')[]
  readonly why: string
}

export const reviewed: readonly Reviewed[] = [
  {
    names: ['mprotect'],
    processes: ['supervisor'],
    outcomes: ['told by another'],
    why: 'before main: no names of errors are at hand, and nothing runs whose constants could be written',
  },
  {
    names: ['geteuid'],
    outcomes: ['in force', 'told by another'],
    why: 'cannot fail. If it did, root would be taken for a user, who cannot write its id maps',
  },
  {
    names: ['getresuid', 'getresgid', 'getppid'],
    processes: ['supervisor'],
    outcomes: ['in force', 'told by another'],
    why: 'cannot fail',
  },
  {
    names: ['faccessat'],
    processes: ['supervisor'],
    outcomes: ['in force'],
    why: 'whether the caller may write or run something: no, as it was when the plan was compiled',
  },
  {
    names: ['fcntl'],
    processes: ['supervisor'],
    outcomes: ['told by another'],
    why: 'F_GETFD fails for a closed descriptor only: the message asks for open ones',
  },
  {
    names: ['openat2'],
    errors: ['ENOSYS'],
    outcomes: ['in force'],
    why: 'a filter that does not let it through: the same path is walked, each component in the one before',
  },
  {
    names: ['close'],
    outcomes: ['in force', 'told by another'],
    why: 'whatever stays open is closed by execve. A file of the view still open for writing keeps it from being sealed',
  },
  {
    names: ['sendmsg', 'recvmsg', 'poll', 'ppoll', 'read', 'write'],
    errors: ['EINTR'],
    outcomes: ['in force'],
    why: 'interrupted before it did anything: done again',
  },
  {
    names: ['keyctl'],
    errors: ['ENOSYS'],
    outcomes: ['in force'],
    why: 'a kernel without keys: there is no keyring that the program could inherit',
  },
  {
    names: ['prctl'],
    first: '24',
    errors: ['EINVAL'],
    outcomes: ['in force'],
    why: 'PR_CAPBSET_DROP one past the last capability; PR_CAPBSET_READ must say the same, or the launch ends',
  },
  {
    names: ['prctl'],
    first: '23',
    outcomes: ['in force'],
    why: 'PR_CAPBSET_READ one past the last capability, asked after PR_CAPBSET_DROP has failed there, fails anyway',
  },
]

export function reviewOf(call: Call, error: string): Reviewed | undefined {
  return reviewed.find(
    ({ names, processes, first, errors }) =>
      names.includes(call.name) &&
      (processes === undefined || processes.includes(call.process)) &&
      (first === undefined || first === call.first) &&
      (errors === undefined || errors.includes(error)),
  )
}
