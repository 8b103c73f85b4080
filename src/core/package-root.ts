import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { InternalError } from './errors.js'
import { lazily } from './lazily.js'

/** The directory of Palisade's package.json, whether this file runs from `dist/` or from a test build. */
export const packageRoot = lazily((): string => {
  let directory = import.meta.dirname
  while (!existsSync(join(directory, 'package.json'))) {
    const parent = dirname(directory)
    if (parent === directory) throw new InternalError('no package.json above the running files')
    directory = parent
  }
  return directory
})
