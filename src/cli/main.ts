#!/usr/bin/env node
import { writeSync } from 'node:fs'
import { CommandError, InternalError, SandboxError, UsageError } from '../core/errors.js'
import { startLog } from '../core/log.js'
import { parseCommandLine, type Invocation } from './command-line.js'

/** Status of the command when Palisade itself fails: the program was never started. */
const failed = 125

process.exitCode = await main(process.argv.slice(2))

async function main(words: readonly string[]): Promise<number> {
  try {
    const invocation = parseCommandLine(words)
    if (invocation.log !== null) await startLog(invocation.log)
    return await perform(invocation)
  } catch (error) {
    return tell(error)
  }
}

/** Each command is loaded when it is asked for: what `run` does not need must not cost it a start. */
async function perform(invocation: Invocation): Promise<number> {
  switch (invocation.command) {
    case 'run':
      return (await import('./run.js')).run(invocation)
    case 'check':
      return (await import('./check.js')).check(invocation)
    case 'explain':
      return (await import('./explain.js')).explain(invocation)
    case 'plan':
      return (await import('./plan.js')).plan(invocation)
    case 'doctor':
      return (await import('./doctor.js')).doctor()
    case 'help':
      return (await import('./help.js')).help(invocation.topic)
    case 'version':
      return (await import('./help.js')).version()
  }
}

function tell(error: unknown): number {
  if (error instanceof UsageError) {
    print(`${error.message}\nTry: sandbox-exec --help`)
    return failed
  }
  if (error instanceof SandboxError) {
    print(error.message)
    return error instanceof CommandError ? error.status : failed
  }
  const cause = error instanceof Error ? (error.stack ?? error.message) : String(error)
  print(new InternalError(cause).message)
  return failed
}

function print(text: string): void {
  writeSync(2, `sandbox-exec: ${text}\n`)
}
