import { spawn } from 'node:child_process'
import { Readable } from 'node:stream'

export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>
  readonly directory?: string
  /** What the program reads; without it stdin is empty. */
  readonly stdin?: string
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

/** Runs one program to its end. A program that cannot be started rejects; how it ends never does. */
export function run(argv: readonly string[], options: RunOptions = {}): Promise<Outcome> {
  const [file, ...rest] = argv
  if (file === undefined) throw new TypeError('run: no program')
  return new Promise((resolve, reject) => {
    const child = spawn(file, rest, {
      env: { ...options.env },
      ...(options.directory === undefined ? {} : { cwd: options.directory }),
      timeout: options.timeoutMs ?? 60_000,
      killSignal: 'SIGKILL',
      stdio: ['pipe', 'pipe', 'pipe', options.descriptor3 ?? 'ignore'],
    })
    const [, ...outputs] = child.stdio.map(collect)
    child.once('error', reject)
    child.once('close', (code, signal) => {
      const [stdout = '', stderr = '', descriptor3 = ''] = outputs.map((output) => output())
      resolve({ code, signal, stdout, stderr, descriptor3 })
    })
    // A program that ends without reading its input is no failure of the test.
    child.stdin?.on('error', () => {})
    child.stdin?.end(options.stdin ?? '')
  })
}

function collect(stream: unknown): () => string {
  let text = ''
  if (stream instanceof Readable) stream.setEncoding('utf8').on('data', (part: string) => (text += part))
  return () => text
}

/** `run`, for set-up that must succeed; returns stdout. */
export async function must(argv: readonly string[], options: RunOptions = {}): Promise<string> {
  const { code, signal, stdout, stderr } = await run(argv, {
    env: { PATH: searchPath },
    ...options,
  })
  if (code !== 0) throw new Error(`${argv.join(' ')}: ${signal ?? `exit ${code}`}\n${stderr}${stdout}`)
  return stdout
}

/** Where the tools are; an unprivileged user's own PATH lacks ip(8). */
export const searchPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'
