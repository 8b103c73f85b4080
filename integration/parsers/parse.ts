import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { must, run, searchPath } from '../world/process.js'

// From build-test/integration/parsers.
const checkout = join(import.meta.dirname, '../../..')

/** The relay's parsers under sanitizers (native/fuzz/parse.cc). */
export const parser = join(checkout, 'build/Sanitized/palisade-parse')

/** One of the parsers, with what it is told before the first message. */
export type Mode =
  | readonly ['hello', 'refused' | 'allowed']
  | readonly ['match', string]
  | readonly ['dns', ...(readonly string[])]

/** Builds `parser`. */
export async function buildParser(): Promise<void> {
  await must(['cmake', '--build', join(checkout, 'build'), '--target', 'palisade-parse'], {
    env: { PATH: searchPath },
    timeoutMs: 280_000,
  })
}

/** One verdict for each message, in order; a sanitizer that speaks is an error. */
export async function parse(mode: Mode, messages: readonly Uint8Array[]): Promise<readonly string[]> {
  const stdin = messages.map((message) => `${Buffer.from(message).toString('hex')}\n`).join('')
  const { code, stdout, stderr } = await run([parser, ...mode], { stdin })
  const lines = stdout.split('\n').slice(0, -1)
  if (code !== 0 || stderr !== '' || lines.length !== messages.length) throw new Error(`parse: ${code}: ${stderr}`)
  return lines
}

/** `parse` of one message. */
export async function verdictOn(mode: Mode, message: Uint8Array): Promise<string> {
  const [verdict = ''] = await parse(mode, [message])
  return verdict
}

/** A parser that goes on: one verdict a message, asked in any order and answered in it. */
export interface Asking {
  ask(message: Uint8Array): Promise<string>
  close(): void
}

export function startParser(mode: Mode): Asking {
  const child = spawn(parser, mode, { stdio: ['pipe', 'pipe', 'inherit'] })
  const lines = createInterface({ input: child.stdout })
  const waiting: ((line: string) => void)[] = []
  lines.on('line', (line) => waiting.shift()?.(line))
  // Nobody waits for ever for a parser that has ended: what it has not said is no verdict.
  lines.on('close', () => waiting.splice(0).forEach((resolve) => resolve('the parser has ended')))
  return {
    ask: (message) =>
      new Promise((resolve) => {
        waiting.push(resolve)
        child.stdin.write(`${Buffer.from(message).toString('hex')}\n`)
      }),
    close: () => child.stdin.end(),
  }
}
