import { expand, type Variables } from './variables.js'
import type { Reading, Refusal } from './reading.js'

/** For editors; `parsePath` is stricter. */
export const pathPattern = /^(\/|\$\{[A-Z_]+\})[^*?[\]]*$/

/** PATH_MAX counts the closing NUL. */
const bytesMax = 4095

/**
 * A path as a policy writes it: absolute once its variables have values, one spelling a path, no pattern. A pattern
 * would have to be matched against the file system, and what it matches could change before the mounts are made.
 */
export function parsePath(text: string, variables: Variables): Reading<string> {
  const refusal = refuseText(text)
  if (refusal !== null) return refusal
  const expanded = expand(text, variables)
  if ('refused' in expanded) return expanded
  // Every variable but ${UID} is an absolute path.
  if (/.\$\{(?!UID\})/.test(text))
    return { refused: 'has a whole path in its middle', fix: 'begin it with the variable' }
  // `${CWD}/out` in `/` is `/out`.
  const path = text.startsWith('${') ? expanded.value.replace(/^\/\//, '/') : expanded.value
  return refuseSpelling(path) ?? { value: path }
}

function refuseText(text: string): Refusal | null {
  if (text === '') return { refused: 'is empty', fix: 'write an absolute path' }
  if (text.startsWith('~')) return { refused: 'begins with "~", which only a shell knows', fix: 'write ${HOME}' }
  const shell = /^\$([A-Z_]+)/.exec(text)?.[1]
  if (shell !== undefined) {
    return { refused: 'has a variable without braces', fix: `write \${${shell}}${text.slice(shell.length + 1)}` }
  }
  if (/[*?[\]]/.test(text))
    return { refused: 'is a pattern, which would need a scan', fix: 'grant the directory that holds the files' }
  if (!/^(?:\/|\$\{)/.test(text))
    return { refused: 'is relative', fix: 'begin it with "/" or with a variable such as ${CWD}' }
  return null
}

function refuseSpelling(path: string): Refusal | null {
  const parts = path.slice(1).split('/')
  if (!path.startsWith('/'))
    return { refused: 'is relative', fix: 'begin it with "/" or with a variable such as ${CWD}' }
  if (parts.includes('..')) return { refused: 'has a ".." component', fix: 'write where it leads' }
  if (parts.includes('.')) return { refused: 'has a "." component', fix: 'leave it out' }
  if (path.includes('//')) return { refused: 'has an empty component ("//")', fix: 'write one slash' }
  if (path !== '/' && path.endsWith('/')) return { refused: 'ends with a slash', fix: 'leave the slash out' }
  if (new TextEncoder().encode(path).length > bytesMax) return { refused: `is longer than ${bytesMax} bytes` }
  return null
}
