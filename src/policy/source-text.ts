import { printable } from './characters.js'

/** The text of one policy file. `file` is the name that messages use. */
export interface SourceText {
  readonly file: string
  readonly text: string
  /** Offset of the first character of each line; none: it is an object, in which nothing has a place but by its key. */
  readonly lineStarts: readonly number[]
}

/** A piece of a text: UTF-16 offsets, `end` not included. */
export interface Span {
  readonly source: SourceText
  readonly start: number
  readonly end: number
}

/** `line` and `column` count from 1, a column is one Unicode code point; in an object they are 0. */
export interface Place {
  readonly file: string
  readonly line: number
  readonly column: number
}

export function sourceText(file: string, text: string): SourceText {
  const lineStarts = [0]
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) lineStarts.push(at + 1)
  return { file: printable(file, 4096), text, lineStarts }
}

/** In place of the text of an object. */
export function objectSource(name: string): SourceText {
  return { file: name, text: '', lineStarts: [] }
}

export function placeOf({ source, start }: Span): Place {
  if (source.lineStarts.length === 0) return { file: source.file, line: 0, column: 0 }
  const line = lineAt(source, start)
  const before = source.text.slice(source.lineStarts[line], Math.min(start, source.text.length))
  return { file: source.file, line: line + 1, column: codePoints(before) + 1 }
}

/** Widest piece of a line that a frame shows. */
const frameWidth = 100

/**
 * The line of the span and the one before it, with a marker below the span. Empty for a policy that has no text.
 *
 *       3 |   files: 64
 *     > 4 |   wal: 30s
 *         |   ^^^
 */
export function frameOf(span: Span): string {
  const { source } = span
  if (source.text === '') return ''
  const line = lineAt(source, span.start)
  const lineStart = source.lineStarts[line] ?? 0
  const column = span.start - lineStart
  // A policy may be one line of a megabyte: show the part around the marker.
  const skip = column < frameWidth - 20 ? 0 : column - 20
  const shown = lineText(source, line).slice(skip, skip + frameWidth)
  const before = codePoints(shown.slice(0, column - skip))
  const marked = codePoints(shown.slice(column - skip, span.end - lineStart - skip))
  const width = String(line + 1).length
  const gutter = ' '.repeat(width)
  const previous = line === 0 || skip > 0 ? [] : [`  ${String(line).padStart(width)} | ${shownLine(source, line - 1)}`]
  return [
    ...previous.map((text) => text.trimEnd()),
    `> ${line + 1} | ${printable(shown)}`.trimEnd(),
    `  ${gutter} | ${' '.repeat(before)}${'^'.repeat(Math.max(1, marked))}`,
  ].join('\n')
}

/** Binary search: the last line that starts at or before `offset`. */
function lineAt({ lineStarts }: SourceText, offset: number): number {
  let low = 0
  let high = lineStarts.length - 1
  while (low < high) {
    const middle = Math.ceil((low + high) / 2)
    if ((lineStarts[middle] ?? 0) <= offset) low = middle
    else high = middle - 1
  }
  return low
}

function lineText({ text, lineStarts }: SourceText, line: number): string {
  const next = lineStarts[line + 1]
  const end = next === undefined ? text.length : next - 1
  return text.slice(lineStarts[line], text[end - 1] === '\r' ? end - 1 : end)
}

function shownLine(source: SourceText, line: number): string {
  return printable(lineText(source, line).slice(0, frameWidth))
}

function codePoints(text: string): number {
  return Array.from(text).length
}
