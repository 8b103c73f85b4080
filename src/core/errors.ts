import type { PolicyKey } from './policy-key.js'

/** Base of every error that Palisade throws on purpose. `code` is stable across releases. */
export abstract class SandboxError extends Error {
  abstract readonly code: `ERR_SANDBOX_${string}`
}

/** One thing wrong with a policy, before its place in the text is known. */
export interface Problem {
  readonly key: PolicyKey
  readonly message: string
  /** The one change that would mend it, as an imperative sentence. */
  readonly fix?: string
  /** The piece of a text that is to blame, in UTF-16 units of it; absent: the whole value. */
  readonly within?: { readonly start: number; readonly end: number }
}

/** A `Problem` with its place; `line` and `column` count from 1. In a policy given as an object its key is its place. */
export interface PlacedProblem extends Problem {
  /** Of an object what it is: `policy`, or `options`. */
  readonly file: string
  /** 0: it is in an object. */
  readonly line: number
  readonly column: number
  /** The lines around it with a marker below the token; empty where there is no text. */
  readonly frame: string
}

/** Everything wrong with a policy, at once, sorted by file and place. */
export class PolicyError extends SandboxError {
  readonly code = 'ERR_SANDBOX_POLICY'
  override readonly name = 'PolicyError'
  constructor(readonly problems: readonly PlacedProblem[]) {
    super(problems.map(describeProblem).join('\n'))
  }
}

/** A problem as text: its place, key, message, fix and frame. */
export function describeProblem(problem: PlacedProblem): string {
  const fix = problem.fix === undefined ? '' : `\n  fix: ${problem.fix}`
  const frame = problem.frame === '' ? '' : `\n${problem.frame}`
  return `${subjectOf(problem)}: ${problem.message}${fix}${frame}`
}

/** The command is no key of any policy. */
function subjectOf({ file, line, column, key }: PlacedProblem): string {
  if (line !== 0) return [`${file}:${line}:${column}`, ...(key === '' ? [] : [key])].join(': ')
  if (key === 'command') return key
  return key === '' ? file : `${file}.${key}`
}

/** The host lacks what the policy needs. */
export class HostError extends SandboxError {
  readonly code = 'ERR_SANDBOX_HOST'
  override readonly name = 'HostError'
  constructor(
    readonly key: PolicyKey,
    readonly needed: string,
    readonly found: string,
    readonly fix: string,
  ) {
    super(`${key === '' ? '' : `${key}: `}needs ${needed}, found ${found}\n  fix: ${fix}`)
  }
}

/** The command line is wrong. */
export class UsageError extends SandboxError {
  readonly code = 'ERR_SANDBOX_USAGE'
  override readonly name = 'UsageError'
}

/** The command to run is missing (`status` 127) or cannot be executed (`status` 126). */
export class CommandError extends SandboxError {
  readonly code = 'ERR_SANDBOX_COMMAND'
  override readonly name = 'CommandError'
  constructor(
    readonly status: 126 | 127,
    message: string,
  ) {
    super(message)
  }
}

/** What is written is right, but more than we can check in a reasonable time. */
export class ComplexityError extends SandboxError {
  readonly code = 'ERR_SANDBOX_COMPLEXITY'
  override readonly name = 'ComplexityError'
}

/** A bug of ours. */
export class InternalError extends SandboxError {
  readonly code = 'ERR_SANDBOX_INTERNAL'
  override readonly name = 'InternalError'
  constructor(message: string, options?: ErrorOptions) {
    super(`${message} (this is a bug in Palisade)`, options)
  }
}

/** The launcher could not build the sandbox, or a part of it died: the step that failed, and what the kernel said. */
export class LaunchError extends SandboxError {
  readonly code = 'ERR_SANDBOX_LAUNCH'
  override readonly name = 'LaunchError'
  constructor(
    readonly key: PolicyKey,
    readonly step: string,
    readonly syscall: string,
    readonly errno: string,
    message: string = [key, step, syscall, errno].filter((part) => part !== '').join(': '),
  ) {
    super(message)
  }

  /** It was ended by somebody who is neither the caller nor a part of the sandbox. */
  static fromOutside(what: string): LaunchError {
    return new LaunchError('', '', '', '', `${what} was ended from outside`)
  }
}
