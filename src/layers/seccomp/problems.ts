import type { Problem } from '../../core/errors.js'
import type { Arch } from '../../host/facts.js'
import { lets } from './action.js'
import { reachableArches } from './arch.js'
import { bindCondition } from './condition/bind.js'
import { ConditionError } from './condition/grammar.js'
import { nearest } from './condition/nearest.js'
import { holds, type Conjunction } from './condition/test.js'
import { toWords } from './condition/words.js'
import { meaningOf } from './meaning.js'
import { otherwiseProblems } from './otherwise.js'
import { implicitPromises, never, type Grant } from './promises.js'
import { alternativesOf, type FilterRequest, type Rule } from './request.js'
import { errnoNames, errnoOf, syscallTable, type Syscall, type SyscallTable } from './tables.js'

/** The part of a policy that says which calls may be made, for the table of one machine. */
export type PolicyPart = Omit<FilterRequest, 'arch'>

/** Everything about `syscalls` that the schema cannot see: unknown, contradictory and unenforceable things. */
export function seccompProblems(part: PolicyPart, arch: Arch): readonly Problem[] {
  const context: Context = { part, arch, tables: allArches.map(syscallTable) }
  const rules = (part.rules ?? []).flatMap((rule, index) => ruleProblems(rule, index, context))
  const allowed = (part.allow ?? []).flatMap((name, index) => allowProblems(name, index, context))
  const found = [...rules, ...allowed]
  return found.length === 0 ? [...bypassProblems(context), ...otherwiseProblems(part, arch)] : found
}

interface Context {
  readonly part: PolicyPart
  readonly arch: Arch
  readonly tables: readonly SyscallTable[]
}

const allArches: readonly Arch[] = ['x86_64', 'i386', 'aarch64', 'arm', 'riscv64']

function ruleProblems(rule: Rule, index: number, context: Context): readonly Problem[] {
  const key = `syscalls.rules[${index}]`
  const unknown = nameProblems(rule.syscall, `${key}.syscall`, context)
  if (unknown.length > 0) return unknown
  const tables = tablesOf(rule, context)
  const first = tables[0]
  if (first === undefined) return [absentProblem(rule, key, context)]
  return [
    ...errnoProblems(rule, key),
    ...conditionProblems(rule, key, tables),
    ...hiddenProblems(rule, index, context),
    ...exemptProblems(rule, key),
    ...startProblems(rule, key),
    ...neverProblems(rule, key, tables),
  ]
}

/** The tables that a rule is about: the one that it names, or all that this machine's programs reach and have it. */
function tablesOf(rule: Rule, { arch, tables }: Context): readonly SyscallTable[] {
  const wanted = rule.arch === undefined ? reachableArches(arch) : [rule.arch]
  return tables.filter((table) => wanted.includes(table.arch) && table.byName.has(rule.syscall))
}

function nameProblems(name: string, key: string, { tables }: Context): readonly Problem[] {
  if (tables.some(({ byName }) => byName.has(name))) return []
  const guess = nearest(name, [...new Set(tables.flatMap(({ byName }) => [...byName.keys()]))])
  const message = `unknown system call ${name}`
  return [guess === null ? { key, message } : { key, message, fix: `write ${guess}` }]
}

function absentProblem(rule: Rule, key: string, { arch, tables }: Context): Problem {
  const having = tables.filter(({ byName }) => byName.has(rule.syscall)).map((table) => table.arch)
  const where = rule.arch ?? reachableArches(arch).join(' and ')
  return {
    key: `${key}.syscall`,
    message: `${where} has no system call ${rule.syscall}; ${having.join(', ')} ${having.length === 1 ? 'has' : 'have'} it`,
    fix: 'remove the rule: a call that an arch does not have gets ENOSYS',
  }
}

function errnoProblems({ action }: Rule, key: string): readonly Problem[] {
  if (typeof action === 'string' || errnoOf(action.errno) !== null) return []
  const guess = nearest(action.errno, errnoNames())
  const fix = guess === null ? 'write a name from errno(3)' : `write ${guess}`
  return [{ key: `${key}.action.errno`, message: `unknown error ${action.errno}`, fix }]
}

