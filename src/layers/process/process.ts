import { CommandError, type Problem } from '../../core/errors.js'
import { compareText } from '../../core/path.js'
import type { HostFacts } from '../../host/facts.js'
import type { Policy } from '../../policy/policy.js'
import type { Command, ResolvedProcess, ResolvedService } from '../../policy/resolved.js'
import type { LayerClaims, Resolution } from '../layer.js'
import { programFiles } from '../program-files.js'
import { resolveUser } from './user.js'

export const claims: LayerClaims = {
  layer: 'process',
  claims: [
    'process.environment.pass',
    'process.environment.set',
    'process.directory',
    'process.descriptors',
    'process.user',
    'unsafe.host-root',
  ],
}

/** The command as it was found: `path` is a key of `HostFacts.paths`. */
export interface CommandLine {
  readonly path: string
  /** argv, with argv[0]. */
  readonly arguments: readonly string[]
}

/**
 * Who runs what, where and with which environment.
 * @throws CommandError when execve(2) could not start the command.
 */
export function resolve(
  { process: policy, unsafe }: Pick<Policy, 'process' | 'unsafe'>,
  service: ResolvedService,
  host: HostFacts,
  commandLine: CommandLine,
): Resolution<ResolvedProcess> {
  const user = resolveUser(policy, unsafe, host)
  const directory = resolveDirectory(policy, host)
  return {
    resolved: {
      user: user.resolved,
      directory: directory.resolved,
      environment: environment(policy, service, host),
      descriptors: [...Object.values(policy.descriptors), ...service.descriptors].toSorted(
        (left, right) => left - right,
      ),
      command: resolveCommand(commandLine, host),
    },
    problems: [...user.problems, ...directory.problems],
  }
}

function resolveCommand({ path, arguments: argv }: CommandLine, host: HostFacts): Command {
  const facts = host.paths.get(path) ?? null
  if (facts === null) throw new CommandError(127, `${path}: not found`)
  if (facts.kind !== 'file' || (facts.mode & 0o111) === 0) throw new CommandError(126, `${path}: not executable`)
  const { found, refused } = programFiles(facts, host)
  const [bad] = refused
  if (bad !== undefined) throw new CommandError(126, `${path}: its interpreter ${bad.written} ${bad.why}`)
  return { path: facts.real, arguments: argv, interpreters: found.map((file) => file.facts.real) }
}

function resolveDirectory({ directory }: Policy['process'], host: HostFacts): Resolution<string> {
  if (directory === undefined) return { resolved: '/', problems: [] }
  const facts = host.paths.get(directory) ?? null
  // The private /tmp is there whatever the host has.
  if (directory === '/tmp') return { resolved: directory, problems: [] }
  if (facts === null) return { resolved: '/', problems: [badDirectory(`${directory} does not exist`)] }
  if (facts.kind !== 'directory') return { resolved: '/', problems: [badDirectory(`${directory} is no directory`)] }
  return { resolved: facts.real, problems: [] }
}

function badDirectory(message: string): Problem {
  return { key: 'process.directory', message, fix: 'name a directory of the sandbox' }
}

/** Sorted, so that the plan does not depend on the order of an environment. */
function environment(
  { environment: { pass, set } }: Policy['process'],
  { variables }: Pick<ResolvedService, 'variables'>,
  host: HostFacts,
): readonly string[] {
  const passed = pass.flatMap((name): [string, string][] => {
    const value = host.environment.get(name)
    return value === undefined ? [] : [[name, value]]
  })
  const merged = new Map([...passed, ...Object.entries(set), ...variables])
  return [...merged].toSorted(([left], [right]) => compareText(left, right)).map(([name, value]) => `${name}=${value}`)
}
