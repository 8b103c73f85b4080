import { AssertionError } from 'node:assert'
import { Sandbox, type OpenOptions, type PolicyObject } from '../library/sandbox.js'
import type { Command, RunOptions } from '../library/options.js'
import type { RunResult } from '../library/result.js'
import { changedBetween, listingOf } from './written.js'

/** What a test framework calls at the end of a test: node:test has `after`, tap `teardown`, vitest `onTestFinished`. */
export type TestContext =
  | { after(act: () => Promise<void>): unknown }
  | { teardown(act: () => Promise<void>): unknown }
  | { onTestFinished(act: () => Promise<void>): unknown }

/** A result that knows its sandbox, and what was written. */
export interface TestResult extends RunResult {
  /** Files below the policy's `filesystem.write` that were made, changed or removed meanwhile. */
  readonly wrote: readonly string[]
  readonly sandbox: TestSandbox
  readonly command: Command
}

/** The sandbox of one test. */
export interface TestSandbox {
  readonly run: (command: Command, options?: RunOptions) => Promise<TestResult>
  /** For what this has no words for. */
  readonly sandbox: Sandbox
}

/**
 * Opens a sandbox for one test. At the test's end it is closed; a program that still runs then fails the test.
 * @throws PolicyError with everything that is wrong with the policy.
 */
export async function sandboxFor(
  context: TestContext,
  policy: string | PolicyObject,
  options: OpenOptions = {},
): Promise<TestSandbox> {
  const sandbox = await Sandbox.open(policy, options)
  const own: TestSandbox = { sandbox, run: (command, settings = {}) => runIn(own, command, settings) }
  atEnd(context, async () => {
    const left = sandbox.running
    await sandbox.close()
    if (left > 0) throw new AssertionError({ message: `${left} sandboxed programs still ran when the test ended` })
  })
  return own
}

async function runIn(own: TestSandbox, command: Command, options: RunOptions): Promise<TestResult> {
  const { sandbox } = own
  const before = listingOf(sandbox.writable)
  const result = await sandbox.run(command, options)
  return { ...result, wrote: changedBetween(before, listingOf(sandbox.writable)), sandbox: own, command }
}

function atEnd(context: TestContext, act: () => Promise<void>): void {
  if ('onTestFinished' in context) context.onTestFinished(act)
  else if ('teardown' in context) context.teardown(act)
  else context.after(act)
}
