import { UsageError } from '../core/errors.js'
import type { Arch } from '../host/facts.js'
import { allArches, reachableArches } from '../layers/seccomp/arch.js'
import { actionText, explainSyscall as explainRequest, type Action } from '../layers/seccomp/seccomp.js'
import { syscallTable } from '../layers/seccomp/tables.js'
import { guess } from '../policy/suggest.js'
import type { CompiledPlan } from './compile.js'
import { answerOf, type Answer, depends, kills, lets, refuses, type Verdict } from './explain-answer.js'
import { askFilters, nativeArch, possibleActions } from './explain-filter.js'

/** The answer to a call; `conditions` says for which arguments it is which. */
export interface SyscallAnswer extends Answer {
  readonly conditions: readonly string[]
}

/** @throws UsageError when no table has a call of that name. */
export function knownCall(name: string): string {
  const names = allArches.flatMap((arch) => [...syscallTable(arch).byName.keys()])
  if (names.includes(name)) return name
  throw new UsageError(`no system call ${name}${guess(name, names)}`)
}

/**
 * What the plan's filters answer to a call. Without `args`, over all arguments: `depends` if they decide. That a call
 * is let through says that the kernel performs it, not that it succeeds.
 */
export function explainSyscall(
  plan: CompiledPlan,
  name: string,
  arch: Arch = nativeArch(plan),
  args: readonly bigint[] | null = null,
): SyscallAnswer {
  const verdicts = verdictsOn(plan, name, arch, args)
  const open = verdicts.some(({ effect }) => effect.kind === 'depends')
  return { ...answerOf(verdicts), conditions: open ? conditionsOf(plan, name, arch) : [] }
}

function verdictsOn(plan: CompiledPlan, name: string, arch: Arch, args: readonly bigint[] | null): readonly Verdict[] {
  const native = nativeArch(plan)
  if (!reachableArches(native).includes(arch)) {
    return [kills('seccomp', `programs of ${native} kernels do not make calls of ${arch}`, 'syscalls', null)]
  }
  if (!syscallTable(arch).byName.has(name)) {
    return [refuses('seccomp', 'ENOSYS', `${arch} has no call ${name}`, 'syscalls', null)]
  }
  if (arch === 'x86_64' && unfiltered.includes(name)) {
    const text = `kernels that have ${name} ask no filter about it; it serves none but the kernel's own probes`
    return [depends('kernel', text)]
  }
  const actions = possibleActions(plan, arch, name)
  if (actions === null) return [lets('seccomp', 'the plan has no filter', '')]
  if (args !== null || actions.length === 1) return askFilters(plan, { name, arch, args }, null)
  return [depends('seccomp', `its arguments decide between ${actions.map(words).join(', ')}`)]
}

/** __secure_computing of kernel/seccomp.c lets them pass: a traced program would die of its own filter otherwise. */
const unfiltered = ['uretprobe', 'uprobe']

function words(action: Action): string {
  return action === 'user_notif' ? 'ENOSYS' : actionText(action)
}

/** The clauses of the request, which the compiler has proven to be what the filter does. */
function conditionsOf({ filter: { request, substitutes } }: CompiledPlan, name: string, arch: Arch): readonly string[] {
  const { clauses, otherwise, remedies } = explainRequest(name, arch, request)
  const lines = clauses.map(({ when, action, by }) => {
    const condition = when === null ? '' : ` if ${when.join(' or ')}`
    return `${actionText(action)}${condition} [${keyOf(by, substitutes.length)}]`
  })
  const always = clauses.some(({ when }) => when === null)
  const more = remedies.map((added) => added.join(' and ')).join(', ')
  return [
    ...lines,
    ...(always ? [] : [`otherwise ${actionText(otherwise)}`]),
    ...(more === '' ? [] : [`promises that let other uses through: ${more}`]),
  ]
}

function keyOf(by: string, substitutes: number): string {
  const index = /^rules\[(\d+)\]$/.exec(by)?.[1]
  if (index === undefined) return by
  const rule = Number(index) - substitutes
  return rule < 0 ? 'instead of Landlock' : `syscalls.rules[${rule}]`
}
