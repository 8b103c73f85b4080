import { printable } from './characters.js'
import type { LoadedPolicy } from './load.js'
import type { MapNode, PolicyNode } from './node.js'
import { placeOf, type Span } from './source-text.js'

/** Where comments begin, when the lines are no longer than that. */
const commentColumn = 44

/** The merged policy as YAML; each line ends with a comment that names its file, line and column. */
export function describeMerged({ merged }: Pick<LoadedPolicy, 'merged'>): string {
  return mapLines(merged, '').map(withComment).join('')
}

interface Line {
  readonly text: string
  readonly span: Span
}

function withComment({ text, span }: Line): string {
  const { file, line, column } = placeOf(span)
  return `${text.padEnd(commentColumn)} # ${printable(file, 4096)}:${line}:${column}\n`
}

function mapLines(map: MapNode, indent: string): readonly Line[] {
  return [...map.entries].flatMap(([key, entry]) =>
    entryLines(`${indent}${scalar(key)}:`, entry.key, entry.value, indent),
  )
}

function entryLines(head: string, key: Span, value: PolicyNode, indent: string): readonly Line[] {
  if (value.kind === 'map' && value.entries.size > 0) {
    return [{ text: head, span: key }, ...mapLines(value, `${indent}  `)]
  }
  if (value.kind === 'list' && value.items.length > 0) {
    return [
      { text: head, span: key },
      ...value.items.map((item) => ({ text: `${indent}  - ${flow(item)}`, span: item.span })),
    ]
  }
  return [{ text: `${head} ${flow(value)}`, span: value.span }]
}

/** On one line: what is in a list comes from one place. */
function flow(node: PolicyNode): string {
  switch (node.kind) {
    case 'scalar':
      return typeof node.value === 'string' ? scalar(node.value) : String(node.value)
    case 'list':
      return `[${node.items.map(flow).join(', ')}]`
    case 'map':
      if (node.entries.size === 0) return '{}'
      return `{ ${[...node.entries].map(([key, { value }]) => `${scalar(key)}: ${flow(value)}`).join(', ')} }`
  }
}

/** Words that YAML reads as something else; those of YAML 1.1 are quoted for other readers' sake. */
const words = /^(?:true|false|null|yes|no|on|off|y|n)$/i

function scalar(text: string): string {
  return /^[A-Za-z/][A-Za-z0-9/._-]*$/.test(text) && !words.test(text) ? text : JSON.stringify(text)
}
