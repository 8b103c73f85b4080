/** Names of calls and errors. */
import type { Problem } from '../../../core/errors.js'
import { nearest } from '../../../policy/suggest.js'
import { reachableArches } from '../arch.js'
import { errnoNames, errnoOf } from '../tables.js'
import type { Context, PlacedRule } from './context.js'

/** A name that no arch has. */
export function nameProblems(name: string, key: string, { tables }: Context): readonly Problem[] {
  if (tables.some(({ byName }) => byName.has(name))) return []
  const message = `unknown system call ${name}`
  if (/^x32_|^compat_/.test(name)) {
    return [{ key, message, fix: 'remove the rule: x32 calls are always refused, and arch names the 32-bit tables' }]
  }
  const guess = nearest(name, [...new Set(tables.flatMap(({ byName }) => [...byName.keys()]))])
  return [
    guess === null ? { key, message, fix: 'write it as syscalls(2) does' } : { key, message, fix: `write ${guess}` },
  ]
}

/** A call that other arches have. */
export function absentProblem({ rule, key }: PlacedRule, { arch, tables }: Context): Problem {
  const having = tables.filter(({ byName }) => byName.has(rule.syscall)).map((table) => table.arch)
  const where = [rule.arch ?? reachableArches(arch)].flat()
  return {
    key: `${key}.syscall`,
    message:
      `${where.join(' and ')} ${where.length === 1 ? 'has' : 'have'} no system call ${rule.syscall}; ` +
      `${having.join(', ')} ${having.length === 1 ? 'has' : 'have'} it`,
    fix: 'remove the rule: a call that an arch does not have gets ENOSYS',
  }
}

/** An error that no kernel returns. */
export function errnoProblems({ rule: { action }, key }: PlacedRule): readonly Problem[] {
  if (typeof action === 'string' || errnoOf(action.errno) !== null) return []
  const guess = nearest(action.errno, errnoNames())
  const fix = guess === null ? 'write a name from errno(3)' : `write ${guess}`
  return [{ key: `${key}.action.errno`, message: `unknown error ${action.errno}`, fix }]
}
