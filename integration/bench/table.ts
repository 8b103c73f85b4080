/** Tables that are read in a terminal as well as in Markdown. */
export interface Table {
  readonly head: readonly string[]
  readonly rows: readonly (readonly string[])[]
}

/** A column of numbers to the right, with or without something in brackets behind them; any other to the left. */
export function table({ head, rows }: Table): string {
  const columns = head.map((title, index) => {
    const cells = rows.map((row) => row[index] ?? '')
    const width = Math.max(3, ...[title, ...cells].map((one) => one.length))
    return { width, isNumbers: cells.every((one) => /^(-|[\d.]+)( \(.*\))?$/.test(one)) }
  })
  const line = (cells: readonly string[]): string => {
    const padded = columns.map(({ width, isNumbers }, index) => {
      const one = cells[index] ?? ''
      return isNumbers ? one.padStart(width) : one.padEnd(width)
    })
    return `| ${padded.join(' | ')} |\n`
  }
  const rule = columns.map(({ width, isNumbers }) => (isNumbers ? `${'-'.repeat(width - 1)}:` : '-'.repeat(width)))
  return [head, rule, ...rows].map(line).join('')
}

/** A number for a cell; `-`: it was not measured. */
export function cell(value: number | null, digits = 2): string {
  return value === null ? '-' : value.toFixed(digits)
}
