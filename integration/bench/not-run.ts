import { constants } from 'node:fs'
import { access } from 'node:fs/promises'
import { join } from 'node:path'
import { searchPath } from '../world/process.js'

/** A candidate that cannot run here; anything else that goes wrong is a failure. */
export class NotRun extends Error {}

/** Where a tool is; throws `NotRun` if it is nowhere. */
export async function demand(tool: string): Promise<string> {
  for (const directory of searchPath.split(':')) {
    const path = join(directory, tool)
    try {
      await access(path, constants.X_OK)
      return path
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error
    }
  }
  throw new NotRun(`not installed: \`.ci/setup bench\` installs it`)
}
