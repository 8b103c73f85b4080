/** Calls that get around the conditions on others. */
import type { Problem } from '../../../core/errors.js'
import type { Arch } from '../../../host/facts.js'
import { lets } from '../action.js'
import { reachableArches } from '../arch.js'
import { memoryCalls, type MemoryCall } from '../memory-calls.js'
import { meaningOf, type TableMeaning } from '../meaning.js'
import { isRuleFor } from '../request.js'
import type { Context } from './context.js'

/** Allowing a call with its arguments in memory undoes every condition on the calls behind it. */
export function bypassProblems({ part, arch }: Context): readonly Problem[] {
  const { tables } = meaningOf({ ...part, arch })
  return memoryCalls.flatMap((call) => {
    const around = tables.flatMap((table) => detourOn(call, table))
    const [first] = around
    if (first === undefined) return []
    const { name } = call
    const { by, limited } = first
    const where = around.map((one) => one.arch).join(' and ')
    return [
      {
        key: by === 'allow' ? `syscalls.allow[${(part.allow ?? []).indexOf(name)}]` : `syscalls.${by}`,
        message:
          `${name} on ${where} does what ${limited} does with its arguments in memory, so the limits on ${limited} ` +
          'would not hold',
        fix:
          `leave ${name} out (it then answers ENOSYS, and a program that does not fall back on ${limited} fails), ` +
          'or allow every call behind it without conditions',
      },
    ]
  })
}

interface Detour {
  readonly arch: Arch
  /** `allow`, or the rule that lets the call through. */
  readonly by: string
  /** The call whose limits would not hold. */
  readonly limited: string
}

function detourOn({ name, arches, behind }: MemoryCall, table: TableMeaning): readonly Detour[] {
  if (!arches.includes(table.arch)) return []
  const source = clausesOf(name, table).find(({ by, action }) => lets(action) && /^(?:allow|rules)/.test(by))
  const limited = behind.find((one) => table.table.byName.has(one) && !isWholly(one, table))
  return source === undefined || limited === undefined ? [] : [{ arch: table.arch, by: source.by, limited }]
}

/** Every call behind a memory call is let through whatever its arguments. */
export function isWholly(name: string, table: TableMeaning): boolean {
  const [first] = clausesOf(name, table)
  const number = table.table.byName.get(name)?.number ?? -1
  if (first === undefined) return lets(table.decisions.get(number)?.otherwise ?? 'kill_process')
  return first.when === null && lets(first.action)
}

function clausesOf(name: string, { table, decisions }: TableMeaning) {
  return decisions.get(table.byName.get(name)?.number ?? -1)?.clauses ?? []
}

const ringCalls =
  'socket socketpair connect bind listen accept accept4 sendmsg recvmsg open openat openat2 creat'.split(' ')

/** What is submitted to a ring passes no filter (io_uring(7)): a rule of the policy would not hold there. */
export function ringProblems({ part: { promises, rules = [] }, arch }: Context): readonly Problem[] {
  if (!promises.includes('iouring')) return []
  const index = rules.findIndex((rule) => {
    return (
      ringCalls.includes(rule.syscall) &&
      !lets(rule.action) &&
      reachableArches(arch).some((one) => isRuleFor(rule, one))
    )
  })
  const rule = rules[index]
  if (rule === undefined) return []
  return [
    {
      key: `syscalls.rules[${index}]`,
      message: `io_uring does what ${rule.syscall} does, and the promise iouring lets it: no filter sees what is in a ring`,
      fix: 'remove the promise iouring, or the rule',
    },
  ]
}
