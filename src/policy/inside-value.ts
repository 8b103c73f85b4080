import type { Problem } from '../core/errors.js'
import type { Span } from './source-text.js'

/**
 * The piece of a policy's text that a piece of a value stands for. A value in quotes, over several lines or in a block
 * is followed character by character; null where that does not work out (escapes, a policy without text).
 */
export function insideValue({ source, start, end }: Span, value: string, within: Problem['within']): Span | null {
  if (within === undefined) return null
  const places = align(source.text.slice(start, end), value)
  const from = places?.[within.start]
  if (places === null || from === undefined) return null
  // At the end of a value there is one place more, for what is missing there.
  const last = places[Math.max(within.start, within.end - 1)] ?? from
  return { source, start: start + from, end: start + Math.max(from, last) + 1 }
}

/** For each character of the value, and for its end, where it stands in the text; null: the text says it otherwise. */
function align(text: string, value: string): readonly number[] | null {
  const header = /^(?:["']|[|>][^\n]*\n\s*)/.exec(text)?.[0] ?? ''
  const places: number[] = []
  let at = header.length
  for (const character of value) {
    const folded = /^\s*\n\s*/.exec(text.slice(at))?.[0]
    // A fold is one space or line end of the value, and any white space of the text.
    if (text.startsWith(character, at) && !(folded !== undefined && /\s/.test(character))) {
      for (let unit = 0; unit < character.length; unit += 1) places.push(at + unit)
      at += character.length
    } else if (folded !== undefined && /\s/.test(character)) {
      places.push(at)
      at += folded.length
    } else return null
  }
  return [...places, at]
}
