/** The report as lines for a terminal. */
import { layers } from '../layers.js'
import type { Cell, GuestSummary, Summary } from './summary.js'
import { counted, duration } from './words.js'

/** Guests x layers: a number of points that passed, `-` for none, `?` for what a guest did not come to tell. */
export function textTable({ guests }: Summary): string {
  const head = ['guest', ...layers, 'processor', 'wall', 'result']
  const rows = [head, ...guests.map(rowOf)]
  const widths = head.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  return rows.map((row) => `${lineOf(row, widths)}\n`).join('')
}

export function totalsLine({ counts: { passed, failed, skipped }, faults }: Summary): string {
  return `${passed} passed, ${failed + faults} failed, ${skipped} skipped`
}

function rowOf({ guest, cells, state, faults, cpuSeconds, wallSeconds }: GuestSummary): readonly string[] {
  const result = state === 'passed' ? 'ok' : faults === 0 ? 'FAIL' : `FAIL, ${counted(faults, 'fault')}`
  return [guest.name, ...cells.map(textOf), duration(cpuSeconds), duration(wallSeconds), result]
}

function textOf({ state, counts: { passed, failed, skipped } }: Cell): string {
  const skips = skipped === 0 ? '' : ` + ${skipped} skipped`
  switch (state) {
    case 'passed':
      return `${passed}${skips}`
    case 'failed':
      return `FAIL ${failed} of ${passed + failed}${skips}`
    case 'skipped':
      return `${skipped} skipped`
    case 'nothing':
      return '-'
    case 'unknown':
      return '?'
  }
}

/** Words to the left, numbers to the right. */
function lineOf(row: readonly string[], widths: readonly number[]): string {
  const last = row.length - 1
  return row
    .map((cell, column) => {
      const width = widths[column] ?? 0
      return column === 0 || column === last ? cell.padEnd(width) : cell.padStart(width)
    })
    .join('  ')
    .trimEnd()
}
