/** Markup: only `html` makes it, and everything else that goes in is text. */

export interface Html {
  readonly markup: string
}

type Part = string | number | Html | readonly Html[]

export function html(texts: TemplateStringsArray, ...parts: readonly Part[]): Html {
  return { markup: texts.map((text, index) => `${text}${markupOf(parts[index] ?? '')}`).join('') }
}

function markupOf(part: Part): string {
  if (typeof part === 'string') return part.replaceAll(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
  if (typeof part === 'number') return String(part)
  return 'markup' in part ? part.markup : part.map(({ markup }) => markup).join('')
}
