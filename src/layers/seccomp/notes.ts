/** What is right in a policy and should be known before it is used. */
import type { PolicyKey } from '../../core/policy-key.js'
import type { Arch } from '../../host/facts.js'
import { actionText, lets } from './action.js'
import { reachableArches } from './arch.js'
import { memoryCalls, type MemoryCall } from './memory-calls.js'
import { decisionOf } from './meaning.js'
import { twinText } from './problems/otherwise.js'
import { openTwins } from './problems/twins.js'
import { makeContext, type Context, type PlacedRule, type PolicyPart } from './problems/context.js'
import { giversWithout } from './redundant.js'
import { isRuleFor, letsByDefault, type Rule } from './request.js'
import { syscallTable } from './tables.js'

export interface Note {
  readonly key: PolicyKey
  readonly text: string
}

/** The notes on a policy without problems, for programs of `native`. */
export function seccompNotes(part: PolicyPart, native: Arch): readonly Note[] {
  const rules = (part.rules ?? []).map((rule, index) => ({ rule, index, key: `syscalls.rules[${index}]` }))
  const context = makeContext(part, native, 'elsewhere')
  return [
    ...rules.flatMap(({ rule, key }) => actionNotes(rule, key)),
    ...rules.flatMap(({ rule, key }) => reachNotes(rule, key, native)),
    ...rules.flatMap((placed) => redundantNotes(placed, context)),
    ...reachableArches(native).flatMap((arch) =>
      memoryCalls.flatMap((call) => memoryCallNotes(call, part, native, arch)),
    ),
    ...twinNotes(context),
  ]
}

function actionNotes({ action }: Rule, key: PolicyKey): readonly Note[] {
  if (action === 'kill_thread') {
    return [{ key, text: 'kill_thread leaves the other threads waiting for the one that ended, and for its locks' }]
  }
  if (action !== 'user_notif') return []
  return [{ key, text: 'user_notif needs a listener: the filter is for sandbox-exec bpf, and run refuses it' }]
}

function reachNotes({ arch }: Rule, key: PolicyKey, native: Arch): readonly Note[] {
  const reachable = reachableArches(native)
  const idle = [arch ?? []].flat().filter((one) => !reachable.includes(one))
  return idle.length === 0 ? [] : [{ key, text: `no program of ${native} makes calls of ${idle.join(', ')}` }]
}

/** Where nothing but promises lets calls through, a promise may be meant to; by default it is an error. */
function twinNotes(context: Context): readonly Note[] {
  if (letsByDefault(context.part)) return []
  const open = openTwins(context)
  return [...new Set(open.map(({ key }) => key))].map((key) => {
    return { key, text: `${twinText(open.filter((one) => one.key === key))}: a rule of its own would refuse it` }
  })
}

function redundantNotes(placed: PlacedRule, context: Context): readonly Note[] {
  const givers = giversWithout(placed, context)
  return givers === null ? [] : [{ key: placed.key, text: `changes nothing: all of this is allowed by ${givers}` }]
}

/** Which calls with their arguments in memory follow the rules on the calls behind them, and which are refused. */
function memoryCallNotes(
  { name, arches, behind }: MemoryCall,
  part: PolicyPart,
  native: Arch,
  arch: Arch,
): readonly Note[] {
  const { byName } = syscallTable(arch)
  const number = byName.get(name)?.number
  if (number === undefined || !arches.includes(arch)) return []
  const about = (part.rules ?? []).flatMap((rule, index) => {
    return behind.includes(rule.syscall) && byName.has(rule.syscall) && isRuleFor(rule, arch) ? [{ rule, index }] : []
  })
  const [first] = about
  const decision = decisionOf({ ...part, arch: native }, arch, name)
  if (first === undefined || decision === null) return []
  const calls = [...new Set(about.map(({ rule }) => rule.syscall))].join(', ')
  const [clause] = decision.clauses
  const action = clause !== undefined && clause.when === null ? clause.action : decision.otherwise
  const text = lets(action)
    ? `${name} on ${arch} is allowed too, as every call behind it is`
    : `${name} on ${arch} answers ${actionText(action)}: it does the same as ${calls} with its arguments in memory, ` +
      'where no rule can look'
  return [{ key: `syscalls.rules[${first.index}]`, text }]
}
