import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { packageRoot } from '../core/package-root.js'
import type { CommandName } from './command-line.js'
import { helpText } from './help-text.js'
import { writeOut } from './output.js'

/** Prints what a command does and takes; null: the whole of it. */
export function help(topic: CommandName | null): number {
  writeOut(helpText(topic))
  return 0
}

/** Prints the version of the package. */
export function version(): number {
  const manifest: unknown = JSON.parse(readFileSync(join(packageRoot(), 'package.json'), 'utf8'))
  const number: unknown =
    typeof manifest === 'object' && manifest !== null ? Reflect.get(manifest, 'version') : undefined
  writeOut(`sandbox-exec ${String(number)}\n`)
  return 0
}
