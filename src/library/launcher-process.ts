import { constants } from 'node:os'
import { loadAddon } from '../launch/addon.js'

/** A launcher that this process has started; nobody else waits for it. */
export class LauncherProcess {
  readonly pid: number
  #end: { readonly exitCode: number | null; readonly signal: number | null } | null = null

  /** @throws what the system said, with `errno` and `syscall`. */
  constructor(path: string, words: readonly string[], descriptors: ReadonlyMap<number, number>) {
    this.pid = loadAddon().startLauncher(path, words, [...descriptors])
  }

  /** Until it has been waited for, its number is its own. */
  get isRunning(): boolean {
    return this.#end === null
  }
  /** null: it runs, or a signal ended it. */
  get exitCode(): number | null {
    return this.#end?.exitCode ?? null
  }
  /** Whether this signal ended it. */
  wasEndedBy(signal: NodeJS.Signals): boolean {
    return this.#end?.signal === constants.signals[signal]
  }

  /** False: it has ended. */
  kill(signal: NodeJS.Signals): boolean {
    return this.isRunning && process.kill(this.pid, signal)
  }

  /** Waits for it: to be called when its end of a pipe has closed, so that there is nothing to wait for. */
  reap(): void {
    this.#end ??= loadAddon().reapLauncher(this.pid)
  }
}
