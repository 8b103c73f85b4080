/** The kinds of values that sections of a policy are made of. What they expect is said in plain words. */
import * as z from 'zod'
import { parsePath, pathPattern } from './absolute-path.js'
import { quote } from './characters.js'
import {
  durationPattern,
  parseDuration,
  parseSize,
  parseWholeSeconds,
  sizePattern,
  wholeSecondsPattern,
} from './quantity.js'
import type { Reading } from './reading.js'
import type { Variables } from './variables.js'

/** Text that `read` understands. `pattern` is for editors only: it may let through more than `read`, never less. */
export function textAs<T>(expected: string, pattern: RegExp | null, read: (text: string) => Reading<T>) {
  return z
    .string({ error: `expected ${expected}` })
    .meta(pattern === null ? {} : { pattern: pattern.source })
    .transform((text, context): T => {
      const reading = read(text)
      if ('value' in reading) return reading.value
      const params = reading.fix === undefined ? {} : { fix: reading.fix }
      context.addIssue({ code: 'custom', message: `${quote(text)} ${reading.refused}`, params, input: text })
      return z.NEVER
    })
}

/** Text that must match; `refused` says what is wrong when it does not. */
export function matching(expected: string, pattern: RegExp, refused: string) {
  return textAs(expected, pattern, (text): Reading<string> => (pattern.test(text) ? { value: text } : { refused }))
}

/** A list; absent is the same as empty. What an item must be is made when there is one. */
export function listOf<T extends z.ZodType>(things: string, item: () => T, max = 4096) {
  return z
    .array(z.lazy(item), { error: `expected a list of ${things}` })
    .max(max, { error: `must not have more than ${max} items` })
    .default([])
}

/** A map of known keys. */
export function section<Shape extends z.core.$ZodLooseShape>(shape: Shape) {
  return z.strictObject(shape, { error: 'expected a map of keys' })
}

export function wholeNumber(
  min: number,
  max: number,
  error: (issue: { readonly input?: unknown }) => string = () => 'expected a whole number',
) {
  const between = `must be between ${min} and ${max}`
  return z.number({ error }).int({ error }).min(min, { error: between }).max(max, { error: between })
}

export function size() {
  return textAs('a size such as 64M', sizePattern, parseSize)
}

export function duration() {
  return textAs('a duration such as 30s', durationPattern, parseDuration)
}

export function wholeSeconds() {
  return textAs('a duration such as 30s', wholeSecondsPattern, parseWholeSeconds)
}

/** An absolute path after its variables. */
export function absolutePath(variables: Variables) {
  return textAs('a path', pathPattern, (text) => parsePath(text, variables))
}