/** One problem at most: what is wrong on one arch is mostly wrong on the other. */
function conditionProblems(rule: Rule, key: string, tables: readonly SyscallTable[]): readonly Problem[] {
  const found = tables.map((table) => ({ table, problem: conditionProblem(rule, key, table) }))
  const [wrong] = found.flatMap(({ table, problem }) => (problem === null ? [] : [{ table, problem }]))
  if (wrong === undefined) return []
  const right = found.find(({ problem }) => problem === null)
  return [right === undefined ? wrong.problem : { ...wrong.problem, fix: `add arch: ${right.table.arch}` }]
}

function conditionProblem(rule: Rule, key: string, table: SyscallTable): Problem | null {
  const call = table.byName.get(rule.syscall)
  if (call === undefined) return null
  for (const [index, text] of (alternativesOf(rule.when) ?? []).entries()) {
    const at = typeof rule.when === 'string' ? `${key}.when` : `${key}.when[${index}]`
    try {
      if (toWords(bindCondition(text, call, table.arch)).length > 0) continue
      const message = `the condition can never be true: ${text}`
      return { key: at, message, fix: 'remove the tests that exclude each other' }
    } catch (error) {
      if (!(error instanceof ConditionError)) throw error
      const where = `at character ${error.offset + 1}, "${text.slice(error.offset, error.offset + 24)}"`
      const message = `${error.message} (${where})`
      return error.fix === null ? { key: at, message } : { key: at, message, fix: error.fix }
    }
  }
  return null
}

function hiddenProblems(rule: Rule, index: number, { part }: Context): readonly Problem[] {
  const hiding = (part.rules ?? []).findIndex((other, at) => at < index && covers(other, rule))
  if (hiding === -1) return []
  const message = `never reached: rules[${hiding}] answers every ${rule.syscall} that comes here`
  return [{ key: `syscalls.rules[${index}]`, message, fix: `put it before rules[${hiding}], or remove one of them` }]
}

function covers(earlier: Rule, later: Rule): boolean {
  if (earlier.syscall !== later.syscall) return false
  if (earlier.arch !== undefined && earlier.arch !== later.arch) return false
  if (earlier.when === undefined) return true
  const known = alternativesOf(earlier.when) ?? []
  return alternativesOf(later.when)?.every((text) => known.includes(text)) ?? false
}

/** The kernel runs these two without asking any filter (seccomp_uprobe_exception). */
const exempt: readonly string[] = ['uprobe', 'uretprobe']

function exemptProblems({ syscall, action }: Rule, key: string): readonly Problem[] {
  if (!exempt.includes(syscall) || lets(action)) return []
  return [
    {
      key,
      message: `the kernel exempts ${syscall} from every filter, so the rule would do nothing`,
      fix: 'remove the rule',
    },
  ]
}

/** Without these the program does not start, cannot end, or dies at its first signal. */
const vital: ReadonlySet<string> = new Set([...implicitPromises.core.grants[0].calls.split(' '), 'execve'])

function startProblems({ syscall, when, action }: Rule, key: string): readonly Problem[] {
  if (when !== undefined || lets(action) || !vital.has(syscall)) return []
  const message = `without ${syscall} no program can ${syscall === 'execve' ? 'be started' : 'end or return from a signal'}`
  const fix =
    syscall === 'execve'
      ? 'remove the rule: without the promise exec, execve passes once and no more'
      : 'remove the rule'
  return [{ key, message, fix }]
}

/** A rule that would allow what is never allowed would be silently cut. */
function neverProblems(rule: Rule, key: string, tables: readonly SyscallTable[]): readonly Problem[] {
  if (!lets(rule.action)) return []
  const cut = never.find((grant) => {
    return tables.some((table) => grant.calls.split(' ').includes(rule.syscall) && overlaps(grant, rule, table))
  })
  if (cut === undefined) return []
  const message = `the rule allows what is never allowed: ${rule.syscall} with ${cut.when?.join(' or ')}`
  return [{ key, message, fix: 'name the commands that you need (cmd in [...])' }]
}

