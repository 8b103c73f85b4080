import type { PolicyKey } from '../core/policy-key.js'
import type { StatusLine } from '../layers/layer.js'
import { keyOfSetting } from '../layers/resources/cgroup.js'
import type { ResolvedNetwork } from '../policy/resolved.js'
import type { Step } from '../plan/descriptors.js'

/** A layer that a test leaves out, to see that others carry its denials. */
export type LeftOut = 'mount view' | 'landlock' | 'seccomp' | 'network namespace'

/** What carries each protection of a plan, apart from Landlock's own lines. */
export function layerStatus(
  steps: readonly Step[],
  network: ResolvedNetwork,
  without: readonly LeftOut[],
): readonly StatusLine[] {
  const oneExec = steps.some(({ op }) => op === 'seccomp.allow-one-exec')
  return [
    line('namespaces', 'processes, users, names and IPC', 'user, pid, ipc, uts and cgroup namespaces'),
    without.includes('mount view')
      ? leftOut('filesystem', 'paths')
      : line('filesystem', 'paths', 'a mount view that holds only what is granted'),
    without.includes('network namespace')
      ? leftOut('network', 'addresses')
      : line('network', 'addresses', byNetwork(network)),
    line('resources', 'limits', byLimits(steps)),
    line('process', 'privileges', 'no_new_privs and empty capability sets'),
    without.includes('seccomp')
      ? leftOut('seccomp', 'system calls')
      : line('seccomp', 'system calls', oneExec ? 'a filter, and one execve(2) only' : 'a filter'),
  ]
}

/** Which limit is carried by what, by the names of the policy; what has none is every sandbox's. */
function byLimits(steps: readonly Step[]): string {
  const carriers = [
    { op: 'resources.set-limit', by: 'setrlimit(2)' },
    { op: 'resources.limit-cgroup', by: 'a cgroup' },
    { op: 'resources.limit-wall-clock', by: 'a wall clock' },
  ]
  const found = carriers.flatMap(({ op, by }) => {
    const own = steps.filter((step) => step.op === op)
    const names = new Set(own.flatMap(keysOf).flatMap((key) => /^limits\.(.*)$/.exec(key)?.[1] ?? []))
    return own.length === 0 ? [] : [names.size === 0 ? by : `${by} (${[...names].join(', ')})`]
  })
  return [found.slice(0, -1).join(', '), ...found.slice(-1)].filter((text) => text !== '').join(' and ')
}

/** Of the cgroup's keys one needs a limit of setrlimit(2) besides. */
function keysOf(step: Step): readonly PolicyKey[] {
  if (step.op === 'resources.limit-cgroup') return step.settings.map(({ file }) => keyOfSetting(file))
  return step.origin === 'limits.cpus' ? [] : [step.origin]
}

function byNetwork({ via, endpoints, published }: ResolvedNetwork): string {
  if (endpoints.length === 0 && published.length > 0) return 'a network namespace with loopback alone'
  if (endpoints.length === 0) return 'a network namespace without devices'
  if (via === 'route')
    return 'a network namespace with one route an endpoint, and nftables rules on the host (via: route)'
  return 'a network namespace with one route an endpoint'
}

function line(layer: StatusLine['layer'], protection: string, by: string): StatusLine {
  return { layer, protection, status: 'fully_enforced', text: `enforced by ${by}` }
}

/** Says that a test has left the layer out. */
export function leftOut(layer: StatusLine['layer'], protection: string): StatusLine {
  return { layer, protection, status: 'not_enforced', text: 'left out by a test' }
}
