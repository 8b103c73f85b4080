const columns = 80

/** Breaks a text at blanks into lines of at most 80 columns; lines after the first get `hanging` more blanks. */
export function wrap(text: string, indent: string, hanging = 0): readonly string[] {
  const lines: string[] = []
  let line = indent
  let start = indent
  for (const word of text.split(/(?<=\S) /)) {
    if (line.length > start.length && line.length + 1 + word.length > columns) {
      lines.push(line)
      start = indent + ''.padEnd(hanging)
      line = start
    }
    line = line.length === start.length ? line + word : `${line} ${word}`
  }
  return [...lines, line]
}
