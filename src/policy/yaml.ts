import {
  Composer,
  isAlias,
  isScalar,
  isSeq,
  Lexer,
  Parser,
  type Document,
  type ParsedNode,
  type Scalar,
  type YAMLError,
  type YAMLMap,
} from 'yaml'
import { InternalError } from '../core/errors.js'
import { toPolicyKey } from '../core/policy-key.js'
import { findForbidden, printable, quote } from './characters.js'
import type { FileWords } from './file-words.js'
import type { Finding, TextReading } from './finding.js'
import { depthMax, type Entry, type PolicyNode } from './node.js'
import { placeOf, type SourceText, type Span } from './source-text.js'

/** A mebibyte of commas takes seconds to parse, and no policy has so many words. */
const lexemesMax = 50_000
/** One mistake makes the parser stumble on; the first few errors tell. */
const syntaxErrorsMax = 5

/** YAML to nodes. What can be read is read on after a finding, so that all errors come at once. */
export function parseTree(source: SourceText, words: FileWords): TextReading {
  const composed = compose(source, words)
  if ('message' in composed) return { root: null, findings: [composed] }
  const [document, second] = composed.documents
  if (second !== undefined) return { root: null, findings: [several(source, second, words)] }
  const errors = document?.errors.slice(0, syntaxErrorsMax) ?? []
  if (errors.length > 0) return { root: null, findings: errors.map((error) => notYaml(source, error)) }
  const contents = document?.contents ?? null
  if (contents === null || (isScalar(contents) && contents.value === null))
    return { root: null, findings: [empty(source, words)] }
  const findings = [...composed.findings]
  return { root: convert({ source, findings, kind: words.kind }, contents, []), findings }
}

interface Composed {
  readonly documents: readonly Document.Parsed[]
  readonly findings: readonly Finding[]
}

/** The parser keeps a stack of its own, the composer recurses: depth is checked before the composer sees a token. */
function compose(source: SourceText, { kind }: FileWords): Composed | Finding {
  const parser = new Parser()
  const composer = new Composer({ version: '1.2', schema: 'core', merge: false, uniqueKeys: false, strict: true })
  const documents: Document.Parsed[] = []
  const findings: Finding[] = []
  let lexemes = 0
  for (const lexeme of new Lexer().lex(source.text)) {
    lexemes += 1
    const here = { source, start: parser.offset, end: parser.offset + 1 }
    if (lexemes > lexemesMax) return at(here, [], `the ${kind} holds more than ${lexemesMax} words and signs`)
    for (const token of parser.next(lexeme)) {
      if (token.type === 'directive') findings.push(directive(source, token.offset, token.source))
      documents.push(...composer.next(token))
    }
    // The stack holds the document and one scalar besides the collections.
    if (parser.stack.length > depthMax + 2) return at(here, [], tooDeep(kind))
  }
  for (const token of parser.end()) documents.push(...composer.next(token))
  documents.push(...composer.end())
  return { documents, findings }
}

interface Context {
  readonly source: SourceText
  /** Grows while converting. */
  readonly findings: Finding[]
  /** What the file is: a policy, a profile. */
  readonly kind: string
}

function convert(context: Context, node: ParsedNode, path: readonly PropertyKey[]): PolicyNode {
  const span = spanOf(context.source, node)
  if (isAlias(node))
    return refused(context, span, path, `the alias *${printable(node.source)} is not allowed`, mendAlias(node.source))
  if (node.anchor !== undefined)
    refused(context, span, path, `the anchor &${printable(node.anchor)} is not allowed`, writeOut)
  if (node.tag !== undefined) refused(context, span, path, `the tag ${quote(node.tag)} is not allowed`, 'remove it')
  if (isScalar(node)) return convertScalar(context, node, path)
  if (path.length >= depthMax)
    return refused(context, span, path, tooDeep(context.kind), `a ${context.kind} is never that deep`)
  if (isSeq(node))
    return { kind: 'list', items: node.items.map((item, index) => convert(context, item, [...path, index])), span }
  return { kind: 'map', entries: convertEntries(context, node, path), span }
}

