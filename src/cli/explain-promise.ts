import { UsageError } from '../core/errors.js'
import type { Arch } from '../host/facts.js'
import { allArches } from '../layers/seccomp/arch.js'
import { describePromise, findPromise, listPromises } from '../layers/seccomp/seccomp.js'
import { nearest } from '../policy/suggest.js'
import type { PromiseInvocation } from './command-line.js'
import { writeLines } from './output.js'

/** Shows what a promise stands for: no policy and no host are asked. */
export function explainPromise({ name, arch }: PromiseInvocation): number {
  writeLines(promiseLines(name, arch === null ? allArches : [knownArch(arch)]))
  return 0
}

function promiseLines(name: string, arches: readonly Arch[]): readonly string[] {
  const promise = findPromise(name)
  if (promise !== null)
    return [
      `${name}: ${promise.kind === 'implicit' ? 'always granted' : 'a promise'}`,
      ...describePromise(promise, arches),
    ]
  const near = nearest(
    name,
    listPromises().map((one) => one.name),
  )
  const hint = near === null ? '' : `; did you mean ${near}?`
  throw new UsageError(`no promise ${name}${hint} (a key of a policy goes with --policy FILE)`)
}

/** The arch of an option. */
export function knownArch(name: string): Arch {
  const arch = allArches.find((one) => one === name)
  if (arch === undefined) throw new UsageError(`--arch is one of ${allArches.join(', ')}, not ${name}`)
  return arch
}
