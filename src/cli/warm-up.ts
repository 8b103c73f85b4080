import { SandboxError } from '../core/errors.js'
import type { Kernel } from '../host/probe.js'
import { encodePlan } from '../plan/codec.js'
import { parseCommandLine } from './command-line.js'
import { planRun } from './run.js'

/** One that has everything: where a package is built, much may be missing of what there is where it runs. */
const kernel: Kernel = {
  landlockAbi: () => ({ abi: 7, errata: 0 }),
  userNamespaceError: () => 0,
  describeSocket: () => null,
}

/** Does what a run of these words does up to the launcher, for the build, which keeps what V8 compiles on the way. */
export async function warmUp(words: readonly string[], startedAs: string): Promise<void> {
  try {
    const invocation = parseCommandLine(words)
    if (invocation.command !== 'run') return
    encodePlan((await planRun(invocation, { words, startedAs, parent: process.ppid }, kernel)).plan)
  } catch (error) {
    // A policy may ask for files that are not here; up to there it was a run.
    if (!(error instanceof SandboxError)) throw error
  }
}
