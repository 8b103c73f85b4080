/** What one run asks for beside the policy. */
import type * as z from 'zod'
import type { schema as limitsSchema } from '../layers/resources/schema.js'
import { UsageError } from '../core/errors.js'
import { withOverrides, type LoadedPolicy } from '../policy/load.js'
import type { Variables } from '../policy/variables.js'

/** `limits` of a policy, as written there. */
export type Limits = z.input<ReturnType<typeof limitsSchema>>

/** A program, found as execvp(3) would with the policy's PATH, and its arguments. No shell reads them. */
export type Command = readonly [program: string, ...arguments: readonly string[]]

/** What stands in place of the policy's own values for one run. */
export interface RunSettings {
  /** Time by the clock: milliseconds, or text such as `5s`. Then SIGTERM, and SIGKILL a little later. */
  readonly timeout?: number | string
  readonly limits?: Limits
  /** Variables besides those of `process.environment`. */
  readonly environment?: Readonly<Record<string, string>>
  /** Working directory, as `process.directory`. */
  readonly directory?: string
}

export interface SpawnOptions extends RunSettings {
  /** Open descriptors of this process, by the names of `process.descriptors`: every one of the policy's is needed. */
  readonly descriptors?: Readonly<Record<string, number>>
  /** Kills everything inside; what waits for the end is rejected with the signal's reason. */
  readonly signal?: AbortSignal
}

/** What a program reads, and what is kept of what it writes. */
export interface OutputOptions {
  /** What the program reads; absent: nothing. */
  readonly stdin?: string | Uint8Array
  /** Bytes kept of each of stdout and stderr, 1 MiB by default. See `overflow`. */
  readonly outputMax?: number
  /** What happens to a program that writes more; `kill` ends everything inside, and there is no Report then. */
  readonly overflow?: 'drop' | 'kill'
}

export type RunOptions = SpawnOptions & OutputOptions

/** `timeout` and `limits` are those of every run that has none of its own. */
export interface PoolOptions extends RunSettings {
  /** How many stand ready, and how many run at a time at most. */
  readonly size: number
  /** What the first ones stand ready for; absent: what is run first. */
  readonly program?: string
}

export interface PoolRunOptions extends OutputOptions, Pick<SpawnOptions, 'signal'> {
  /** As in `RunSettings`. */
  readonly timeout?: number | string
}

/**
 * The policy of one run.
 * @throws PolicyError when an option has a value that the key in the policy cannot have.
 */
export function policyFor(base: LoadedPolicy, settings: RunSettings, variables: Variables): LoadedPolicy {
  const { timeout, limits = {}, environment, directory } = settings
  if (timeout === undefined && environment === undefined && directory === undefined && Object.keys(limits).length === 0)
    return base
  const wall = typeof timeout === 'number' ? `${timeout}ms` : timeout
  const overrides = {
    limits: { ...limits, ...(wall === undefined ? {} : { wall }) },
    process: { ...(directory === undefined ? {} : { directory }), environment: { set: { ...environment } } },
  }
  return withOverrides(base, overrides, variables)
}

/** What two runs must have in common for one plan to serve both, beside the host. */
export function identityOf(program: string, { timeout, limits, environment, directory }: RunSettings): string {
  return JSON.stringify([program, timeout, limits, environment, directory])
}

/**
 * The words of a command as they will arrive.
 * @throws UsageError when they cannot: execve(2) takes NUL-terminated bytes, and a lone surrogate has none.
 */
export function checkedCommand(command: readonly string[]): readonly string[] {
  const [program] = command
  if (program === undefined || program === '') throw new UsageError('a command needs a program')
  const wrong = command.findIndex((word) => typeof word !== 'string' || !arrives(word))
  if (wrong !== -1) throw new UsageError(`word ${wrong} of the command is no text that a program could get`)
  return command
}

function arrives(word: string): boolean {
  return !word.includes('\0') && Buffer.from(word).toString() === word
}
