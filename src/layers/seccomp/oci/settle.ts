import { InternalError, type Problem } from '../../../core/errors.js'
import { lets } from '../action.js'
import { reachableArches } from '../arch.js'
import { seccompProblems } from '../problems.js'
import type { FilterRequest, Rule } from '../request.js'
import { syscallTable } from '../tables.js'
import type { Loss } from './losses.js'

/** Takes out what our rules forbid, until nothing is wrong; a rule that refuses is made wider instead. */
export function settled(written: FilterRequest): { readonly request: FilterRequest; readonly told: readonly Loss[] } {
  const told: Loss[] = []
  let request = written
  for (let round = 0; round < 300; round += 1) {
    const { arch, ...part } = request
    const problems = seccompProblems(part, arch)
    if (problems.length === 0) return { request, told }
    request = mended(request, problems, told)
  }
  throw new InternalError('an imported profile does not settle')
}

function mended(request: FilterRequest, problems: readonly Problem[], told: Loss[]): FilterRequest {
  const { rules = [], allow = [] } = request
  const wrong = new Map(
    problems.map((problem) => [/^syscalls\.(?:rules|allow)\[\d+\]/.exec(problem.key)?.[0], problem]),
  )
  const added = problems.flatMap(({ fix }) => /^add \{ syscall: (\w+),/.exec(fix ?? '')?.[1] ?? []).slice(0, 1)
  if (added.length > 0) {
    const rule: Rule = { syscall: added[0] ?? '', action: { errno: 'ENOSYS' } }
    told.push({ kind: 'note', text: `${rule.syscall} is refused: it would get around the rules on other calls` })
    return { ...request, allow: allow.filter((name) => name !== rule.syscall), rules: [...rules, rule] }
  }
  const narrow = reachableArches(request.arch).slice(1)
  const isNarrow = ({ message }: Problem): boolean => narrow.some((arch) => new RegExp(` on ${arch}\\b`).test(message))
  const kept = rules.flatMap((rule, index): readonly Rule[] => {
    const problem = wrong.get(`syscalls.rules[${index}]`)
    if (problem === undefined) return [rule]
    // What is wrong with the 32-bit table alone need not be lost for the native one.
    if (isNarrow(problem) && rule.arch === undefined) return [{ ...rule, arch: request.arch }]
    const widened = lets(rule.action) || rule.when === undefined ? [] : [{ syscall: rule.syscall, action: rule.action }]
    if (!/^(?:changes nothing|never reached)/.test(problem.message)) {
      told.push({ kind: 'note', text: `${rule.syscall}: ${problem.message}` })
    }
    return widened
  })
  const nativeOnly: Rule[] = []
  const names = allow.filter((name, index) => {
    const problem = wrong.get(`syscalls.allow[${index}]`)
    if (problem !== undefined && isNarrow(problem) && syscallTable(request.arch).byName.has(name)) {
      nativeOnly.push({ syscall: name, arch: request.arch, action: 'allow' })
    } else if (problem !== undefined) told.push({ kind: 'note', text: `${name} is left out: ${problem.message}` })
    return problem === undefined
  })
  if (
    kept.length === rules.length &&
    names.length === allow.length &&
    kept.every((rule, index) => rule === rules[index])
  ) {
    throw new InternalError(`an imported profile is wrong: ${problems[0]?.key}: ${problems[0]?.message}`)
  }
  return { ...request, rules: [...kept, ...nativeOnly], allow: names }
}
