/** Unit files as systemd.syntax(7) has them, with the place of each assignment. */

export interface Assignment {
  readonly file: string
  /** From 1; of its first line. */
  readonly line: number
  readonly section: string
  readonly key: string
  readonly value: string
}

/** A line that is none of the language. */
export interface WrongLine {
  readonly file: string
  readonly line: number
  readonly message: string
}

export interface UnitFile {
  readonly assignments: readonly Assignment[]
  readonly wrong: readonly WrongLine[]
}

/** Reads one file. A line that ends in a backslash goes on in the next; comments in between are left out. */
export function parseUnit(file: string, text: string): UnitFile {
  const assignments: Assignment[] = []
  const wrong: WrongLine[] = []
  let section = ''
  for (const { line, text: whole } of logicalLines(text)) {
    const header = /^\[([^\]]+)\]$/.exec(whole)?.[1]
    if (header !== undefined) {
      section = header
      continue
    }
    const equals = whole.indexOf('=')
    if (equals <= 0 || section === '') {
      const message = equals <= 0 ? 'is neither a section nor KEY=VALUE' : 'stands before every section'
      wrong.push({ file, line, message })
      continue
    }
    const [key, value] = [whole.slice(0, equals).trimEnd(), whole.slice(equals + 1).trim()]
    assignments.push({ file, line, section, key, value })
  }
  return { assignments, wrong }
}

function logicalLines(text: string): readonly { readonly line: number; readonly text: string }[] {
  const lines: { readonly line: number; text: string }[] = []
  let goesOn = false
  for (const [index, raw] of text.split(/\r?\n/).entries()) {
    const isComment = /^\s*[#;]/.test(raw)
    if (isComment || (!goesOn && raw.trim() === '')) continue
    const continues = raw.endsWith('\\')
    const piece = continues ? raw.slice(0, -1) : raw
    const last = lines.at(-1)
    if (goesOn && last !== undefined) last.text = `${last.text} ${piece.trim()}`
    else lines.push({ line: index + 1, text: piece.trim() })
    goesOn = continues
  }
  return lines
}

/** The assignments of a key that count: an empty one takes back those before it. */
export function valuesOf(unit: readonly Assignment[], section: string, key: string): readonly Assignment[] {
  const all = unit.filter((one) => one.section === section && one.key === key)
  return all.slice(all.findLastIndex(({ value }) => value === '') + 1)
}

/** The one that counts where only one can. */
export function lastOf(unit: readonly Assignment[], section: string, key: string): Assignment | null {
  return valuesOf(unit, section, key).at(-1) ?? null
}

/** systemd.syntax(7). */
export function isTrue(value: string): boolean {
  return /^(1|yes|y|true|t|on)$/i.test(value)
}
