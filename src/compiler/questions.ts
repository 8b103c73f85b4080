import type { PolicyKey } from '../core/policy-key.js'
import type { Questions } from '../host/probe.js'
import { mergedUsrLinks, standardLoaders } from '../layers/filesystem/filesystem.js'
import { believedByName } from '../layers/filesystem/hide.js'
import { pinnedPaths } from '../layers/filesystem/pinned.js'
import { isNeverGranted } from '../layers/never-granted.js'
import type { Policy } from '../policy/policy.js'
import type { CompileOptions } from './compile.js'

/** What the compiler has to know of the host to give `policy` its meaning for the program at `command`. */
export function questionsOf(
  policy: Policy,
  command: string,
  { ownPaths, hiddenPaths }: Pick<CompileOptions, 'ownPaths' | 'hiddenPaths'>,
): Questions {
  const { read, write, deny, move, exec } = policy.filesystem
  const { directory } = policy.process
  return {
    paths: new Map([
      ...[...mergedUsrLinks, ...pinnedPaths].map((path): Question => [path, 'filesystem']),
      ...ownPaths.map((path): Question => [path, 'filesystem.write']),
      ...believedByName(hiddenPaths).map((path): Question => [path, 'filesystem']),
      ...(directory === undefined ? [] : [[directory, 'process.directory'] as const]),
      ...entries('filesystem.deny', deny),
      ...entries('filesystem.move', move),
      ...entries('filesystem.write', write),
      ...entries('filesystem.read', read),
    ]),
    programs: new Map([
      ...standardLoaders.map((path): Question => [path, 'filesystem.exec']),
      ...entries('filesystem.exec', exec),
      [command, 'command'],
    ]),
    places: new Map(hiddenPaths.map(({ path }): Question => [path, 'filesystem'])),
    names: routedHosts(policy.network),
    passed: policy.service.sockets.length > 0,
  }
}

/** A relay asks for names when they are dialled; rules for packets need their addresses now. */
function routedHosts({ via, egress }: Policy['network']): Questions['names'] {
  if (via === 'relay') return new Map()
  const hosts = egress.map(({ host }, index): Question => [host, `network.egress[${index}].host`])
  return new Map(hosts.filter(([host]) => !host.startsWith('*.')))
}

type Question = readonly [string, PolicyKey]

/** What is refused by its name alone is not looked at: /proc differs for whoever looks. */
function entries(key: PolicyKey, paths: readonly string[]): readonly Question[] {
  return paths.flatMap((path, index): Question[] => (isNeverGranted(path) ? [] : [[path, `${key}[${index}]`]]))
}
