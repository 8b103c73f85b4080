import { once } from 'node:events'
import type { Socket } from 'node:net'
import { constants } from 'node:os'
import { Readable, type Writable } from 'node:stream'
import { LaunchError, UsageError } from '../core/errors.js'
import { onAbort } from './abort.js'
import { gather } from './gather.js'
import type { Launched } from './launch.js'
import type { LauncherProcess } from './launcher-process.js'
import { endedBy, outcomeOf, type Outcome } from './outcome.js'
import { parseReport } from './report.js'

/** What a sandboxed program does, in the order in which it is seen. */
export type SandboxEvent =
  | { readonly type: 'stdout' | 'stderr'; readonly data: Uint8Array }
  | { readonly type: 'exit'; readonly outcome: Outcome }

/** The plan was not for the moment: something is another now than it was when the plan was made. Nothing has run. */
export class PlanChanged extends Error {}

/** The launcher writes the Report: bounded by the policy's size, the command's and the connections that it lists. */
const reportBytesMax = 8 << 20
/** Status of a launcher whose program never ran. */
const failed = 125
/** The same because of its plan, of which it says nothing else. */
const changed = 124
/** A supervisor that has been told to end everything, and was stopped by somebody, is ended itself. */
const patienceMs = 20_000

/** A program that runs in a sandbox. It ends with this process, at the latest. */
export class SandboxProcess implements AsyncDisposable {
  /** Of the supervisor; signals to it reach the program's process group. */
  readonly pid: number
  readonly stdin: Writable
  readonly stdout: Readable
  readonly stderr: Readable
  /**
   * The end of the sandbox, when nothing is left inside.
   * Rejected with LaunchError or CommandError if the program never ran, and with an aborted signal's reason.
   */
  readonly outcome: Promise<Outcome>
  readonly #child: LauncherProcess
  /** Whoever holds it keeps the sandbox alive. */
  readonly #command: Socket
  readonly #streams: readonly Socket[]
  #sent: NodeJS.Signals | null = null
  #reason: AbortSignal | null = null

  constructor({ child, stdin, stdout, stderr, report, command }: Launched) {
    this.pid = child.pid
    this.stdin = stdin
    this.stdout = stdout
    this.stderr = stderr
    this.#child = child
    this.#command = command
    this.#streams = [stdin, stdout, stderr, report, command]
    // A program need not read, and a launcher may end before it has: the outcome says why.
    for (const stream of [stdin, command]) stream.on('error', () => undefined)
    this.outcome = this.#ended(report)
    // Whoever only reads the streams is not asked to wait.
    this.outcome.catch(() => undefined)
  }

  /** Whether it has not ended yet. */
  get isRunning(): boolean {
    return this.#child.isRunning
  }

  /** Tells a sandbox that stands its command (`commandMessage`), and what kills it. */
  start(message: Uint8Array, signal: AbortSignal | undefined): void {
    if (signal !== undefined) {
      this.#reason = signal
      const forget = onAbort(signal, () => void this.kill('SIGKILL'))
      this.outcome.then(forget, forget)
    }
    this.#command.write(message)
  }

  /**
   * Passes a signal on to the program's process group; SIGKILL ends everything inside. One that comes before the program
   * has begun ends the sandbox, if it would end a program. False: it has ended before.
   */
  kill(signal: NodeJS.Signals = 'SIGTERM'): boolean {
    if (!Object.hasOwn(constants.signals, signal)) throw new UsageError(`kill: ${signal} is no name of a signal`)
    if (!this.isRunning) return false
    this.#sent = signal
    if (signal !== 'SIGKILL') return this.#child.kill(signal)
    this.#command.destroy()
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), patienceMs).unref()
    const forget = (): void => clearTimeout(timer)
    this.outcome.then(forget, forget)
    return true
  }

  /** Whether this process waits for it before it ends; `ref` is how it begins. */
  ref(): void {
    for (const stream of this.#streams) stream.ref()
  }
  unref(): void {
    for (const stream of this.#streams) stream.unref()
  }

  /** What the program writes, and how it ends. The streams are read by this, so by nobody else. */
  async *[Symbol.asyncIterator](): AsyncGenerator<SandboxEvent, void, undefined> {
    const streams = [this.stdout, this.stderr]
    const events = new Readable({ objectMode: true, read: () => streams.forEach((stream) => stream.resume()) })
    const listen = (type: 'stdout' | 'stderr'): (() => void) => {
      const put = (data: Uint8Array): void => {
        // The program waits for whoever iterates.
        if (!events.push({ type, data } satisfies SandboxEvent)) streams.forEach((stream) => stream.pause())
      }
      this[type].on('data', put)
      return () => void this[type].off('data', put)
    }
    const forget = [listen('stdout'), listen('stderr')]
    void this.#tellEnd(events)
    const told: AsyncIterable<SandboxEvent> = events
    try {
      yield* told
    } finally {
      // Whoever stops to listen does not stop the program: what it writes is dropped.
      for (const act of forget) act()
      for (const stream of streams) stream.resume()
    }
  }

  async #tellEnd(events: Readable): Promise<void> {
    try {
      const [outcome] = await Promise.all([this.outcome, closed(this.stdout), closed(this.stderr)])
      events.push({ type: 'exit', outcome } satisfies SandboxEvent)
      events.push(null)
    } catch (error) {
      events.destroy(error instanceof Error ? error : new Error(String(error)))
    }
  }

  /** Ends what still runs, and waits until nothing is left. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.kill('SIGKILL')
    this.stdin.destroy()
    for (const stream of [this.stdout, this.stderr]) {
      const isRead = stream.readableFlowing !== null || stream.listenerCount('readable') > 0
      if (!isRead) stream.destroy()
    }
    await this.outcome.catch(() => undefined)
  }

  async #ended(report: Readable): Promise<Outcome> {
    const told = await gather(report, reportBytesMax)
    this.#child.reap()
    this.#command.destroy()
    this.#reason?.throwIfAborted()
    const text = new TextDecoder().decode(told.bytes)
    if (text !== '') return outcomeOf(parseReport(text), this.#sent)
    const { exitCode } = this.#child
    if (exitCode === changed) throw new PlanChanged()
    // Before it has a command the launcher ends by itself; before it has begun, as any process does.
    const isEnded = this.#sent !== null && (exitCode === failed || this.#child.wasEndedBy(this.#sent))
    if (this.#sent !== null && isEnded) return endedBy(this.#sent)
    throw LaunchError.fromOutside('the launcher')
  }
}

async function closed(stream: Readable): Promise<void> {
  if (!stream.closed) await once(stream, 'close')
}
