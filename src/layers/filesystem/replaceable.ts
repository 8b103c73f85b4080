import type { Problem } from '../../core/errors.js'
import { isWithin } from '../../core/path.js'
import type { PolicyKey } from '../../core/policy-key.js'
import type { HostFacts } from '../../host/facts.js'
import type { ProgramFile } from '../program-files.js'
import type { Located } from './locate.js'
import { symlinksOnTheWay } from './symlinks.js'

/** A path that the policy or the command uses, by the name used. */
export interface Use {
  readonly key: PolicyKey
  readonly path: string
}

/** What may be written, and what in it is covered all the same. */
export interface Writable {
  readonly writes: readonly Located[]
  readonly covered: readonly { readonly path: string }[]
}

/**
 * A symlink that the program can replace would choose what the next run grants, denies or starts: `out -> /home`
 * turns a grant of `out` into one of /home.
 */
export function checkLinks(uses: readonly Use[], writable: Writable, host: HostFacts): readonly Problem[] {
  return uses.flatMap(({ key, path }) => {
    for (const link of symlinksOnTheWay(path, host.symlinks)) {
      const write = writerOf(link.path, writable)
      if (write === undefined) continue
      const message =
        `${path} leads through the symlink ${link.path}, which lies in ${write.spelled} (${write.key}): ` +
        'the program could point it elsewhere for the next run'
      return [{ key, message, fix: 'name what the link leads to, or keep the link outside of what is writable' }]
    }
    return []
  })
}

/** A file that the program can write must not choose, as its `#!` line does, what the next run grants. */
export function checkInterpreters(
  programs: readonly (ProgramFile & { readonly key: PolicyKey })[],
  named: readonly Located[],
  loaders: readonly string[],
  writable: Writable,
): readonly Problem[] {
  return programs.flatMap(({ key, written, facts, namedBy }) => {
    const write = writerOf(namedBy, writable)
    if (write === undefined || loaders.includes(facts.real)) return []
    if (named.some((grant) => isWithin(facts.real, grant.facts.real))) return []
    const message =
      `${namedBy} lies in ${write.spelled} (${write.key}) and is started by ${written}, which no entry grants: ` +
      'the program could name another one for the next run'
    return [{ key, message, fix: `add ${facts.real} to filesystem.read` }]
  })
}

function writerOf(path: string, { writes, covered }: Writable): Located | undefined {
  if (covered.some((cover) => isWithin(path, cover.path))) return undefined
  return writes.find((write) => isWithin(path, write.facts.real))
}
