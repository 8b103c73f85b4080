import { UsageError } from '../core/errors.js'
import { onAbort } from './abort.js'
import { checkedCommand, checkedTimeout } from './checked.js'
import { commandMessage } from './command.js'
import { launch } from './launch.js'
import type { Command, PoolOptions, PoolRunOptions } from './options.js'
import type { Policy } from '../policy/policy.js'
import type { Plans } from './plans.js'
import { PlanChanged, SandboxProcess } from './process.js'
import { resultOf, type RunResult } from './result.js'

/** A sandbox in which everything is made but the program, which waits for its command. */
interface Standing {
  readonly program: string
  readonly world: Promise<SandboxProcess>
}

/**
 * Sandboxes that stand ready, so that a run costs little more than a fork and an execve. Each serves one run and is gone
 * with it. What is granted was looked at when the world was made, not when the run begins.
 */
export class SandboxPool implements AsyncDisposable {
  readonly #plans: Plans
  readonly #options: PoolOptions
  /** Of a run that says nothing of its own; 0: what the policy says. */
  readonly #wallMs: number
  /** The oldest first. */
  readonly #standing: Standing[] = []
  /** How many have their turn. */
  #turns = 0
  /** Runs that wait until another one has ended. */
  readonly #waiting: (() => void)[] = []
  readonly #running = new Set<Promise<unknown>>()
  #isClosed = false

  /** `wallMs` is `options.timeout`, checked. */
  constructor(plans: Plans, options: PoolOptions, wallMs: number) {
    this.#wallMs = wallMs
    refuseShared(plans.policy, options.size)
    this.#plans = plans
    this.#options = options
    if (options.program !== undefined) this.#fill(options.program)
  }

  /**
   * Runs a program to its end, in a world that stands ready for it, or in one that is made now. At most `size` run at a
   * time; others wait for their turn.
   * @throws as `Sandbox.run` does.
   */
  async run(command: Command, options: PoolRunOptions = {}): Promise<RunResult> {
    const wallMs = checkedTimeout('poolRun', options)
    const argv = checkedCommand(command)
    const message = commandMessage(argv, wallMs === 0 ? this.#wallMs : wallMs)
    if (this.#isClosed) throw new UsageError('the pool is closed')
    await this.#turn(options.signal)
    const result = this.#run(argv[0] ?? '', message, options)
    this.#running.add(result)
    try {
      return await result
    } finally {
      this.#running.delete(result)
      this.#handOn()
    }
  }

  /** Takes no more runs, waits for those that are under way, and takes away what stands. */
  async close(): Promise<void> {
    this.#isClosed = true
    while (this.#turns > 0) await Promise.allSettled(this.#running)
    await Promise.all(this.#standing.splice(0).map(discard))
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  /** Takes a turn: at once, or when one of those that run hands on its own. */
  async #turn(signal: AbortSignal | undefined): Promise<void> {
    signal?.throwIfAborted()
    if (this.#turns < this.#options.size) {
      this.#turns += 1
      return
    }
    const isTurn = await new Promise<boolean>((resolve) => {
      const waiting = this.#waiting
      const forget = signal === undefined ? null : onAbort(signal, leave)
      waiting.push(go)
      function go(): void {
        forget?.()
        resolve(true)
      }
      function leave(): void {
        waiting.splice(waiting.indexOf(go), 1)
        resolve(false)
      }
    })
    if (!isTurn) signal?.throwIfAborted()
  }

  #handOn(): void {
    const next = this.#waiting.shift()
    if (next === undefined) this.#turns -= 1
    else next()
  }

  async #run(program: string, message: Uint8Array, options: PoolRunOptions): Promise<RunResult> {
    const told = (world: SandboxProcess): Promise<RunResult> => {
      world.ref()
      world.start(message, options.signal)
      return resultOf(world, options)
    }
    try {
      return await told(await this.#take(program))
    } catch (error) {
      if (!(error instanceof PlanChanged)) throw error
      return await told(await this.#make(program, false))
    } finally {
      // After the run: what is made now would take the processor from it.
      if (!this.#isClosed) this.#fill(program)
    }
  }

  /** One that could not be made while nobody waited, or was killed meanwhile, is not this run's concern. */
  async #take(program: string): Promise<SandboxProcess> {
    for (;;) {
      const index = this.#standing.findIndex((one) => one.program === program)
      const [found] = index === -1 ? [] : this.#standing.splice(index, 1)
      if (found === undefined) return this.#make(program, true)
      const world = await found.world.catch(() => null)
      if (world?.isRunning === true) return world
    }
  }

  /** Where all stand for other programs, the oldest makes room for one. */
  #fill(program: string): void {
    const isFull = this.#standing.length >= this.#options.size
    const oldest = isFull && !this.#standing.some((one) => one.program === program) ? this.#standing.shift() : undefined
    if (oldest !== undefined) void discard(oldest)
    while (this.#standing.length < this.#options.size) {
      const world = this.#make(program, true)
      // Told to the run that takes it.
      world.catch(() => undefined)
      this.#standing.push({ program, world })
    }
  }

  async #make(program: string, mayDoubt: boolean): Promise<SandboxProcess> {
    const plan = await this.#plans.planOf(program, this.#options, { mayDoubt })
    const world = new SandboxProcess(launch(plan))
    world.outcome.catch((error: unknown) => {
      if (error instanceof PlanChanged) this.#plans.forget(program, this.#options)
    })
    world.unref()
    return world
  }
}

async function discard({ world }: Standing): Promise<void> {
  const made = await world.catch(() => null)
  // Or this process could end before it is known to have ended.
  made?.ref()
  await made?.[Symbol.asyncDispose]()
}

/** What two worlds cannot have at a time, or nobody gives them. */
function refuseShared({ process, network }: Policy, size: number): void {
  if (Object.keys(process.descriptors).length > 0)
    throw new UsageError('a pool passes no descriptors: use Sandbox.open for a policy with process.descriptors')
  if (size > 1 && network.listen.length > 0)
    throw new UsageError('size: the ports of network.listen are held by a world that stands: a pool of them has size 1')
}
