#!/usr/bin/env node
/**
 * Sets what happens to an error that nothing else takes, then loads the command. Nothing of ours is imported before:
 * a module that cannot be loaded (EMFILE, a broken installation) would end Node with a status that a program may have.
 */
import { writeSync } from 'node:fs'

/** Status of the command when Palisade itself fails: the program was never started. */
const failed = 125

process.on('uncaughtException', fail)
process.on('unhandledRejection', fail)

const { perform } = await import('./perform.js')
const [first = '', ...rest] = process.argv.slice(2)
// The launcher, which could not start by itself, says by which name it was started.
const [, startedAs = null] = /^--started-as=(.*)$/s.exec(first) ?? []
process.exitCode = await perform(startedAs === null ? process.argv.slice(2) : rest, startedAs)

function fail(error: unknown): void {
  try {
    writeSync(2, `sandbox-exec: cannot go on: ${error instanceof Error ? error.message : String(error)}\n`)
  } catch {
    // Nobody hears us; the status still tells.
  }
  process.exit(failed)
}
