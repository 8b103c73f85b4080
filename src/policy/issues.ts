import type * as z from 'zod'
import { lazily } from '../core/lazily.js'
import { toPolicyKey, type PolicyKey } from '../core/policy-key.js'
import { quote } from './characters.js'
import type { Finding } from './finding.js'
import { keysAt, policyJsonSchema, policyKeys, type JsonSchema } from './json-schema.js'
import { mend } from './mend.js'
import { find, type PolicyNode } from './node.js'
import { nearest } from './suggest.js'

type Issue = z.core.$ZodIssue

/** Mistyped keys in one map that get a finding each; the rest of a thousand is noise. */
const unknownKeysMax = 60

/** What the schema found, in plain words and with its place. */
export function findingsOf(issues: readonly Issue[], root: PolicyNode): readonly Finding[] {
  const context = { root, schema: lazily(policyJsonSchema) }
  const mistyped = new Set(issues.flatMap((issue) => meantKeys(issue, context)))
  return issues
    .filter((issue) => {
      const isMissing = find(root, issue.path).rest.length > 0
      return issue.code === 'unrecognized_keys' || !isMissing || !mistyped.has(toPolicyKey(issue.path))
    })
    .flatMap((issue) => findingsOfIssue(issue, context))
}

/** Keys that mistyped ones stand for: that they are missing needs no words of its own. */
function meantKeys(issue: Issue, context: Context): readonly PolicyKey[] {
  if (issue.code !== 'unrecognized_keys') return []
  const known = keysAt(context.schema(), issue.path)
  return issue.keys.slice(0, unknownKeysMax).flatMap((key) => {
    const close = nearest(key, known)
    return close === null ? [] : [toPolicyKey([...issue.path, close])]
  })
}

interface Context {
  readonly root: PolicyNode
  /** What is known, to suggest from; making it takes longer than all the rest. */
  readonly schema: () => JsonSchema
}

function findingsOfIssue(issue: Issue, context: Context): readonly Finding[] {
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.slice(0, unknownKeysMax).map((key) => unknownKey(issue.path, key, context))
    case 'invalid_key':
      return issue.issues.map((inner) => badName(issue, inner, context))
    case 'invalid_union':
      return branch(issue, context)
    case 'custom':
      return [located(issue, context, issue.message, fixOf(issue.params))]
    case 'invalid_value':
      return [wrongWord(issue, context)]
    case 'invalid_format':
      return [located(issue, context, `${quote(scalarText(find(context.root, issue.path).node))} ${issue.message}`)]
    case 'too_big':
      return [
        located(
          issue,
          context,
          withFound(limitText(issue, issue.maximum, 'more'), find(context.root, issue.path).node),
        ),
      ]
    case 'too_small':
      return [
        located(
          issue,
          context,
          withFound(limitText(issue, issue.minimum, 'less'), find(context.root, issue.path).node),
        ),
      ]
    case 'invalid_type':
    case 'not_multiple_of':
    case 'invalid_element':
      return [wrongValue(issue, context)]
  }
}

function located(issue: Issue, context: Context, message: string, fix?: string): Finding {
  const { span } = find(context.root, issue.path)
  return { key: toPolicyKey(issue.path), message, span, ...(fix === undefined ? {} : { fix }) }
}

function fixOf(params: Record<string, unknown> | undefined): string | undefined {
  return typeof params?.['fix'] === 'string' ? params['fix'] : undefined
}

function unknownKey(path: readonly PropertyKey[], key: string, context: Context): Finding {
  const { span } = find(context.root, path)
  const entry = entrySpan(find(context.root, path).node, key) ?? span
  const schema = context.schema()
  const close = nearest(key, keysAt(schema, path))
  const message = `unknown key ${quote(key)}${close === null ? '' : `, did you mean "${close}"?`}`
  const fix = close === null ? otherSection(schema, key) : undefined
  return { key: toPolicyKey([...path, key]), message, span: entry, ...(fix === undefined ? {} : { fix }) }
}

/** A key that is right but stands in the wrong map. */
function otherSection(schema: JsonSchema, key: string): string | undefined {
  const home = policyKeys(schema).find((known) => known.endsWith(`.${key}`))
  return home === undefined ? undefined : `write it as ${home}`
}

function entrySpan(node: PolicyNode, key: string) {
  return node.kind === 'map' ? node.entries.get(key)?.key : undefined
}

