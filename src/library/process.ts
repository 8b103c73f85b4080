import { once } from 'node:events'
import { Readable, type Writable } from 'node:stream'
import type { ChildProcess } from 'node:child_process'
import type { Socket } from 'node:net'
import { LaunchError } from '../core/errors.js'
import { gather } from './gather.js'
import type { Launched } from './launch.js'
import { killedOutcome, outcomeOf, type Outcome } from './outcome.js'
import { parseReport } from './report.js'

/** What a sandboxed program does, in the order in which it is seen. */
export type SandboxEvent =
  | { readonly type: 'stdout' | 'stderr'; readonly data: Uint8Array }
  | { readonly type: 'exit'; readonly outcome: Outcome }

/** The launcher writes the Report: bounded by the policy's size and the connections that it lists. */
const reportBytesMax = 4 << 20

/** A program that runs in a sandbox. It ends with this process, at the latest. */
export class SandboxProcess implements AsyncDisposable {
  /** Of the supervisor; signals to it reach the program's process group. */
  readonly pid: number
  /** null: the program reads /dev/null. */
  readonly stdin: Writable | null
  readonly stdout: Readable
  readonly stderr: Readable
  /**
   * The end of the sandbox, when nothing is left inside.
   * Rejected with LaunchError or CommandError if the program never ran, and with an aborted signal's reason.
   */
  readonly outcome: Promise<Outcome>
  readonly #child: ChildProcess
  #isKilled = false

  readonly #streams: readonly Socket[]
  #reason: AbortSignal | null = null

  constructor({ child, stdin, stdout, stderr, report }: Launched) {
    this.pid = child.pid ?? 0
    this.stdin = stdin
    this.stdout = stdout
    this.stderr = stderr
    this.#child = child
    // A program need not read: what it leaves is no error of the caller's.
    stdin?.on('error', () => undefined)
    this.#streams = [...(stdin === null ? [] : [stdin]), stdout, stderr, report]
    this.outcome = this.#ended(report)
    // Whoever only reads the streams is not asked to wait.
    this.outcome.catch(() => undefined)
  }

  /** Whether it has not ended yet. */
  get isRunning(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null
  }

  /** Kills it when the signal is aborted, and rejects `outcome` with the signal's reason then. */
  abortWith(signal: AbortSignal | undefined): void {
    if (signal === undefined) return
    this.#reason = signal
    const abort = (): void => void this.kill('SIGKILL')
    signal.addEventListener('abort', abort, { once: true })
    const forget = (): void => signal.removeEventListener('abort', abort)
    this.outcome.then(forget, forget)
    if (signal.aborted) abort()
  }

  /** Whether this process waits for it before it ends; `ref` is how it begins. */
  ref(): void {
    this.#child.ref()
    for (const stream of this.#streams) stream.ref()
  }
  unref(): void {
    this.#child.unref()
    for (const stream of this.#streams) stream.unref()
  }

  /** Passes a signal on to the program's process group; SIGKILL ends everything inside. False: it has ended before. */
  kill(signal: NodeJS.Signals = 'SIGTERM'): boolean {
    if (!this.isRunning) return false
    if (signal === 'SIGKILL') this.#isKilled = true
    return this.#child.kill(signal)
  }

  /** What the program writes, and how it ends. The streams are read by this, so by nobody else. */
  async *[Symbol.asyncIterator](): AsyncGenerator<SandboxEvent, void, undefined> {
    const events = new Readable({ objectMode: true, read: () => undefined })
    for (const type of ['stdout', 'stderr'] as const) {
      this[type].on('data', (data: Uint8Array) => events.push({ type, data } satisfies SandboxEvent))
    }
    void this.#tellEnd(events)
    const told: AsyncIterable<SandboxEvent> = events
    yield* told
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
    this.stdin?.destroy()
    this.stdout.destroy()
    this.stderr.destroy()
    await this.outcome.catch(() => undefined)
  }

  async #ended(report: Readable): Promise<Outcome> {
    const [told] = await Promise.all([gather(report, reportBytesMax), ended(this.#child)])
    this.#reason?.throwIfAborted()
    const text = new TextDecoder().decode(told.bytes)
    if (text !== '') return outcomeOf(parseReport(text))
    if (this.#isKilled) return killedOutcome
    throw new LaunchError('', '', 'the launcher was ended from outside', this.#child.signalCode ?? '')
  }
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
}

async function closed(stream: Readable): Promise<void> {
  if (!stream.closed) await once(stream, 'close')
}
