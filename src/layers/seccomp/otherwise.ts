/**
 * `otherwise: allow` (and `log`, which lets through too): the filter refuses what rules name and lets every other known
 * call through. It is the weaker form of a filter, so what can be kept is kept:
 * - a number that the tables do not know gets ENOSYS: a call of a newer kernel could do what a rule refuses;
 * - x32 numbers and other arches are refused, and the commands that are never allowed stay refused;
 * - a rule that another call gets around is an error (problems/otherwise.ts, problems/bypass.ts).
 */
import type { Action } from './action.js'
import type { FilterRequest } from './request.js'

/** The answer to a known call that no clause of the policy lets through or refuses. */
export function otherwiseAction({ otherwise }: Pick<FilterRequest, 'otherwise'>, denied: Action): Action {
  return otherwise === undefined || otherwise === 'denied' ? denied : otherwise
}
