#!/usr/bin/env node
/**
 * Sets what happens to an error that nothing else takes, then loads the command. Nothing of ours is loaded before: what
 * cannot be loaded (EMFILE, a broken installation) would end Node with a status that a program may have.
 */
import fs = require('node:fs')
import path = require('node:path')

/** Status of the command when Palisade itself fails: the program was never started. */
const failed = 125

process.on('uncaughtException', fail)
process.on('unhandledRejection', fail)

import script = require('./script.cjs')
import type * as start from './start.js' with { 'resolution-mode': 'import' }

/** Of the script that start.ts is in, without its ending. The build puts it here; a test build has no script. */
declare const scriptName: string

const [first = '', ...rest] = process.argv.slice(2)
// The launcher, which could not start by itself, says by whom and by which name it was started.
const [, parent = process.ppid, startedAs = null] = /^--started-as=(\d+):(.*)$/s.exec(first) ?? []
const starter = { parent: Number(parent), startedAs }
void begin(startedAs === null ? process.argv.slice(2) : rest)

async function begin(words: readonly string[]): Promise<void> {
  // Every other command begins with a word for it.
  const status = words[0]?.startsWith('-') === true ? await (await loadStart()).start(words, starter) : null
  process.exitCode = status ?? (await (await import('./perform.js')).perform(words, starter))
}

async function loadStart(): Promise<typeof start> {
  if (typeof scriptName === 'undefined') return import('./start.js')
  return script.loadScript(path.join(__dirname, 'parts', scriptName)).exports
}

function fail(error: unknown): void {
  try {
    fs.writeSync(2, `sandbox-exec: cannot go on: ${error instanceof Error ? error.message : String(error)}\n`)
  } catch {
    // Nobody hears us; the status still tells.
  }
  process.exit(failed)
}