/** Whether some value that the grant names meets every test of the rule on the same argument. */
function overlaps(grant: Grant, rule: Rule, table: SyscallTable): boolean {
  const call = table.byName.get(rule.syscall)
  const named = (grant.when ?? []).flatMap((text) => (call === undefined ? [] : bindCondition(text, call, table.arch)))
  return named.some(({ argument, values }) => {
    return (alternativesOf(rule.when) ?? [null]).some((text) => {
      const tests = text === null || call === undefined ? [] : soundTests(text, call, table.arch)
      const about = tests.filter((test) => test.argument === argument)
      return values.some((value) =>
        holds(
          about,
          Array.from({ length: 6 }, () => value),
        ),
      )
    })
  })
}

/** The tests of a condition; none if it is wrong, which conditionProblems tells. */
function soundTests(text: string, call: Syscall, arch: Arch): Conjunction {
  try {
    return bindCondition(text, call, arch)
  } catch (error) {
    if (error instanceof ConditionError) return []
    throw error
  }
}

function allowProblems(name: string, index: number, context: Context): readonly Problem[] {
  const key = `syscalls.allow[${index}]`
  const unknown = nameProblems(name, key, context)
  if (unknown.length > 0) return unknown
  const refusing = (context.part.rules ?? []).findIndex((rule) => {
    return rule.syscall === name && rule.arch === undefined && rule.when === undefined && !lets(rule.action)
  })
  if (refusing !== -1) {
    const message = `contradicts rules[${refusing}], which refuses every ${name}`
    return [{ key, message, fix: 'remove one of them' }]
  }
  if (never.some(({ calls }) => calls.split(' ').includes(name))) {
    const message = `${name} cannot be allowed as a whole: some of its commands are never allowed (TIOCSTI, TIOCLINUX)`
    return [
      {
        key,
        message,
        fix: `allow the commands that you need by a rule: { syscall: ${name}, when: "cmd == ...", action: allow }`,
      },
    ]
  }
  return []
}

/** Calls that do what others do, with their arguments in memory, where no condition reaches them. */
const memoryCalls: { readonly [name: string]: readonly string[] } = {
  socketcall: ['socket', 'socketpair', 'connect', 'bind', 'sendto', 'sendmsg', 'setsockopt'],
  clone3: ['clone'],
  openat2: ['openat'],
  mmap: ['mmap2'],
}

/** Allowing such a call undoes every condition on the calls behind it. */
function bypassProblems({ part, arch }: Context): readonly Problem[] {
  return meaningOf({ ...part, arch }).tables.flatMap((table) => {
    return Object.entries(memoryCalls).flatMap(([name, behind]): readonly Problem[] => {
      if (name === 'mmap' && table.arch !== 'i386') return []
      const clauses = decisionClauses(name)
      const source = clauses.find(({ by, action }) => lets(action) && /^(?:allow|rules)/.test(by))
      if (source === undefined) return []
      const conditional = behind.find((call) => decisionClauses(call)[0]?.when !== null && table.table.byName.has(call))
      if (conditional === undefined) return []
      const key =
        source.by === 'allow' ? `syscalls.allow[${(part.allow ?? []).indexOf(name)}]` : `syscalls.${source.by}`
      const message = `${name} on ${table.arch} does what ${conditional} does with its arguments in memory, so the limits on ${conditional} would not hold`
      return [
        {
          key,
          message,
          fix: `leave ${name} out (it then answers ENOSYS, and libraries use ${conditional}), or allow ${conditional} without conditions`,
        },
      ]
    })
    function decisionClauses(name: string) {
      const number = table.table.byName.get(name)?.number ?? -1
      return table.decisions.get(number)?.clauses ?? []
    }
  })
}
