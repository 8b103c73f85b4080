import type { Problem } from '../core/errors.js'
import type { HostFacts } from '../host/facts.js'
import { isInView, resolve as resolveFilesystem } from '../layers/filesystem/filesystem.js'
import { assess, type Assessment } from '../layers/landlock/protections.js'
import type { Resolution } from '../layers/layer.js'
import { resolve as resolveNetwork } from '../layers/network/network.js'
import { resolve as resolveProcess, type CommandLine } from '../layers/process/process.js'
import { limitProblems } from '../layers/resources/resources.js'
import { connectsSockets, makesUnixSockets, seccompProblems } from '../layers/seccomp/seccomp.js'
import { resolve as resolveService } from '../layers/service/service.js'
import type { Policy } from '../policy/policy.js'
import type { ResolvedFilesystem, ResolvedNetwork, ResolvedProcess, ResolvedService } from '../policy/resolved.js'
import type { CompileOptions } from './compile.js'

/** What a policy means on one host. */
export interface Meaning {
  readonly filesystem: ResolvedFilesystem
  readonly network: ResolvedNetwork
  readonly process: ResolvedProcess
  readonly landlock: Assessment
  readonly service: ResolvedService
}

/** Resolves every layer and gathers all that is wrong. */
export function resolveAll(
  policy: Policy,
  host: HostFacts,
  command: CommandLine,
  { ownPaths, hiddenPaths, onlyAsks = false }: Pick<CompileOptions, 'ownPaths' | 'hiddenPaths' | 'onlyAsks'>,
): Resolution<Meaning> {
  const request = { ...policy.syscalls, arch: host.arch }
  const filter = { makesUnixSockets: makesUnixSockets(request), connectsSockets: connectsSockets(request) }
  const service = resolveService(policy, host, { ...filter, onlyAsks })
  const process = resolveProcess(policy, service.resolved, host, command)
  const network = resolveNetwork(policy.network, service.resolved, host)
  const filesystem = resolveFilesystem(policy.filesystem, host, {
    user: process.resolved.user,
    command: process.resolved.command,
    commandName: command.path,
    directory: policy.process.directory ?? null,
    network: network.resolved,
    home: homeOf(process.resolved),
    ownPaths,
    hiddenPaths,
    mapping: policy.syscalls.promises.includes('prot_exec') ? 'everything-read' : 'programs',
  })
  const landlock = assess(filesystem.resolved, network.resolved, host.landlock)
  return {
    resolved: {
      filesystem: filesystem.resolved,
      network: network.resolved,
      process: process.resolved,
      landlock,
      service: service.resolved,
    },
    problems: [
      ...process.problems,
      ...service.problems,
      ...network.problems,
      ...filesystem.problems,
      ...landlock.problems,
      ...limitProblems(policy.limits, host),
      ...seccompProblems(policy.syscalls, host.arch),
      ...(process.problems.length > 0 ? [] : checkDirectory(process.resolved, filesystem.resolved)),
    ],
  }
}

/** The working directory grants nothing: where it is not in the view, the program could not start in it. */
function checkDirectory({ directory }: ResolvedProcess, view: ResolvedFilesystem): readonly Problem[] {
  if (isInView(directory, view)) return []
  return [
    {
      key: 'process.directory',
      message: `${directory} is in no grant, so it does not exist in the sandbox`,
      fix: `add ${directory} to filesystem.read, or start elsewhere`,
    },
  ]
}

function homeOf({ environment }: ResolvedProcess): string {
  const home = environment.find((entry) => entry.startsWith('HOME='))?.slice('HOME='.length)
  // A colon would end the field (passwd(5)).
  return home === undefined || !home.startsWith('/') || home.includes(':') ? '/' : home
}
