import { findForbidden } from './characters.js'
import type { Reading } from './reading.js'

/** The name of a file that a policy extends: a path, absolute or relative to that policy, without variables. */
export function readBaseName(text: string): Reading<string> {
  if (text === '') return { refused: 'is empty', fix: 'write the name of a policy file' }
  if (text.includes('${')) return { refused: 'holds a variable', fix: 'write a path relative to this file' }
  return findForbidden(text, 'value') === null ? { value: text } : { refused: 'is not the name of a file' }
}
