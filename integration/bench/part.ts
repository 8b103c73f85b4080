/** What each part of the bench measured, for whoever prints it. */
import type { Goal } from './goals.js'
import type { Panel } from './plot.js'
import { table, type Table } from './table.js'

export interface Part {
  readonly title: string
  /** How it was measured, and what the columns are. */
  readonly method: string
  readonly tables: readonly Table[]
  readonly panels: readonly Panel[]
  readonly goals: readonly Goal[]
  /** What did not go as it should have. */
  readonly notes: readonly string[]
}

export function textOf({ title, method, tables, notes }: Part): string {
  const below = notes.length === 0 ? '' : `${notes.map((note) => `- ${note}\n`).join('')}\n`
  return `## ${title}\n\n${method}\n\n${tables.map((one) => `${table(one)}\n`).join('')}${below}`
}
