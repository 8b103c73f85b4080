import type * as z from 'zod'
import { UsageError } from '../core/errors.js'
import { hostFiles } from '../host/files.js'
import { callerVariables, readPolicy } from '../launch/prepare.js'
import { parsePolicyObject } from '../policy/load.js'
import type { policySchema } from '../policy/policy.js'
import { variableNames, type VariableName } from '../policy/variables.js'
import { launch } from './launch.js'
import { checkedCommand, type Command, type PoolOptions, type RunOptions, type SpawnOptions } from './options.js'
import { Plans } from './plans.js'
import { SandboxPool } from './pool.js'
import { SandboxProcess } from './process.js'
import { resultOf, type RunResult } from './result.js'

/** A policy as a value, with the keys of docs/policy-reference.md; `extends` needs a file. */
export type PolicyObject = Omit<z.input<ReturnType<typeof policySchema>>, 'extends'>

export interface OpenOptions {
  /** What `${NAME}` in the policy stands for, in place of what this process has. */
  readonly variables?: Readonly<Partial<Record<VariableName, string>>>
}

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
    return new Promise((resolve) => resolve(new Sandbox(plansOf(policy, options))))
  }

  /**
   * Keeps sandboxes ready for the programs that are run in it.
   * @throws PolicyError with everything that is wrong with the policy.
   */
  static pool(policy: string | PolicyObject, options: PoolOptions & OpenOptions): Promise<SandboxPool> {
    return new Promise((resolve) => resolve(new SandboxPool(plansOf(policy, options), options)))
  }

  /**
   * Runs a program to its end.
   * @throws PolicyError, HostError: the sandbox cannot be had here. CommandError: the program cannot be started.
   * LaunchError: a part of the sandbox failed. UsageError: a word or an option is wrong.
   */
  async run(command: Command, options: RunOptions = {}): Promise<RunResult> {
    const child = await this.#start(command, options, options.stdin === undefined ? 'nothing' : 'pipe')
    return resultOf(child, options)
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
    const child = new SandboxProcess(await launch(plan, stdin, 'planned'))
    child.abortWith(options.signal)
    this.#running.add(child)
    const forget = (): void => void this.#running.delete(child)
    void child.outcome.then(forget, forget)
    if (!this.#isClosed) return child
    await child[Symbol.asyncDispose]()
    throw new UsageError('the sandbox is closed')
  }
}

function plansOf(policy: string | PolicyObject, options: OpenOptions): Plans {
  const variables = new Map([...callerVariables(), ...givenVariables(options.variables ?? {})])
  const isFile = typeof policy === 'string'
  return new Plans(isFile ? readPolicy(policy, variables, hostFiles) : parsePolicyObject(policy, variables), variables)
}

function givenVariables(variables: NonNullable<OpenOptions['variables']>): readonly [VariableName, string][] {
  return variableNames.flatMap((name): [VariableName, string][] => {
    const value = variables[name]
    return value === undefined ? [] : [[name, value]]
  })
}
