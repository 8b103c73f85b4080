import type { KillingCall } from '../layers/report/report.js'
import { lets } from '../layers/seccomp/action.js'
import { promisesNaming } from '../layers/seccomp/explain.js'
import { meaningOf, type Decision } from '../layers/seccomp/meaning.js'
import type { FilterRequest } from '../layers/seccomp/request.js'

/**
 * With these a program can send itself the SIGSYS that the filter's kill ends in (seccomp(2)). Where some use of one is
 * allowed, a death in it tells nothing.
 */
const sendsSignals: ReadonlySet<string> = new Set([
  'kill',
  'tgkill',
  'tkill',
  'rt_sigqueueinfo',
  'rt_tgsigqueueinfo',
  'pidfd_send_signal',
])

/** Every call that the filter of `request` may kill a process for, with what would have let it through. */
export function killingCalls(request: FilterRequest): readonly KillingCall[] {
  return meaningOf(request).tables.flatMap(({ audit, decisions }) =>
    [...decisions.values()].flatMap((decision): KillingCall[] => {
      const { name, number } = decision.call
      const actions = actionsOf(decision)
      // A thread that kill_thread ended leaves the same trace as a process that kill_process did.
      const certain = actions.includes('kill_process') && !actions.includes('kill_thread')
      const isProof = certain && !(sendsSignals.has(name) && actions.some(lets))
      return isProof ? [{ auditArch: audit, number, syscall: name, ...reasons(decision, request) }] : []
    }),
  )
}

function reasons(
  { call, clauses, otherwise }: Decision,
  { promises }: FilterRequest,
): Pick<KillingCall, 'refusedBy' | 'allowedBy'> {
  const refusing = clauses.filter(({ by, action }) => action === 'kill_process' && by.startsWith('rules'))
  const missing = promisesNaming(call.name).filter((name) => !promises.includes(name))
  const isDecided = otherwise !== 'kill_process' || clauses.some(({ when }) => when === null)
  return { refusedBy: refusing.map(({ by }) => `syscalls.${by}`), allowedBy: isDecided ? [] : missing }
}

/** What the filter can answer: nothing comes after a clause that always holds. */
function actionsOf({ clauses, otherwise }: Decision): readonly Decision['otherwise'][] {
  const always = clauses.findIndex(({ when }) => when === null)
  const reached = always === -1 ? clauses : clauses.slice(0, always + 1)
  return [...reached.map(({ action }) => action), ...(always === -1 ? [otherwise] : [])]
}
