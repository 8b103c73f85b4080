import type * as z from 'zod'
import { UsageError } from '../core/errors.js'
import { hostFiles } from '../host/files.js'
import { callerVariables, readPolicy } from '../launch/prepare.js'
import { parsePolicyObject } from '../policy/load.js'
import type { policySchema } from '../policy/policy.js'
import { variableNames, type VariableName } from '../policy/variables.js'
import { gather } from './gather.js'
import { launch } from './launch.js'
import { checkedCommand, type Command, type RunOptions, type SpawnOptions } from './options.js'
import type { Outcome } from './outcome.js'
import { Plans } from './plans.js'
import { SandboxProcess } from './process.js'

/** A policy as a value, with the keys of docs/policy-reference.md; `extends` needs a file. */
export type PolicyObject = Omit<z.input<ReturnType<typeof policySchema>>, 'extends'>

export interface OpenOptions {
  /** What `${NAME}` in the policy stands for, in place of what this process has. */
  readonly variables?: Readonly<Partial<Record<VariableName, string>>>
}

/** How a program ended, and what it wrote. */
export interface RunResult extends Outcome {
  /** As UTF-8. */
  readonly stdout: string
  readonly stderr: string
  /** Whether there was more than `outputMax` bytes. */
  readonly truncated: { readonly stdout: boolean; readonly stderr: boolean }
}

const outputMaxDefault = 1 << 20

/** One policy, for any number of programs, each in a sandbox of its own. */
export class Sandbox implements AsyncDisposable {
  readonly #plans: Plans
  /** What still runs. */
  readonly #running = new Set<SandboxProcess>()
  #isClosed = false

  private constructor(plans: Plans) {
    this.#plans = plans
  }

  /**
   * Reads a policy: a file and what it extends, or a value. Later changes of the file mean nothing to this sandbox.
   * @throws PolicyError with everything that is wrong with it.
   */
  static open(policy: string | PolicyObject, options: OpenOptions = {}): Promise<Sandbox> {
    return new Promise((resolve) => {
      const variables = new Map([...callerVariables(), ...givenVariables(options.variables ?? {})])
      const isFile = typeof policy === 'string'
      const loaded = isFile ? readPolicy(policy, variables, hostFiles) : parsePolicyObject(policy, variables)
      resolve(new Sandbox(new Plans(loaded, variables)))
    })
  }

  /**
   * Runs a program to its end.
   * @throws PolicyError, HostError: the sandbox cannot be had here. CommandError: the program cannot be started.
   * LaunchError: a part of the sandbox failed. UsageError: a word or an option is wrong.
   */
  async run(command: Command, options: RunOptions = {}): Promise<RunResult> {
    const { stdin, outputMax = outputMaxDefault } = options
    const child = await this.#start(command, options, stdin === undefined ? 'nothing' : 'pipe')
    child.stdin?.end(stdin)
    const [stdout, stderr, outcome] = await Promise.all([
      gather(child.stdout, outputMax),
      gather(child.stderr, outputMax),
      child.outcome,
    ])
    return {
      ...outcome,
      stdout: textOf(stdout.bytes),
      stderr: textOf(stderr.bytes),
      truncated: { stdout: stdout.isTruncated, stderr: stderr.isTruncated },
    }
  }

  /** Starts a program and gives its streams. Throws as `run` does; what fails later rejects `outcome`. */
  spawn(command: Command, options: SpawnOptions = {}): Promise<SandboxProcess> {
    return this.#start(command, options, 'pipe')
  }

  /** Ends everything that still runs, and waits until nothing is left. */
  async close(): Promise<void> {
    this.#isClosed = true
    await Promise.all([...this.#running].map((child) => child[Symbol.asyncDispose]()))
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #start(command: Command, options: SpawnOptions, stdin: 'pipe' | 'nothing'): Promise<SandboxProcess> {
    options.signal?.throwIfAborted()
    if (this.#isClosed) throw new UsageError('the sandbox is closed')
    const argv = checkedCommand(command)
    const plan = await this.#plans.planOf(argv, options)
    options.signal?.throwIfAborted()
    const child = new SandboxProcess(await launch(plan, stdin), options.signal)
    this.#running.add(child)
    const forget = (): void => void this.#running.delete(child)
    void child.outcome.then(forget, forget)
    if (!this.#isClosed) return child
    await child[Symbol.asyncDispose]()
    throw new UsageError('the sandbox is closed')
  }
}

function givenVariables(variables: NonNullable<OpenOptions['variables']>): readonly [VariableName, string][] {
  return variableNames.flatMap((name): [VariableName, string][] => {
    const value = variables[name]
    return value === undefined ? [] : [[name, value]]
  })
}

function textOf(bytes: Uint8Array): string {
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes)
}
