import { errorCode } from '../core/error-code.js'
import type { PolicyKey } from '../core/policy-key.js'
import { findForbidden } from './characters.js'
import { policyError, type Finding, type TextReading } from './finding.js'
import { walk, type PolicyNode } from './node.js'
import { policyWords, type FileWords } from './file-words.js'
import { frameOf, placeOf, sourceText, type Place, type SourceText, type Span } from './source-text.js'
import { parseTree } from './yaml.js'

/** Largest policy, in bytes. Whoever reads a policy file should read no more than one byte beyond. */
export const policyBytesMax = 1024 * 1024

/** One policy file: values with their places. Nothing is known yet about what they mean. */
export interface PolicySource {
  readonly file: string
  readonly root: PolicyNode
  /** Where a key stands, or the nearest map around it. */
  locate(key: PolicyKey): Location
}

export interface Location extends Place {
  /** The lines around it with a marker below the token. */
  readonly frame: string
}

/**
 * Reads the text of one policy: YAML 1.2 (core schema) without anchors, aliases, tags and directives; JSON is a subset.
 * @throws PolicyError everything wrong with the text.
 */
export function parseSource(text: Uint8Array | string, file: string, words: FileWords = policyWords): PolicySource {
  const { root, findings } = readSource(text, file, words)
  if (root === null || findings.length > 0) throw policyError(findings)
  return { file, root, locate: (key) => locate(root, key) }
}

/** As `parseSource`, for a caller that gathers the findings of several files. */
export function readSource(text: Uint8Array | string, file: string, words: FileWords = policyWords): TextReading {
  const decoded = typeof text === 'string' ? decodeText(text, file, words) : decodeBytes(text, file, words)
  if ('findings' in decoded) return { root: null, findings: decoded.findings }
  const forbidden = findForbidden(decoded.text, 'text')
  if (forbidden === null) return parseTree(decoded, words)
  const span = { source: decoded, start: forbidden.offset, end: forbidden.offset + 1 }
  return refused(span, `the text holds ${forbidden.what}`, 'remove it')
}

type Decoded = SourceText | { readonly findings: readonly Finding[] }

function decodeText(text: string, file: string, words: FileWords): Decoded {
  if (text.length > policyBytesMax || new TextEncoder().encode(text).length > policyBytesMax)
    return tooLarge(file, words)
  return sourceText(file, text.startsWith('\ufeff') ? text.slice(1) : text)
}

function decodeBytes(bytes: Uint8Array, file: string, words: FileWords): Decoded {
  if (bytes.length > policyBytesMax) return tooLarge(file, words)
  const valid = validPrefix(bytes)
  const source = sourceText(file, new TextDecoder().decode(bytes))
  if (valid === bytes.length) return source
  const start = new TextDecoder().decode(bytes.subarray(0, valid)).length
  return refused({ source, start, end: start + 1 }, 'the text is not valid UTF-8', 'save the file as UTF-8')
}

function tooLarge(file: string, { kind, smaller }: FileWords): Decoded {
  const span = { source: sourceText(file, ''), start: 0, end: 0 }
  return refused(span, `the ${kind} is larger than 1 MiB`, smaller)
}

/** Length of the longest prefix that is whole UTF-8 characters; found by halving, because TextDecoder tells no offset. */
function validPrefix(bytes: Uint8Array): number {
  if (decodes(bytes, 'whole')) return bytes.length
  let low = 0
  let high = bytes.length
  while (low < high) {
    const middle = Math.ceil((low + high) / 2)
    if (decodes(bytes.subarray(0, middle), 'prefix')) low = middle
    else high = middle - 1
  }
  while (low > 0 && !decodes(bytes.subarray(0, low), 'whole')) low -= 1
  return low
}

function decodes(bytes: Uint8Array, extent: 'whole' | 'prefix'): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: extent === 'prefix' })
    return true
  } catch (error) {
    if (errorCode(error) === 'ERR_ENCODING_INVALID_ENCODED_DATA') return false
    throw error
  }
}

function refused(
  span: Span,
  message: string,
  fix: string,
): { readonly root: null; readonly findings: readonly Finding[] } {
  return { root: null, findings: [{ key: '', message, fix, span }] }
}

function locate(root: PolicyNode, key: PolicyKey): Location {
  const span = spanFinder(root)(key)
  return { ...placeOf(span), frame: frameOf(span) }
}

/** Finds the span of a key; of a key that is absent, the span of the nearest map or list around it. */
export function spanFinder(root: PolicyNode): (key: PolicyKey) => Span {
  const spans = new Map(Array.from(walk(root), ({ key, span }) => [key, span]))
  const whole = { ...root.span, end: root.span.start + 1 }
  return function nearest(key: PolicyKey): Span {
    const span = spans.get(key)
    if (span !== undefined) return span
    const parent = key.replace(/(?:^|\.)[^.[\]]*$|\[\d*\]$/, '')
    return parent === key || key === '' ? whole : nearest(parent)
  }
}
