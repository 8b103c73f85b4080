/** What a caller has written, before anything is started: a slip is an error, never a default. */
import * as z from 'zod'
import { UsageError } from '../core/errors.js'
import { parseDuration } from '../policy/quantity.js'
import { nearest } from '../policy/suggest.js'
import { variableNames } from '../policy/variables.js'

const wallMax = 2 ** 32 - 1

/** Milliseconds; text as in a policy. */
const timeout = z
  .union([z.string(), z.number()], { error: 'expected milliseconds, or a duration such as 5s' })
  .transform((value, context): number => {
    const read = typeof value === 'number' ? { value } : parseDuration(value)
    if ('value' in read && Number.isInteger(read.value) && read.value >= 1 && read.value <= wallMax) return read.value
    const message = 'refused' in read ? `${value} ${read.refused}` : `must be a whole number from 1 to ${wallMax}`
    context.addIssue({ code: 'custom', message, input: value })
    return z.NEVER
  })
  .optional()

const isTextMap = (value: unknown): value is Readonly<Record<string, string>> =>
  typeof value === 'object' && value !== null && Object.values(value).every((one) => typeof one === 'string')
/** `process.env` is one too. */
const textMap = z
  .custom<Readonly<Record<string, string>>>(isTextMap, { error: 'expected a map of names to texts' })
  .optional()
const isAbortSignal = (value: unknown): value is AbortSignal => value instanceof AbortSignal

const settings = {
  timeout,
  // What stands in it the policy's own schema judges.
  limits: z.record(z.string(), z.unknown(), { error: 'expected a map of limits' }).optional(),
  environment: textMap,
  directory: z.string({ error: 'expected a path' }).optional(),
}
const output = {
  stdin: z.union([z.string(), z.instanceof(Uint8Array)], { error: 'expected text or a Uint8Array' }).optional(),
  outputMax: z
    .number({ error: 'expected a number of bytes' })
    .int({ error: 'expected a whole number of bytes' })
    .min(0, { error: 'must not be negative' })
    .optional(),
  overflow: z.enum(['drop', 'kill'], { error: 'expected drop or kill' }).optional(),
}
const signal = z.custom<AbortSignal>(isAbortSignal, { error: 'expected an AbortSignal' }).optional()
const descriptors = z.record(z.string(), z.number(), { error: 'expected a map of names to descriptors' }).optional()
const strict = <Shape extends z.core.$ZodLooseShape>(shape: Shape) =>
  z.strictObject(shape, { error: (issue) => (issue.code === 'unrecognized_keys' ? undefined : 'expected an object') })

/** Names are those of src/policy/variables.ts. */
const variables = z
  .strictObject(
    Object.fromEntries(variableNames.map((name) => [name, z.string({ error: 'expected a text' }).optional()])),
  )
  .optional()

const cgroup = z
  .string({ error: 'expected the path of a directory' })
  .startsWith('/', { error: 'expected an absolute path, such as one below /sys/fs/cgroup' })
  .optional()

const forms = {
  open: strict({ variables, cgroup }),
  spawn: strict({ ...settings, descriptors, signal }),
  run: strict({ ...settings, ...output, descriptors, signal }),
  pool: strict({
    ...settings,
    size: z
      .number({ error: 'expected a whole number' })
      .int({ error: 'expected a whole number' })
      .min(1, { error: 'must be at least 1' }),
    program: z.string({ error: 'expected the name of a program' }).optional(),
    variables,
    cgroup,
  }),
  poolRun: strict({ ...output, timeout, signal }),
} as const

/**
 * Milliseconds of `timeout`, 0 if there is none.
 * @throws UsageError with everything that is wrong with the options.
 */
export function checkedTimeout(form: keyof typeof forms, options: unknown): number {
  const read = forms[form].safeParse(options, { jitless: true })
  if (read.success) return 'timeout' in read.data ? (read.data.timeout ?? 0) : 0
  throw new UsageError(read.error.issues.map((issue) => textOf(issue, Object.keys(forms[form].shape))).join('; '))
}

/** What other libraries call them. */
const otherNames: ReadonlyMap<string, string> = new Map([
  ['env', 'environment'],
  ['cwd', 'directory'],
  ['input', 'stdin'],
  ['timeoutMs', 'timeout'],
  ['maxBuffer', 'outputMax'],
])

function textOf(issue: z.core.$ZodIssue, options: readonly string[]): string {
  if (issue.code === 'unrecognized_keys') {
    const wrong = issue.keys.map((key) => {
      const meant = otherNames.get(key) ?? nearest(key, options)
      return meant === null || !options.includes(meant) ? key : `${key} (did you mean ${meant}?)`
    })
    const where = issue.path.length === 0 ? 'option' : `key of ${issue.path.join('.')}`
    const known = issue.path.length === 0 ? `; the options here are ${options.join(', ')}` : ''
    return `no ${where} ${wrong.join(', ')}${known}`
  }
  return issue.path.length === 0 ? `options: ${issue.message}` : `${issue.path.join('.')}: ${issue.message}`
}

/**
 * The words of a command as they will arrive.
 * @throws UsageError when they cannot: execve(2) takes NUL-terminated bytes, and a lone surrogate has none.
 */
export function checkedCommand(command: unknown): readonly string[] {
  if (!Array.isArray(command))
    throw new UsageError("a command is a list of words, such as ['ls', '-l']: no shell reads it")
  const words: readonly unknown[] = command
  if (words[0] === undefined || words[0] === '') throw new UsageError('a command needs a program')
  return words.map((word, index) => {
    if (typeof word === 'string' && arrives(word)) return word
    throw new UsageError(`word ${index} of the command is no text that a program could get`)
  })
}

function arrives(word: string): boolean {
  return !word.includes('\0') && Buffer.from(word).toString() === word
}