/** A name that the policy chose, in a map of free names. */
function badName(issue: Issue, inner: Issue, context: Context): Finding {
  const parent = find(context.root, issue.path.slice(0, -1)).node
  const span = entrySpan(parent, String(issue.path.at(-1))) ?? find(context.root, issue.path).span
  return { ...located(issue, context, inner.message, inner.code === 'custom' ? fixOf(inner.params) : undefined), span }
}

/** Of the alternatives, the one whose kind of value stands there; when none does, what all of them expected. */
function branch(issue: Issue & { readonly code: 'invalid_union' }, context: Context): readonly Finding[] {
  const fitting = issue.errors.find(
    (errors) => !errors.some(({ code, path }) => code === 'invalid_type' && path.length === 0),
  )
  if (fitting === undefined) return [wrongValue(issue, context)]
  return fitting.flatMap((inner) => findingsOfIssue({ ...inner, path: [...issue.path, ...inner.path] }, context))
}

/** A word that is none of the known ones. */
function wrongWord(issue: Issue & { readonly code: 'invalid_value' }, context: Context): Finding {
  const { node } = find(context.root, issue.path)
  if (node.kind !== 'scalar' || typeof node.value !== 'string') return wrongValue(issue, context)
  const words = issue.values.map(String)
  const plain = issue.message.startsWith('expected ')
  // A schema that knows what was meant says it in words of its own.
  if (!plain && !/^Invalid (?:option|input)/.test(issue.message)) return located(issue, context, issue.message)
  if (issue.values.some((value) => typeof value === 'number' && String(value) === node.value))
    return located(
      issue,
      context,
      `expected the number ${node.value}, found the text ${quote(node.value)}`,
      'write it without quotes',
    )
  const close = nearest(node.value, words)
  if (close !== null) return located(issue, context, `unknown word ${quote(node.value)}, did you mean "${close}"?`)
  if (plain) return wrongValue(issue, context)
  return located(issue, context, `unknown word ${quote(node.value)}`, `write one of ${words.join(', ')}`)
}

/** Bounds that a schema gave without words of its own. */
function limitText(issue: Issue & { readonly origin: string }, limit: number | bigint, than: 'more' | 'less'): string {
  if (!/^Too (?:big|small)/.test(issue.message)) return issue.message
  if (than === 'less' && limit === 1 && issue.origin !== 'number') return 'must not be empty'
  const unit = new Map([
    ['array', ' items'],
    ['string', ' characters'],
  ]).get(issue.origin)
  return unit === undefined ? `must not be ${than} than ${limit}` : `must not have ${than} than ${limit}${unit}`
}

function wrongValue(issue: Issue, context: Context): Finding {
  const { node, rest } = find(context.root, issue.path)
  const expected = issue.message.startsWith('expected ') ? issue.message : expectedKind(issue)
  if (rest.length > 0) return located(issue, context, `is missing, ${expected}`)
  return located(issue, context, withFound(expected, node), mend(issue, node))
}

function expectedKind(issue: Issue): string {
  if (issue.code === 'invalid_union') {
    const kinds = issue.errors.flatMap((errors) => errors.slice(0, 1).map((error) => kindWords(error)))
    return `expected ${kinds.join(' or ')}`
  }
  return `expected ${kindWords(issue)}`
}

function kindWords(issue: Issue): string {
  if (issue.code === 'invalid_value')
    return issue.values.length > 8 ? 'a known word' : `one of ${issue.values.map(String).join(', ')}`
  if (issue.code !== 'invalid_type') return `another value (${issue.message})`
  const kinds = new Map<string, string>([
    ['string', 'text'],
    ['array', 'a list'],
    ['object', 'a map of keys'],
    ['record', 'a map of keys'],
    ['number', 'a number'],
    ['int', 'a whole number'],
    ['boolean', 'true or false'],
  ])
  return kinds.get(issue.expected) ?? issue.expected
}

function withFound(message: string, node: PolicyNode): string {
  return `${message}, found ${found(node)}`
}

function found(node: PolicyNode): string {
  switch (node.kind) {
    case 'list':
      return node.items.length === 0 ? 'an empty list' : 'a list'
    case 'map':
      return 'a map'
    case 'scalar':
      if (node.value === null) return 'nothing'
      if (typeof node.value === 'string') return `the text ${quote(node.value)}`
      return typeof node.value === 'number' ? `the number ${node.value}` : String(node.value)
  }
}

function scalarText(node: PolicyNode): string {
  return node.kind === 'scalar' ? String(node.value) : ''
}
