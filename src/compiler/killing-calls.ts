import { auditArch, reachableArches } from '../layers/seccomp/arch.js'
import { promisesNaming } from '../layers/seccomp/explain.js'
import { decisionOf } from '../layers/seccomp/meaning.js'
import type { FilterRequest } from '../layers/seccomp/request.js'
import { syscallTable } from '../layers/seccomp/tables.js'
import type { KillingCall } from '../layers/report/report.js'

/** Every call that the filter of `request` may kill a process for, with the promises that allow it or some uses of it. */
export function killingCalls(request: FilterRequest): readonly KillingCall[] {
  return reachableArches(request.arch).flatMap((arch) =>
    [...syscallTable(arch).byNumber.values()].flatMap(({ name, number }): KillingCall[] => {
      const decision = decisionOf(request, arch, name)
      const actions = decision === null ? [] : [decision.otherwise, ...decision.clauses.map(({ action }) => action)]
      if (!actions.includes('kill_process')) return []
      return [{ auditArch: auditArch[arch], number, syscall: name, allowedBy: promisesNaming(name) }]
    }),
  )
}
