/**
 * What no policy may hold: characters that a reader cannot see, or sees as something else. Tab, line feed and
 * carriage return lay out the text, but no value may hold them; the rest is refused everywhere: C0 and C1 controls,
 * line and paragraph separators, bidirectional overrides, byte order marks, and halves of surrogate pairs.
 */
const unseen = '\\0-\\x08\\x0b\\x0c\\x0e-\\x1f\\x7f-\\x9f\\u2028\\u2029\\u202a-\\u202e\\u2066-\\u2069\\ufeff\\p{Cs}'
const inText = new RegExp(`[${unseen}]|\\r(?!\\n)`, 'u')
const inValue = new RegExp(`[${unseen}\\t\\n\\r]`, 'u')
const every = new RegExp(inValue, 'gu')

export interface Forbidden {
  /** UTF-16 offset of the first one. */
  readonly offset: number
  /** As the end of a sentence: "a NUL byte". */
  readonly what: string
}

/** The first forbidden character of a policy's text, or of one value in it. */
export function findForbidden(text: string, where: 'text' | 'value'): Forbidden | null {
  const found = (where === 'text' ? inText : inValue).exec(text)
  return found === null ? null : { offset: found.index, what: nameOf(found[0]) }
}

function nameOf(character: string): string {
  switch (character) {
    case '\0':
      return 'a NUL byte'
    case '\n':
      return 'a newline'
    case '\r':
      return 'a carriage return'
    case '\t':
      return 'a tab'
    default:
      return `the unprintable character U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`
  }
}

/** Text of others made harmless for a terminal and a log. */
export function printable(text: string, length = 200): string {
  const cut = text.length > length ? `${text.slice(0, length)}...` : text
  return cut.replace(every, '\ufffd')
}

/** A value as it appears in a message: quoted, without surprises, not longer than a message can bear. */
export function quote(text: string): string {
  return JSON.stringify(printable(text, 60))
}
