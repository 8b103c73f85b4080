import type { KillingCall } from '../layers/report/report.js'
import { promisesNaming } from '../layers/seccomp/explain.js'
import { meaningOf } from '../layers/seccomp/meaning.js'
import type { FilterRequest } from '../layers/seccomp/request.js'

/** Every call that the filter of `request` may kill a process for, with the promises that allow some use of it. */
export function killingCalls(request: FilterRequest): readonly KillingCall[] {
  return meaningOf(request).tables.flatMap(({ audit, decisions }) =>
    [...decisions.values()].flatMap(({ call: { name, number }, clauses, otherwise }): KillingCall[] => {
      const kills = [otherwise, ...clauses.map(({ action }) => action)].includes('kill_process')
      return kills ? [{ auditArch: audit, number, syscall: name, allowedBy: promisesNaming(name) }] : []
    }),
  )
}
