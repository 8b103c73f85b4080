import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { InternalError } from './errors.js'

/** The directory of Palisade's package.json, whether this file runs from `dist/` or from a test build. */
export function packageRoot(): string {
  let directory = dirname(fileURLToPath(import.meta.url))
  while (!existsSync(join(directory, 'package.json'))) {
    const parent = dirname(directory)
    if (parent === directory) throw new InternalError('no package.json above the running files')
    directory = parent
  }
  return directory
}
