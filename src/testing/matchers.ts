import { AssertionError } from 'node:assert'
import { UsageError } from '../core/errors.js'
import { isWithin } from '../core/path.js'
import { nameOf, type Act } from '../library/explain.js'
import type { Denial } from '../library/outcome.js'
import type { TestResult } from './fixture.js'

/** Says what is wrong with a result, in one line; null: nothing. */
export type Matcher = (result: TestResult) => Promise<string | null>

/**
 * Checks a result.
 * @throws AssertionError with a line for each matcher that does not hold, the command, and the end of its output.
 */
export async function verify(result: TestResult, ...matchers: readonly Matcher[]): Promise<void> {
  if (matchers.length === 0) throw new UsageError('verify: no matcher, so nothing would be checked')
  if (result instanceof Promise) throw new UsageError('verify: await the run first')
  const all = await Promise.all(matchers.map(async (matcher) => matcher(result)))
  const wrong = all.filter((line) => line !== null)
  if (wrong.length === 0) return
  throw new AssertionError({ message: [...wrong, ...contextOf(result)].join('\n') })
}

/** It ended by itself with this status. */
export function exited(status: number): Matcher {
  return (result) => Promise.resolve(result.exit === status ? null : `exited(${status}): ${endOf(result)}`)
}

/**
 * Nobody in this sandbox can do it: what the plan of the program answers on this host, as `explain` does. That the
 * program tried is not said: a call that fails is between it and the kernel.
 */
export function denied(act: Act): Matcher {
  return answered('denied', act, ['denied', 'killed'])
}

/** A program in this sandbox can do it, as far as the sandbox is concerned. */
export function allowed(act: Act): Matcher {
  return answered('allowed', act, ['allowed'])
}

/** It made, changed or removed this file, or something below this directory. */
export function wrote(path: string): Matcher {
  return ({ wrote: paths, sandbox: { sandbox } }) => {
    if (!sandbox.writable.some((granted) => isWithin(path, granted) || isWithin(granted, path)))
      throw new UsageError(`wrote(${path}): the policy grants no such path, which is absolute, in filesystem.write`)
    const found = paths.some((one) => isWithin(one, path))
    const others = paths.length === 0 ? 'nothing was written' : `it was not; what was written: ${list(paths)}`
    return Promise.resolve(found ? null : `wrote(${path}): ${others}`)
  }
}

/** It left everything as it was that it may write. */
export function wroteNothing(): Matcher {
  return ({ wrote: paths }) => Promise.resolve(paths.length === 0 ? null : `wroteNothing(): it wrote ${list(paths)}`)
}

function answered(name: string, act: Act, wanted: readonly string[]): Matcher {
  return async ({ sandbox: { sandbox }, command }) => {
    const { answer, errno, because } = await sandbox.explain(act, command[0])
    if (wanted.includes(answer)) return null
    return `${name}(${nameOf(act)}): it ${answer === 'depends' ? 'depends' : `is ${answer}`}${errno === null ? '' : ` (${errno})`}: ${because.join('; ')}`
  }
}

const outputShown = 400
const pathsShown = 5

function contextOf({ command, denials, stderr }: TestResult): readonly string[] {
  const lines = denials.map((denial) => `  denied: ${describe(denial)}`)
  const tail = stderr.trimEnd().slice(-outputShown)
  return [`  command: ${command.join(' ')}`, ...lines, ...(tail === '' ? [] : [`  stderr: ${tail}`])]
}

function endOf({ exit, signal, timedOut, limitsHit }: TestResult): string {
  if (timedOut) return 'its time was over'
  const limits = limitsHit.length === 0 ? '' : ` (${limitsHit.join(', ')})`
  return exit === null ? `${signal} ended it${limits}` : `it exited with ${exit}`
}

function describe(denial: Denial): string {
  switch (denial.what) {
    case 'syscall':
      return `${denial.syscall}, which ${denial.allowedBy.length === 0 ? 'no promise' : denial.allowedBy.join(' or ')} allows`
    case 'connection':
      return `${denial.key}: ${denial.end} ${denial.tlsName ?? denial.address ?? ''}`
    case 'limit':
      return denial.key
  }
}

function list(paths: readonly string[]): string {
  const more = paths.length > pathsShown ? ` and ${paths.length - pathsShown} more` : ''
  return `${paths.slice(0, pathsShown).join(', ')}${more}`
}
