import { toPolicyKey } from '../core/policy-key.js'
import { findForbidden } from './characters.js'
import type { Finding, TextReading } from './finding.js'
import { depthMax, type Entry, type PolicyNode } from './node.js'
import { objectSource, type Span } from './source-text.js'

/**
 * A policy that a program gives as a value: the same plain data that YAML could hold. A property that is undefined is
 * absent. `name` is what messages call it.
 */
export function readObject(value: unknown, name: 'policy' | 'options'): TextReading {
  const findings: Finding[] = []
  const span = { source: objectSource(name), start: 0, end: 0 }
  return { root: convert({ span, findings }, value, []), findings }
}

interface Context {
  readonly span: Span
  /** Grows while converting. */
  readonly findings: Finding[]
}

function convert(context: Context, value: unknown, path: readonly PropertyKey[]): PolicyNode {
  const { span } = context
  if (path.length > depthMax) return refused(context, path, `is nested deeper than ${depthMax} levels`)
  if (Array.isArray(value)) {
    return {
      kind: 'list',
      items: Array.from(value, (item: unknown, index) => convert(context, item, [...path, index])),
      span,
    }
  }
  if (isPlainObject(value)) return { kind: 'map', entries: convertEntries(context, value, path), span }
  if (value === null || typeof value === 'boolean' || typeof value === 'number') return { kind: 'scalar', value, span }
  if (typeof value !== 'string') return refused(context, path, `is not plain data (${typeof value})`)
  const forbidden = findForbidden(value, 'value')
  if (forbidden !== null) return refused(context, path, `holds ${forbidden.what}`)
  return { kind: 'scalar', value, span }
}

function convertEntries(context: Context, value: object, path: readonly PropertyKey[]): ReadonlyMap<string, Entry> {
  const entries = new Map<string, Entry>()
  for (const [key, item] of Object.entries(value)) {
    const forbidden = findForbidden(key, 'value')
    if (forbidden !== null) refused(context, path, `has a key that holds ${forbidden.what}`)
    else if (key === '__proto__') refused(context, path, 'has the key "__proto__"')
    else if (item !== undefined) entries.set(key, { key: context.span, value: convert(context, item, [...path, key]) })
  }
  return entries
}

function isPlainObject(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}

function refused({ span, findings }: Context, path: readonly PropertyKey[], message: string): PolicyNode {
  findings.push({ key: toPolicyKey(path), message, span })
  return { kind: 'scalar', value: '', span }
}
