/** What one run asks for beside the policy. */
import type * as z from 'zod'
import type { schema as limitsSchema } from '../layers/resources/schema.js'
import { withOverrides, type LoadedPolicy } from '../policy/load.js'
import type { Variables } from '../policy/variables.js'

/** `limits` of a policy, as written there. */
export type Limits = z.input<ReturnType<typeof limitsSchema>>

/** A program, found as execvp(3) would with the policy's PATH, and its arguments. No shell reads them. */
export type Command = readonly string[]

/** What stands in place of the policy's own values for one run. */
export interface RunSettings {
  /** Time by the clock: milliseconds, or text such as `5s`. Then SIGTERM, and SIGKILL a little later. */
  readonly timeout?: number | string | undefined
  readonly limits?: Limits | undefined
  /** Variables besides those of `process.environment`. */
  readonly environment?: Readonly<Record<string, string>> | undefined
  /** Working directory, as `process.directory`. */
  readonly directory?: string | undefined
}

export interface SpawnOptions extends RunSettings {
  /** Open descriptors of this process, by the names of `process.descriptors`: every one of the policy's is needed. */
  readonly descriptors?: Readonly<Record<string, number>> | undefined
  /** Kills everything inside; what waits for the end is rejected with the signal's reason. */
  readonly signal?: AbortSignal | undefined
}

/** What a program reads, and what is kept of what it writes. */
export interface OutputOptions {
  /** What the program reads; absent: nothing. */
  readonly stdin?: string | Uint8Array | undefined
  /** Bytes kept of each of stdout and stderr, 1 MiB by default. See `overflow`. */
  readonly outputMax?: number | undefined
  /** What happens to a program that writes more: it goes on and nobody reads it, or everything inside is killed. */
  readonly overflow?: 'drop' | 'kill' | undefined
}

export type RunOptions = SpawnOptions & OutputOptions

/** `timeout` and `limits` are those of every run that has none of its own. */
export interface PoolOptions extends RunSettings {
  /** How many stand ready, and how many run at a time at most. */
  readonly size: number
  /** What the first ones stand ready for; absent: what is run first. */
  readonly program?: string | undefined
}

export interface PoolRunOptions extends OutputOptions, Pick<SpawnOptions, 'signal'> {
  /** As in `RunSettings`. */
  readonly timeout?: number | string | undefined
}

/** What a plan is made for: the clock is told with the command. */
export type PlanSettings = Pick<RunSettings, 'limits' | 'environment' | 'directory'>

/**
 * The policy of one run.
 * @throws PolicyError when an option has a value that the key in the policy cannot have.
 */
export function policyFor(base: LoadedPolicy, settings: PlanSettings, variables: Variables): LoadedPolicy {
  const { limits, environment, directory } = settings
  if (limits === undefined && environment === undefined && directory === undefined) return base
  const process = { ...(directory === undefined ? {} : { directory }), environment: { set: { ...environment } } }
  return withOverrides(base, { limits: { ...limits }, process }, variables)
}

/** What two runs must have in common for one plan to serve both, beside the host; null: what JSON cannot tell apart. */
export function identityOf(program: string, { limits, environment, directory }: PlanSettings): string | null {
  const values = Object.values({ ...limits })
  const isPlain = values.every((value) => typeof value === 'string' || Number.isFinite(value))
  return isPlain ? JSON.stringify([program, limits, environment, directory]) : null
}
