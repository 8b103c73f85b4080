import { fileURLToPath } from 'node:url'
import type * as z from 'zod'
import type { Answer } from '../compiler/explain-answer.js'
import { UsageError } from '../core/errors.js'
import { hostFiles } from '../host/files.js'
import { callerVariables, readPolicy } from '../launch/prepare.js'
import { parsePolicyObject } from '../policy/load.js'
import type { policySchema } from '../policy/policy.js'
import { variableNames, type VariableName } from '../policy/variables.js'
import { answerTo, type Act } from './explain.js'
import { launch } from './launch.js'
import { checkedCommand, checkedTimeout } from './checked.js'
import { commandMessage } from './command.js'
import type { Command, PoolOptions, RunOptions, SpawnOptions } from './options.js'
import { Plans } from './plans.js'
import { SandboxPool } from './pool.js'
import { PlanChanged, SandboxProcess } from './process.js'
import { resultOf, type RunResult } from './result.js'

/** A policy as a value, with the keys of docs/policy-reference.md; `extends` needs a file. */
export type PolicyObject = Omit<z.input<ReturnType<typeof policySchema>>, 'extends'>

export interface OpenOptions {
  /** What `${NAME}` in the policy stands for, in place of what this process has. */
  readonly variables?: Readonly<Partial<Record<VariableName, string>>>
  /**
   * Directory of a cgroup (cgroups(7), version 2) below which sandboxes have theirs for `limits.memory`, `pids` and `cpus`:
   * given to this user, and without processes of its own. Absent: the one that this process is in, which serves root in
   * the root of the hierarchy. Where it cannot serve, runs with these limits reject with PolicyError, and no others.
   */
  readonly cgroup?: string | undefined
}

/** One policy, for any number of programs, each in a sandbox of its own. */
export class Sandbox implements AsyncDisposable {
  readonly #plans: Plans
  readonly #starting = new Set<Promise<SandboxProcess>>()
  /** What still runs. */
  readonly #running = new Set<SandboxProcess>()
  #isClosed = false

  private constructor(plans: Plans) {
    this.#plans = plans
  }

  /**
   * Reads a policy: a file (its name, or a file: URL) and what it extends, or a value. Later changes of the file mean
   * nothing to this sandbox.
   * @throws PolicyError with everything that is wrong with it.
   */
  static open(policy: string | URL | PolicyObject, options: OpenOptions = {}): Promise<Sandbox> {
    return new Promise((resolve) => {
      checkedTimeout('open', options)
      resolve(new Sandbox(plansOf(policy, options)))
    })
  }

  /**
   * Keeps sandboxes ready for the programs that are run in it.
   * @throws PolicyError with everything that is wrong with the policy.
   */
  static pool(policy: string | URL | PolicyObject, options: PoolOptions & OpenOptions): Promise<SandboxPool> {
    return new Promise((resolve) => {
      const wallMs = checkedTimeout('pool', options)
      resolve(new SandboxPool(plansOf(policy, options), options, wallMs))
    })
  }

  /**
   * Runs a program to its end.
   * @throws PolicyError, HostError: the sandbox cannot be had here. CommandError: the program cannot be started.
   * LaunchError: a part of the sandbox failed. UsageError: a word or an option is wrong.
   */
  async run(command: Command, options: RunOptions = {}): Promise<RunResult> {
    const wallMs = checkedTimeout('run', options)
    try {
      return await resultOf(await this.#start(command, options, wallMs, true), options)
    } catch (error) {
      if (!(error instanceof PlanChanged)) throw error
      this.#plans.forget(command[0] ?? '', options)
      return resultOf(await this.#start(command, options, wallMs, false), options)
    }
  }

  /** Starts a program and gives its streams. Throws as `run` does; what fails later rejects `outcome`. */
  async spawn(command: Command, options: SpawnOptions = {}): Promise<SandboxProcess> {
    return this.#start(command, options, checkedTimeout('spawn', options), false)
  }

  /**
   * What the policy answers on this host to one act of `program`, and which layers decide: `sandbox-exec explain`.
   * @throws as `run` does.
   */
  async explain(act: Act, program = '/bin/true'): Promise<Answer> {
    checkedCommand([program])
    return answerTo(await this.#plans.compiled(program), act)
  }

  /** Paths that the policy lets a program write. */
  get writable(): readonly string[] {
    return this.#plans.policy.filesystem.write
  }

  /** How many programs run in it, or are being started. */
  get running(): number {
    return this.#running.size + this.#starting.size
  }

  /** Ends everything that still runs, and waits until nothing is left. */
  async close(): Promise<void> {
    this.#isClosed = true
    await Promise.allSettled(this.#starting)
    await Promise.all([...this.#running].map((child) => child[Symbol.asyncDispose]()))
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #start(command: Command, options: SpawnOptions, wallMs: number, mayDoubt: boolean): Promise<SandboxProcess> {
    const argv = checkedCommand(command)
    const message = commandMessage(argv, wallMs)
    if (this.#isClosed) throw new UsageError('the sandbox is closed')
    options.signal?.throwIfAborted()
    const starting = this.#plans
      .planOf(argv[0] ?? '', options, { descriptors: options.descriptors, mayDoubt })
      .then((plan) => new SandboxProcess(launch(plan)))
    this.#starting.add(starting)
    const child = await starting.finally(() => this.#starting.delete(starting))
    child.start(message, options.signal)
    this.#running.add(child)
    const forget = (): void => void this.#running.delete(child)
    void child.outcome.then(forget, forget)
    if (!this.#isClosed) return child
    await child[Symbol.asyncDispose]()
    throw new UsageError('the sandbox is closed')
  }
}

function plansOf(policy: string | URL | PolicyObject, options: OpenOptions): Plans {
  const variables = new Map([...callerVariables(), ...givenVariables(options.variables ?? {})])
  const file = policy instanceof URL ? fileURLToPath(policy) : policy
  const isFile = typeof file === 'string'
  const launcher = options.cgroup === undefined ? 'a child' : { below: options.cgroup }
  return new Plans(
    isFile ? readPolicy(file, variables, hostFiles) : parsePolicyObject(file, variables),
    variables,
    launcher,
  )
}

function givenVariables(variables: NonNullable<OpenOptions['variables']>): readonly [VariableName, string][] {
  return variableNames.flatMap((name): [VariableName, string][] => {
    const value = variables[name]
    return value === undefined ? [] : [[name, value]]
  })
}
