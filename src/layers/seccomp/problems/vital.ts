/** Calls that no rule can refuse, must refuse, or may allow whole. */
import type { Problem } from '../../../core/errors.js'
import type { Arch } from '../../../host/facts.js'
import { lets } from '../action.js'
import { both, everywhere, isWithin } from '../condition/cover.js'
import { implicitPromises, never } from '../promises.js'
import type { SyscallTable } from '../tables.js'
import { regionOf, type PlacedRule } from './context.js'

/** The kernel runs these two without asking any filter (seccomp_uprobe_exception). */
export function isExempt(syscall: string): boolean {
  return syscall === 'uprobe' || syscall === 'uretprobe'
}

/** Rules for what no filter sees. */
export function exemptProblems({ rule: { syscall, action }, key }: PlacedRule): readonly Problem[] {
  if (!isExempt(syscall) || lets(action)) return []
  const message = `the kernel exempts ${syscall} from every filter, so the rule would do nothing`
  return [{ key, message, fix: 'remove the rule' }]
}

/** Without these the program does not start, cannot end, or dies at its first signal. */
const vital: ReadonlySet<string> = new Set([...implicitPromises.core.grants[0].calls.split(' '), 'execve'])

/** Rules that refuse all of what every program needs; on one table by name, programs of the other go on. */
export function startProblems(
  { rule, key }: PlacedRule,
  tables: readonly SyscallTable[],
  native: Arch,
): readonly Problem[] {
  const { syscall, action, arch } = rule
  if (lets(action) || !vital.has(syscall)) return []
  const needed = arch === undefined ? tables : tables.filter((table) => table.arch === native)
  if (!needed.some((table) => isWithin(everywhere, regionOf(rule, table)))) return []
  const starts = syscall === 'execve'
  const message = `without ${syscall} no program can ${starts ? 'be started' : 'end or return from a signal'}`
  const once = 'remove the rule: without the promise exec, execve passes once and no more'
  return [{ key, message, fix: starts ? once : `remove the rule: a sandbox of its own ends with the program` }]
}

/** A rule that would allow what is never allowed would be silently cut. */
export function neverProblems({ rule, key }: PlacedRule, tables: readonly SyscallTable[]): readonly Problem[] {
  if (!lets(rule.action)) return []
  const cut = never.find((one) => {
    if (one.syscall !== rule.syscall) return false
    return tables.some((table) => both(regionOf(one, table), regionOf(rule, table)).length > 0)
  })
  if (cut === undefined) return []
  const message = `the rule allows what is never allowed: ${rule.syscall} with ${cut.when}`
  return [{ key, message, fix: `add to the condition: ${cut.rest}` }]
}