function convertEntries(
  context: Context,
  node: YAMLMap.Parsed,
  path: readonly PropertyKey[],
): ReadonlyMap<string, Entry> {
  const entries = new Map<string, Entry>()
  for (const { key: keyNode, value } of node.items) {
    const span = spanOf(context.source, keyNode)
    const key = convert(context, keyNode, path)
    if (key.kind !== 'scalar' || typeof key.value !== 'string') {
      refused(context, span, path, 'a key must be text', 'quote it')
      continue
    }
    const earlier = entries.get(key.value)
    if (earlier !== undefined) {
      const line = placeOf(earlier.key).line
      refused(
        context,
        span,
        [...path, key.value],
        `the key ${quote(key.value)} is already given on line ${line}`,
        'remove one',
      )
      continue
    }
    // Assigning it to an object would set the prototype, and the schema would not see it.
    if (key.value === '__proto__') refused(context, span, path, 'the key "__proto__" is not allowed', 'remove it')
    else entries.set(key.value, { key: span, value: convertValue(context, value, span, [...path, key.value]) })
  }
  return entries
}

/** `{ key }` in a flow map has no value node. */
function convertValue(context: Context, value: ParsedNode | null, key: Span, path: readonly PropertyKey[]): PolicyNode {
  return value === null ? { kind: 'scalar', value: null, span: key } : convert(context, value, path)
}

/** JSON's numbers, so that nobody has to know whether `010` is eight or ten. */
const plainNumber = /^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?$/

function convertScalar(context: Context, node: Scalar.Parsed, path: readonly PropertyKey[]): PolicyNode {
  const span = spanOf(context.source, node)
  const { value } = node
  if (typeof value === 'string') {
    const forbidden = findForbidden(value, 'value')
    if (forbidden !== null) refused(context, span, path, `holds ${forbidden.what}`, 'write one line of printable text')
    return { kind: 'scalar', value, span }
  }
  if (typeof value === 'number' && !plainNumber.test(node.source)) {
    refused(
      context,
      span,
      path,
      `the number ${printable(node.source)} can be read in two ways`,
      'write it in plain decimal',
    )
  }
  if (value === null || typeof value === 'number' || typeof value === 'boolean') return { kind: 'scalar', value, span }
  throw new InternalError(`the core schema has no ${typeof value}`)
}

const tooDeep = (kind: string): string => `the ${kind} is nested deeper than ${depthMax} levels`
/** What begins like the name of hosts was hardly meant as YAML's alias. */
const mendAlias = (name: string): string => (name.startsWith('.') ? `quote it: "*${printable(name)}"` : writeOut)
const writeOut = 'write the value out: a policy is read by people'

/** Text in place of what was refused: the schema will complain at the same place, and the first finding counts. */
function refused(
  { findings }: Context,
  span: Span,
  path: readonly PropertyKey[],
  message: string,
  fix: string,
): PolicyNode {
  findings.push({ ...at(span, path, message), fix })
  return { kind: 'scalar', value: '', span }
}

function notYaml(source: SourceText, { message, pos: [start, end] }: YAMLError): Finding {
  const finding = at({ source, start, end }, [], `not YAML: ${printable(message)}`)
  if (source.text.startsWith('*', start)) return { ...finding, fix: 'quote what holds a star: "*"' }
  // In [ ] and { } a brace begins a map: the likeliest slip of all.
  const line = source.text.slice(source.text.lastIndexOf('\n', start - 1) + 1, end + 80).split('\n')[0] ?? ''
  return /[[,{]\s*\$\{/.test(line) ? { ...finding, fix: 'quote what holds a variable: "${CWD}"' } : finding
}

function empty(source: SourceText, { kind, begin }: FileWords): Finding {
  return { ...at({ source, start: 0, end: 1 }, [], `the ${kind} is empty`), fix: begin }
}

function several(source: SourceText, second: Document.Parsed, { kind }: FileWords): Finding {
  const [start] = second.range
  return {
    ...at({ source, start, end: start + 3 }, [], 'a second document begins here'),
    fix: `keep one ${kind} a file`,
  }
}

function directive(source: SourceText, start: number, text: string): Finding {
  const span = { source, start, end: start + text.length }
  return { ...at(span, [], `the directive ${quote(text)} is not allowed`), fix: 'remove it' }
}

function at(span: Span, path: readonly PropertyKey[], message: string): Finding {
  return { key: toPolicyKey(path), message, span }
}

function spanOf(source: SourceText, { range: [start, end] }: ParsedNode): Span {
  return { source, start, end }
}
