import type { PolicyKey } from '../core/policy-key.js'
import { layerClaims } from '../layers/registry.js'
import type { RestrictSelf } from '../layers/landlock/steps.js'
import { keyOfSetting } from '../layers/resources/cgroup.js'
import type { LimitCgroup } from '../layers/resources/steps.js'
import type { Step } from '../plan/descriptors.js'
import { printPlan } from '../plan/print.js'
import type { CompiledPlan } from './compile.js'
import { explainRelay, isRelayKey } from './explain-relay.js'

/** Which layers carry a key, and what the plan does because of it. */
export function explainKey(plan: CompiledPlan, key: PolicyKey): readonly string[] {
  const claiming = layerClaims.filter(({ layer, claims }) => {
    if (layer === 'landlock' && isRelayKey(key)) return false
    return claims.some((claim) => isPart(key, claim) || isPart(claim, key))
  })
  const steps = stepsOf(plan, key)
  const done = [...(steps.length === 0 ? [] : printPlan({ steps }).trimEnd().split('\n')), ...explainRelay(plan, key)]
  const carried = `carried by ${claiming.map(({ layer }) => layer).join(', ')}`
  const notEnforced = plan.status.filter(({ layer, status }) => {
    return status !== 'fully_enforced' && claiming.some((one) => one.layer === layer)
  })
  return [
    claiming.length === 0 ? `${key} says how to read the policy; no layer carries it` : carried,
    ...notEnforced.map(({ layer, protection, status, text }) => `${layer}: ${protection}: ${status}: ${text}`),
    ...(done.length === 0 ? ['no step of the plan comes from it'] : done),
  ]
}

/** Steps that come from the key; if a layer makes one step of many keys, that step. */
function stepsOf({ steps }: CompiledPlan, key: PolicyKey): readonly Step[] {
  const own = steps.filter(({ origin }) => origin !== '' && isPart(origin, key))
  const places = own.flatMap((step) => ('target' in step ? [step.target] : []))
  const shared = steps.filter((step) => !own.includes(step) && isShared(step, key))
  return [...own, ...shared].map((step) => {
    if (step.op === 'resources.limit-cgroup') return { ...step, settings: settingsFrom(step, key) }
    return step.op === 'landlock.restrict-self' ? narrowed(step, places, key) : step
  })
}

function isShared(step: Step, key: PolicyKey): boolean {
  const { op, origin } = step
  if (op === 'resources.limit-cgroup') return settingsFrom(step, key).length > 0
  if (op === 'landlock.restrict-self') return (isPart(key, 'filesystem') || isPart(key, 'network')) && !isRelayKey(key)
  return origin !== '' && isPart(key, origin) && op.startsWith('seccomp.')
}

function settingsFrom({ settings }: LimitCgroup, key: PolicyKey): LimitCgroup['settings'] {
  return settings.filter(({ file }) => isPart(keyOfSetting(file), key))
}

/** Of one ruleset for everything only what is about this key. */
function narrowed(step: RestrictSelf, places: readonly string[], key: PolicyKey): RestrictSelf {
  if (isPart('filesystem', key)) return step
  const paths = step.paths.filter(({ path }) => places.includes(path))
  return isPart(key, 'network') ? { ...step, paths: [] } : { ...step, paths, ports: [] }
}

/** Whether `key` is `whole`, or lies in it: `filesystem.read[0]` in `filesystem`. */
function isPart(key: PolicyKey, whole: PolicyKey): boolean {
  return key === whole || key.startsWith(`${whole}.`) || key.startsWith(`${whole}[`)
}
