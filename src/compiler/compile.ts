import { HostError } from '../core/errors.js'
import type { PolicyKey } from '../core/policy-key.js'
import type { HostFacts } from '../host/facts.js'
import type { HiddenPath } from '../layers/filesystem/hide.js'
import type { StatusLine } from '../layers/layer.js'
import type { CommandLine } from '../layers/process/process.js'
import { lower as lowerReport, type ReportHead } from '../layers/report/report.js'
import { auditArch } from '../layers/seccomp/arch.js'
import type { FilterRequest } from '../layers/seccomp/request.js'
import { status as serviceStatus } from '../layers/service/service.js'
import type { Plan } from '../plan/codec.js'
import type { LoadedPolicy } from '../policy/load.js'
import { openingsOf } from '../policy/openings.js'
import { arrange } from './arrange.js'
import { leaveOut } from './leave-out.js'
import { killingCalls } from './killing-calls.js'
import { filterRequest, lowerAll, substitutesOf } from './lower.js'
import { resolveAll } from './meaning.js'
import { layerStatus, leftOut, type LeftOut } from './status.js'

export interface CompileOptions {
  /** Where the Report goes; null: nobody asked for one. */
  readonly reportDescriptor: number | null
  /** The policy's files and Palisade's own, by the names used for them: never writable from inside. */
  readonly ownPaths: readonly string[]
  /** Directories that nobody inside may see: where plans are kept. */
  readonly hiddenPaths: readonly HiddenPath[]
  /** Whether the Report says when each step was done, and standard error too. */
  readonly timings?: boolean
  /** Somebody only asks: what a service manager would pass is not there. */
  readonly onlyAsks?: boolean
  /** For tests only. */
  readonly without?: readonly LeftOut[]
}

export interface CompiledPlan extends Plan {
  /** What carries each protection on this kernel. */
  readonly status: readonly StatusLine[]
  /** What the filter is made from, and proven to be equal to: gives `explain` the words for its answers. */
  readonly filter: {
    readonly request: FilterRequest
    /** The keys that the first rules of the request stand for, one each; the others are the policy's own. */
    readonly substitutes: readonly PolicyKey[]
  }
}

/**
 * Makes the plan of one run. Pure: the same policy, facts and command give the same plan.
 * @throws PolicyError with everything that this host cannot give the policy.
 * @throws HostError when the kernel lacks what every sandbox needs.
 * @throws CommandError when execve(2) could not start the command.
 */
export function compile(
  loaded: LoadedPolicy,
  host: HostFacts,
  command: CommandLine,
  options: CompileOptions,
): CompiledPlan {
  const { policy } = loaded
  const without = options.without ?? []
  const { resolved: meaning, problems } = resolveAll(policy, host, command, options)
  if (problems.length > 0) throw loaded.error(problems)
  if (host.userNamespaces !== 'allowed') throw noUserNamespaces(host.userNamespaces.refused)

  const steps = leaveOut(arrange(lowerAll(policy, meaning, host)), without)
  const status = [
    ...layerStatus(steps, meaning.network, without),
    ...serviceStatus(meaning.service),
    ...(without.includes('landlock') ? [leftOut('landlock', 'all')] : meaning.landlock.status),
  ]
  const head = headOf(loaded, status)
  const { reportDescriptor } = options
  const request = filterRequest(policy, meaning, host)
  const killing = reportDescriptor === null ? [] : killingCalls(request)
  return {
    auditArch: auditArch[host.arch],
    steps: arrange([...lowerReport(head, options, killing), ...steps]),
    status,
    filter: { request, substitutes: substitutesOf(policy.syscalls.promises, meaning).map(({ key }) => key) },
  }
}

function noUserNamespaces(errno: string): HostError {
  return new HostError('', 'user namespaces', errno, 'run `sandbox-exec doctor`, which names what forbids them')
}

function headOf({ policy, sources }: LoadedPolicy, layers: readonly StatusLine[]): ReportHead {
  return {
    policy: { name: policy.name, description: policy.description ?? null, files: sources },
    unsafe: openingsOf(policy),
    layers,
  }
}
