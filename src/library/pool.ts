import { InternalError, UsageError } from '../core/errors.js'
import { parseDuration } from '../policy/quantity.js'
import { commandMessage } from './command.js'
import { launch } from './launch.js'
import { checkedCommand, type Command, type PoolOptions, type PoolRunOptions } from './options.js'
import type { Plans } from './plans.js'
import { SandboxProcess } from './process.js'
import { resultOf, type RunResult } from './result.js'

/** A sandbox in which everything is made but the program, which waits in front of its execve(2). */
interface World {
  readonly process: SandboxProcess
  /** Tells it its command. */
  readonly command: NodeJS.WritableStream
}
interface Standing {
  readonly program: string
  readonly world: Promise<World>
}

/**
 * Sandboxes that stand ready, so that a run costs little more than a fork and an execve. Each serves one run and is gone
 * with it. What is granted was looked at when the world was made, not when the run begins.
 */
export class SandboxPool implements AsyncDisposable {
  readonly #plans: Plans
  readonly #options: PoolOptions
  /** The oldest first. */
  readonly #standing: Standing[] = []
  /** Runs that wait until another one has ended. */
  readonly #waiting: (() => void)[] = []
  readonly #running = new Set<Promise<unknown>>()
  #isClosed = false

  constructor(plans: Plans, options: PoolOptions) {
    this.#plans = plans
    this.#options = options
    if (!Number.isInteger(options.size) || options.size < 1)
      throw new UsageError('size: expected a whole number from 1')
    if (options.program !== undefined) this.#fill(options.program)
  }

  /**
   * Runs a program to its end, in a world that stands ready for it, or in one that is made now. At most `size` run at a
   * time; others wait for their turn.
   * @throws as `Sandbox.run` does.
   */
  async run(command: Command, options: PoolRunOptions = {}): Promise<RunResult> {
    const argv = checkedCommand(command)
    const message = commandMessage(argv, wallOf(options.timeout))
    if (this.#isClosed) throw new UsageError('the pool is closed')
    while (this.#running.size >= this.#options.size) await new Promise<void>((resolve) => this.#waiting.push(resolve))
    const result = this.#run(argv[0] ?? '', message, options)
    this.#running.add(result)
    try {
      return await result
    } finally {
      this.#running.delete(result)
      this.#waiting.shift()?.()
    }
  }

  /** Takes no more runs, waits for those that are under way, and takes away what stands. */
  async close(): Promise<void> {
    this.#isClosed = true
    while (this.#running.size > 0) await Promise.allSettled(this.#running)
    await Promise.all(this.#standing.splice(0).map(discard))
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #run(program: string, message: Uint8Array, options: PoolRunOptions): Promise<RunResult> {
    options.signal?.throwIfAborted()
    const { process, command } = await this.#take(program)
    try {
      process.ref()
      process.abortWith(options.signal)
      command.end(message)
      return await resultOf(process, options)
    } finally {
      // After the run: what is made now would take the processor from it.
      if (!this.#isClosed) this.#fill(program)
    }
  }

  async #take(program: string): Promise<World> {
    for (;;) {
      const index = this.#standing.findIndex((one) => one.program === program)
      const [found] = index === -1 ? [] : this.#standing.splice(index, 1)
      const world = await (found?.world ?? this.#make(program))
      // Somebody may have killed it while it stood.
      if (world.process.isRunning) return world
    }
  }

  /** Where all stand for other programs, the oldest makes room for one. */
  #fill(program: string): void {
    const isFull = this.#standing.length >= this.#options.size
    const oldest = isFull && !this.#standing.some((one) => one.program === program) ? this.#standing.shift() : undefined
    if (oldest !== undefined) void discard(oldest)
    while (this.#standing.length < this.#options.size) {
      const world = this.#make(program)
      // Told to the run that takes it.
      world.catch(() => undefined)
      this.#standing.push({ program, world })
    }
  }

  async #make(program: string): Promise<World> {
    const plan = await this.#plans.planOf([program], this.#options)
    const launched = await launch(plan, 'pipe', 'told')
    const process = new SandboxProcess(launched)
    process.unref()
    const { command } = launched
    if (command === null) throw new InternalError('a world that cannot be told a command')
    command.unref()
    // It may end before it has read its command: its outcome says why.
    command.on('error', () => undefined)
    return { process, command }
  }
}

async function discard({ world }: Standing): Promise<void> {
  const made = await world.catch(() => null)
  if (made === null) return
  // Or this process could end before it is known to have ended.
  made.process.ref()
  made.command.end()
  await made.process[Symbol.asyncDispose]()
}

/** Milliseconds; 0: what the policy says. */
function wallOf(timeout: number | string | undefined): number {
  if (timeout === undefined) return 0
  const read = typeof timeout === 'number' ? { value: timeout } : parseDuration(timeout)
  if ('refused' in read) throw new UsageError(`timeout: ${timeout} ${read.refused}`)
  if (Number.isInteger(read.value) && read.value > 0 && read.value < 2 ** 32) return read.value
  throw new UsageError(`timeout: ${timeout} is not between 1 and ${2 ** 32 - 1} milliseconds`)
}
