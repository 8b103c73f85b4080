import type { CommandName } from './command-line.js'

/** What `--help` prints. */
export function helpText(_topic: CommandName | null): string {
  return 'Usage: sandbox-exec --policy FILE -- COMMAND [ARGUMENT...]\n'
}
