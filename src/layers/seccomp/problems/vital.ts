/** Calls that no rule can refuse, must refuse, or may allow whole. */
import type { Problem } from '../../../core/errors.js'
import { lets } from '../action.js'
import { both, everywhere, isWithin } from '../condition/cover.js'
import { implicitPromises, never } from '../promises.js'
import type { SyscallTable } from '../tables.js'
import { regionOf, type PlacedRule } from './context.js'

/** The kernel runs these two without asking any filter (seccomp_uprobe_exception). */
const exempt: readonly string[] = ['uprobe', 'uretprobe']

/** Rules for what no filter sees. */
export function exemptProblems({ rule: { syscall, action }, key }: PlacedRule): readonly Problem[] {
  if (!exempt.includes(syscall) || lets(action)) return []
  const message = `the kernel exempts ${syscall} from every filter, so the rule would do nothing`
  return [{ key, message, fix: 'remove the rule' }]
}

/** Without these the program does not start, cannot end, or dies at its first signal. */
const vital: ReadonlySet<string> = new Set([...implicitPromises.core.grants[0].calls.split(' '), 'execve'])

/** Rules that refuse all of what every program needs. */
export function startProblems({ rule, key }: PlacedRule, tables: readonly SyscallTable[]): readonly Problem[] {
  const { syscall, action } = rule
  if (lets(action) || !vital.has(syscall)) return []
  if (!tables.some((table) => isWithin(everywhere, regionOf(rule, table)))) return []
  const starts = syscall === 'execve'
  const message = `without ${syscall} no program can ${starts ? 'be started' : 'end or return from a signal'}`
  const once = 'remove the rule: without the promise exec, execve passes once and no more'
  return [{ key, message, fix: starts ? once : `remove the rule: a sandbox of its own ends with the program` }]
}

/** A rule that would allow what is never allowed would be silently cut. */
export function neverProblems({ rule, key }: PlacedRule, tables: readonly SyscallTable[]): readonly Problem[] {
  if (!lets(rule.action)) return []
  const cut = never.find((grant) => {
    if (!grant.calls.split(' ').includes(rule.syscall)) return false
    const forbidden = { syscall: rule.syscall, when: grant.when }
    return tables.some((table) => both(regionOf(forbidden, table), regionOf(rule, table)).length > 0)
  })
  if (cut === undefined) return []
  const message = `the rule allows what is never allowed: ${rule.syscall} with ${cut.when?.join(' or ')}`
  return [{ key, message, fix: 'name the commands that you need (cmd in [...])' }]
}
