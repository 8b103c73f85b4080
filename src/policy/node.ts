import { toPolicyKey, type PolicyKey } from '../core/policy-key.js'
import type { Span } from './source-text.js'

/** Deepest nesting of maps and lists; the deepest value of the schema is at 5. */
export const depthMax = 32

/** A value of a policy together with its place in the text. */
export type PolicyNode = ScalarNode | ListNode | MapNode

export interface ScalarNode {
  readonly kind: 'scalar'
  readonly value: string | number | boolean | null
  readonly span: Span
}
export interface ListNode {
  readonly kind: 'list'
  readonly items: readonly PolicyNode[]
  readonly span: Span
}
export interface MapNode {
  readonly kind: 'map'
  readonly entries: ReadonlyMap<string, Entry>
  readonly span: Span
}
export interface Entry {
  readonly key: Span
  readonly value: PolicyNode
}

/** Plain data, for the schema to read. */
export function toPlain(node: PolicyNode): unknown {
  switch (node.kind) {
    case 'scalar':
      return node.value
    case 'list':
      return node.items.map(toPlain)
    case 'map':
      return Object.fromEntries([...node.entries].map(([key, { value }]) => [key, toPlain(value)]))
  }
}

/** One value of the tree under its key; `span` is what a message about it points at. */
export interface Located {
  readonly key: PolicyKey
  readonly node: PolicyNode
  readonly span: Span
}

/** Every value of the tree, a map or list before what it holds. */
export function* walk(node: PolicyNode, path: readonly PropertyKey[] = [], keySpan?: Span): Generator<Located> {
  yield { key: toPolicyKey(path), node, span: pointAt(node, keySpan) }
  if (node.kind === 'list') for (const [index, item] of node.items.entries()) yield* walk(item, [...path, index])
  if (node.kind === 'map') for (const [key, entry] of node.entries) yield* walk(entry.value, [...path, key], entry.key)
}

/** The node at a path, or the deepest one on the way to it. */
export function find(
  root: PolicyNode,
  path: readonly PropertyKey[],
): { readonly node: PolicyNode; readonly span: Span; readonly rest: readonly PropertyKey[] } {
  let node = root
  let keySpan: Span | undefined
  for (const [depth, part] of path.entries()) {
    const next = child(node, part)
    if (next === undefined) return { node, span: pointAt(node, keySpan), rest: path.slice(depth) }
    node = next.value
    keySpan = next.key
  }
  return { node, span: pointAt(node, keySpan), rest: [] }
}

function child(node: PolicyNode, part: PropertyKey): { readonly key?: Span; readonly value: PolicyNode } | undefined {
  if (node.kind === 'map') return typeof part === 'string' ? node.entries.get(part) : undefined
  if (node.kind !== 'list' || typeof part !== 'number') return undefined
  const value = node.items[part]
  return value === undefined ? undefined : { value }
}

/** A block map starts at its first key: pointing there would blame that key. Nothing (`read:`) has no text at all. */
function pointAt(node: PolicyNode, keySpan: Span | undefined): Span {
  const empty = node.kind === 'scalar' && node.value === null
  if (node.kind === 'scalar' && !empty) return node.span
  if (keySpan !== undefined) return keySpan
  return { ...node.span, end: Math.min(node.span.end, node.span.start + 1) }
}
