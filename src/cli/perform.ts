import type { Invocation } from './command-line.js'
import { obey } from './obey.js'
import type { Caller, Starter } from './run.js'

/** Does what the words after `sandbox-exec` ask for. Gives the status of the command; an error has been told then. */
export function perform(words: readonly string[], starter: Starter): Promise<number> {
  return obey(words, starter, command)
}

/** Each command is loaded when it is asked for: what `run` does not need must not cost it a start. */
async function command(invocation: Invocation, caller: Caller): Promise<number> {
  switch (invocation.command) {
    case 'run':
      return (await import('./run.js')).run(invocation, caller)
    case 'check':
      return (await import('./check.js')).check(invocation)
    case 'explain':
      return (await import('./explain.js')).explain(invocation)
    case 'explain-promise':
      return (await import('./explain-promise.js')).explainPromise(invocation)
    case 'bpf':
      return (await import('./bpf.js')).bpf(invocation)
    case 'plan':
      return (await import('./plan.js')).plan(invocation)
    case 'compile':
      return (await import('./compile.js')).compile(invocation, caller)
    case 'systemd':
      return (await import('./systemd.js')).systemd(invocation, caller)
    case 'doctor':
      return (await import('./doctor.js')).doctor()
    case 'help':
      return (await import('./help.js')).help(invocation.topic)
    case 'version':
      return (await import('./help.js')).version()
  }
}
