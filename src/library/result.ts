import { gather } from './gather.js'
import type { OutputOptions } from './options.js'
import type { Outcome } from './outcome.js'
import type { SandboxProcess } from './process.js'

/** How a program ended, and what it wrote. */
export interface RunResult extends Outcome {
  /** As UTF-8. */
  readonly stdout: string
  readonly stderr: string
  /** Whether there was more than `outputMax` bytes. */
  readonly truncated: { readonly stdout: boolean; readonly stderr: boolean }
}

const outputMaxDefault = 1 << 20

/** Gives a program what it reads, and waits for its end. */
export async function resultOf(child: SandboxProcess, options: OutputOptions): Promise<RunResult> {
  const { stdin, outputMax = outputMaxDefault, overflow = 'drop' } = options
  child.stdin.end(stdin)
  const full = (): void => {
    if (overflow === 'kill') child.kill('SIGKILL')
  }
  const [stdout, stderr, outcome] = await Promise.all([
    gather(child.stdout, outputMax, full),
    gather(child.stderr, outputMax, full),
    child.outcome,
  ])
  return {
    ...outcome,
    stdout: textOf(stdout.bytes),
    stderr: textOf(stderr.bytes),
    truncated: { stdout: stdout.isTruncated, stderr: stderr.isTruncated },
  }
}

function textOf(bytes: Uint8Array): string {
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes)
}
