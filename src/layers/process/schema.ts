import * as z from 'zod'
import type { Reading } from '../../policy/reading.js'
import { absolutePath, listOf, matching, section, textAs, wholeNumber } from '../../policy/values.js'
import { expand, type Variables } from '../../policy/variables.js'

/** execve(2): no single string may be longer than 32 pages (MAX_ARG_STRLEN). Leaves room for the name. */
const valueBytesMax = 128 * 1024 - 256

/** The last id is (uid_t)-1, which chown(2) and setresuid(2) read as "leave it". */
const idMax = 4_294_967_294

/** `process`: what the program starts with. */
export function schema(variables: Variables) {
  const variable = () => {
    return matching(
      'the name of an environment variable',
      /^[A-Za-z_][A-Za-z0-9_]{0,127}$/,
      'is not a name of letters, digits and "_"',
    )
  }
  const environment = section({
    pass: listOf('names', variable, 1024).describe(
      "Variables that keep the caller's value; one that is unset there stays unset.",
    ),
    set: z
      .record(variable(), environmentValue(variables), { error: 'expected a map of names to values' })
      .default({})
      .describe('Variables with a value of their own, which counts before a passed one.'),
  })
  const userName = matching('a user name or { uid, gid }', /^[A-Za-z_][A-Za-z0-9_.-]{0,31}$/, 'is not a user name')
  const ids = section({
    uid: wholeNumber(0, idMax).describe('User id on the host.'),
    gid: wholeNumber(0, idMax).describe('Group id on the host.'),
  })
  const descriptorName = matching(
    'the name of a descriptor',
    /^[A-Za-z][A-Za-z0-9_-]{0,63}$/,
    'is not a name of letters, digits, "_" and "-"',
  )
  return section({
    environment: environment.prefault({}).describe('The whole environment of the program; there is no other variable.'),
    directory: absolutePath(variables).optional().describe('Working directory at the start. Absent: `/`.'),
    user: z
      .union([userName, ids], { error: 'expected a user name or { uid, gid }' })
      .optional()
      .describe('Who the program is on the host. Only root can choose; absent: the caller, and 65534 if that is root.'),
    descriptors: z
      .record(descriptorName, wholeNumber(3, 1023), { error: 'expected a map of names to descriptors' })
      .default({})
      .describe(
        'Open file descriptors that the program inherits besides 0, 1 and 2, each under a name that says what it is for.',
      ),
  })
}

function environmentValue(variables: Variables) {
  return textAs('text', null, (text): Reading<string> => {
    const expanded = expand(text, variables)
    if ('refused' in expanded || new TextEncoder().encode(expanded.value).length <= valueBytesMax) return expanded
    return { refused: `is longer than ${valueBytesMax} bytes` }
  })
}
