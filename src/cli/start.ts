import { obey } from './obey.js'
import { run, type Starter } from './run.js'

export { warmUp } from './warm-up.js'

/**
 * Does what the words ask for if that is a run: whoever waits for a program does not wait until every other command is
 * loaded. Gives the status of the command, an error has been told then; or null: perform.ts does it.
 */
export function start(words: readonly string[], starter: Starter): Promise<number | null> {
  return obey(words, starter, async (invocation, caller) => {
    return invocation.command === 'run' ? run(invocation, caller) : null
  })
}
