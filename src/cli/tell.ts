import { writeSync } from 'node:fs'
import {
  CommandError,
  describeProblem,
  HostError,
  InternalError,
  PolicyError,
  SandboxError,
  UsageError,
} from '../core/errors.js'
import { printable } from '../policy/characters.js'

/** Status of the command when Palisade itself fails: the program was never started. */
const failed = 125

/** Tells an error on standard error, and gives the status that it ends the command with. */
export function tell(error: unknown): number {
  try {
    writeSync(2, `sandbox-exec: ${describe(error)}\n`)
  } catch {
    // Nobody hears us; the status still tells.
  }
  return error instanceof CommandError ? error.status : failed
}

/**
 * The message with every word of others made harmless for a terminal: arguments, paths and values may hold escape
 * sequences. Line breaks are ours alone.
 */
export function describe(error: unknown): string {
  if (error instanceof PolicyError) {
    const problems = error.problems.map(({ fix, ...problem }) => ({
      ...problem,
      key: line(problem.key),
      message: line(problem.message),
      ...(fix === undefined ? {} : { fix: line(fix) }),
    }))
    return problems.map(describeProblem).join('\n')
  }
  if (error instanceof HostError) {
    return new HostError(line(error.key), line(error.needed), line(error.found), line(error.fix)).message
  }
  if (error instanceof UsageError) return `${line(error.message)}\nTry: sandbox-exec --help`
  if (error instanceof CommandError) return line(error.message)
  if (error instanceof SandboxError) return lines(error.message)
  return describeForeign(error)
}

/** What Node reports of the kernel is no bug of ours: a full disk, too few descriptors, a file that went away. */
function describeForeign(error: unknown): string {
  if (!(error instanceof Error)) return lines(new InternalError(String(error)).message)
  if ('syscall' in error && 'code' in error && typeof error.code === 'string') {
    const path = 'path' in error ? ` ${String(error.path)}` : ''
    return line(`the host failed: ${String(error.syscall)}${path}: ${error.code}`)
  }
  return lines(new InternalError(error.stack ?? error.message).message)
}

const lengthMax = 4096

function line(text: string): string {
  return printable(text, lengthMax)
}

function lines(text: string): string {
  return text.split('\n').map(line).join('\n')
}
