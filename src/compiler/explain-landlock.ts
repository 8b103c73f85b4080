import { isWithin } from '../core/path.js'
import { fsRights, netRights, type FsRight } from '../layers/landlock/abi.js'
import type { RestrictSelf } from '../layers/landlock/steps.js'
import type { Plan } from '../plan/codec.js'
import { lets, refuses, type Verdict } from './explain-answer.js'

/** What Landlock says of one right at a path of the view; null: the plan's ruleset does not handle it. */
export function askPath(
  plan: Pick<Plan, 'steps'>,
  right: FsRight,
  path: string,
  change: string | null,
): Verdict | null {
  const rules = rulesetOf(plan)
  if (rules === null || (rules.handledFs & fsRights[right]) === 0n) return null
  // Rules add up from the root down, across mounts.
  const granting = rules.paths.find((rule) => isWithin(path, rule.path) && (rule.access & fsRights[right]) !== 0n)
  if (granting !== undefined) return lets('landlock', `${right} is granted at ${granting.path}`, '')
  return refuses('landlock', 'EACCES', `no rule grants ${right} at ${path}`, '', change)
}

/** What Landlock says of connecting to a port; null: the plan's ruleset does not handle it. */
export function askPort(
  plan: Pick<Plan, 'steps'>,
  { port, protocol }: { readonly port: number; readonly protocol: 'tcp' | 'udp' },
  change: string | null,
): Verdict | null {
  const rules = rulesetOf(plan)
  const name = protocol === 'tcp' ? 'connect_tcp' : 'connect_send_udp'
  const right = netRights[name]
  if (rules === null || (rules.handledNet & right) === 0n) return null
  const granted = rules.ports.some((rule) => rule.port === port && (rule.access & right) !== 0n)
  if (granted) return lets('landlock', `${name} is granted for port ${port}`, 'network.egress')
  return refuses('landlock', 'EACCES', `no rule grants ${name} for port ${port}`, 'network.egress', change)
}

function rulesetOf({ steps }: Pick<Plan, 'steps'>): RestrictSelf | null {
  return steps.find((step) => step.op === 'landlock.restrict-self') ?? null
}
