import { findForbidden, quote } from './characters.js'
import type { Reading } from './reading.js'

/** Everything that `${...}` can name. systemd.exec(5) sets those that end in `_DIRECTORY`. */
export const variableNames = [
  'CWD',
  'HOME',
  'UID',
  'STATE_DIRECTORY',
  'RUNTIME_DIRECTORY',
  'CACHE_DIRECTORY',
  'LOGS_DIRECTORY',
  'CONFIGURATION_DIRECTORY',
  'CREDENTIALS_DIRECTORY',
] as const
export type VariableName = (typeof variableNames)[number]

/** What the names stand for in one run; a name without a value cannot be used. */
export type Variables = ReadonlyMap<VariableName, string>

/** The caller as `HostFacts.caller` has it, and the caller's environment. */
export function variablesOf(
  caller: { readonly uid: number; readonly home: string; readonly directory: string },
  environment: ReadonlyMap<string, string>,
): Variables {
  const variables = new Map<VariableName, string>([
    ['CWD', caller.directory],
    ['HOME', caller.home],
    ['UID', String(caller.uid)],
  ])
  for (const name of variableNames) {
    const value = environment.get(name)
    if (name.endsWith('_DIRECTORY') && value !== undefined) variables.set(name, value)
  }
  return variables
}

/** Replaces each `${NAME}` once; what a value holds is not looked at again. */
export function expand(text: string, variables: Variables): Reading<string> {
  const parts: string[] = []
  let rest = text
  for (let start = rest.indexOf('${'); start !== -1; start = rest.indexOf('${')) {
    const end = rest.indexOf('}', start)
    if (end === -1)
      return { refused: 'has a "${" that no "}" closes', fix: 'close it: a literal "${" cannot be written' }
    const value = valueOf(rest.slice(start + 2, end), variables)
    if ('refused' in value) return value
    parts.push(rest.slice(0, start), value.value)
    rest = rest.slice(end + 1)
  }
  return { value: parts.join('') + rest }
}

function valueOf(text: string, variables: Variables): Reading<string> {
  const name = variableNames.find((known) => known === text)
  if (name === undefined) {
    const known = variableNames.join(', ')
    return { refused: `names the unknown variable ${quote(`\${${text}}`)}`, fix: `use one of ${known}` }
  }
  const value = variables.get(name)
  if (value === undefined || value === '')
    return { refused: `uses \${${name}}, which has no value here`, fix: whereFrom(name) }
  const wrong = name === 'UID' ? wrongId(value) : wrongDirectory(name, value)
  return wrong === null ? { value } : { refused: `uses \${${name}}, whose value ${quote(value)} ${wrong}` }
}

function whereFrom(name: VariableName): string {
  if (!name.endsWith('_DIRECTORY')) return 'write the path out'
  const word = name.split('_')[0] ?? ''
  const setting =
    name === 'CREDENTIALS_DIRECTORY' ? 'LoadCredential=' : `${word[0]}${word.slice(1).toLowerCase()}Directory=`
  return `start it from a systemd unit with ${setting}, or write the path out`
}

function wrongId(value: string): string | null {
  return /^(?:0|[1-9][0-9]{0,9})$/.test(value) ? null : 'is not a user id'
}

/** The value comes from outside the policy, so it is trusted no more than the policy's own text. */
function wrongDirectory(name: VariableName, value: string): string | null {
  const forbidden = findForbidden(value, 'value')
  if (forbidden !== null) return `holds ${forbidden.what}`
  if (!value.startsWith('/')) return 'is not an absolute path'
  // systemd.exec(5): several directories of one kind are separated by colons.
  if (name.endsWith('_DIRECTORY') && value.includes(':')) return 'is a list of directories'
  if (
    value !== '/' &&
    value
      .slice(1)
      .split('/')
      .some((part) => part === '' || part === '.' || part === '..')
  ) {
    return 'is not a plain path'
  }
  return null
}
