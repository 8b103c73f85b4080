import { startLog } from '../core/log.js'
import { refuseLostWords } from '../host/lost-bytes.js'
import { parseCommandLine, type Invocation } from './command-line.js'
import type { Caller, Starter } from './run.js'
import { tell } from './tell.js'

/** Reads the words after `sandbox-exec` and gives what `command` gives; an error has been told, and its status is given. */
export async function obey<Status>(
  words: readonly string[],
  starter: Starter,
  command: (invocation: Invocation, caller: Caller) => Promise<Status>,
): Promise<Status | number> {
  try {
    refuseLostWords(words)
    const invocation = parseCommandLine(words)
    if (invocation.log !== null) await startLog(invocation.log)
    return await command(invocation, { words, ...starter })
  } catch (error) {
    return tell(error)
  }
}
