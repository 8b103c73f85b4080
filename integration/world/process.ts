import { spawn } from 'node:child_process'
import { Readable } from 'node:stream'

export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>
  readonly directory?: string
  /** What the program reads; without it stdin is empty. `held`: what `Running.write` gives it, until it ends. */
  readonly stdin?: string | typeof held
  /** Gives the program a pipe as descriptor 3, whose text comes back as `descriptor3`. */
  readonly descriptor3?: 'pipe'
  /** SIGKILL after this time; a test that waits longer has failed. */
  readonly timeoutMs?: number
}

/** How a program ended: `code` or `signal`, never both. */
export interface Outcome {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
  readonly descriptor3: string
}

/** A program that has been started. */
export interface Running {
  readonly pid: number
  /** Everything, once it has ended. */
  readonly outcome: Promise<Outcome>
  /** Settles with the first line on stdout; rejects if the program ends without one. */
  readonly firstLine: Promise<string>
  signal(name: NodeJS.Signals): void
  /** Settles when the program has printed this line; rejects if it ends without it. */
  printed(line: string): Promise<void>
  /** More of a `held` stdin. */
  write(text: string): void
  end(): void
}

/** A stdin that stays open. */
export const held = Symbol('held')

/** Runs one program to its end, in any way: one that cannot be started ends with 126 or 127. */
export function run(argv: readonly string[], options: RunOptions = {}): Promise<Outcome> {
  return start(argv, options).outcome
}

/** `run`, for set-up that must succeed; returns stdout. */
export async function must(argv: readonly string[], options: RunOptions = {}): Promise<string> {
  const { code, signal, stdout, stderr } = await run(argv, {
    env: { PATH: searchPath },
    timeoutMs: 300_000,
    ...options,
  })
  if (code !== 0) throw new Error(`${argv.join(' ')}: ${signal ?? `exit ${code}`}\n${stderr}${stdout}`)
  return stdout
}

/** Starts one program; PATH is that of its own environment. */
export function start(argv: readonly string[], options: RunOptions = {}): Running {
  const [file, ...rest] = argv
  if (file === undefined) throw new TypeError('start: no program')
  // tap's runner adds NODE_OPTIONS to whatever is spawned; env(1) drops it again, so the environment is what was asked.
  const environment = Object.entries(options.env ?? {}).map(([name, value]) => `${name}=${value}`)
  const child = spawn('/usr/bin/env', ['--ignore-environment', ...environment, file, ...rest], {
    ...(options.directory === undefined ? {} : { cwd: options.directory }),
    timeout: options.timeoutMs ?? 60_000,
    killSignal: 'SIGKILL',
    stdio: ['pipe', 'pipe', 'pipe', options.descriptor3 ?? 'ignore'],
  })
  const [, ...outputs] = child.stdio.map(collect)
  const outcome = new Promise<Outcome>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code, signal) => {
      const [stdout = '', stderr = '', descriptor3 = ''] = outputs.map((output) => output())
      resolve({ code, signal, stdout, stderr, descriptor3 })
    })
  })
  const lineThat = async (fits: (line: string) => boolean): Promise<string> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        const [stdout = ''] = outputs.map((output) => output())
        const found = stdout.split('\n').slice(0, -1).find(fits)
        if (found !== undefined) resolve(found)
      }
      child.stdout?.on('data', look)
      look()
      outcome.then(({ stderr }) => reject(new Error(`${file} ended without such a line: ${stderr}`)), reject)
    })
  const line = lineThat(() => true)
  // Whoever does not ask for the line does not hear that there was none.
  line.catch(() => {})
  // A program that ends without reading its input is no failure of the test.
  child.stdin?.on('error', () => {})
  if (options.stdin !== held) child.stdin?.end(options.stdin ?? '')
  return {
    pid: child.pid ?? -1,
    outcome,
    firstLine: line,
    signal: (name) => void child.kill(name),
    printed: async (text) => void (await lineThat((one) => one === text)),
    write: (text) => void child.stdin?.write(text),
    end: () => void child.stdin?.end(),
  }
}

function collect(stream: unknown): () => string {
  let text = ''
  if (stream instanceof Readable) stream.setEncoding('utf8').on('data', (part: string) => (text += part))
  return () => text
}

/** Where the tools are; an unprivileged user's own PATH lacks ip(8). */
export const searchPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'
