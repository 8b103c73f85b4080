/** What Palisade must reach, and whether it does. */
import { table } from './table.js'

export interface Goal {
  readonly what: string
  /** As measured; null: it was not. */
  readonly value: number | null
  readonly bound: { readonly most: number } | { readonly least: number }
}

/** The measured value decides, not what is printed of it. */
export function judge({ value, bound }: Goal): 'met' | 'missed' | 'not measured' {
  if (value === null || Number.isNaN(value)) return 'not measured'
  const isMet = 'most' in bound ? value <= bound.most : value >= bound.least
  return isMet ? 'met' : 'missed'
}

export function goalTable(goals: readonly Goal[]): string {
  const rows = goals.map((goal) => {
    const { what, value, bound } = goal
    const wanted = 'most' in bound ? `at most ${bound.most}` : `at least ${bound.least}`
    return [what, value === null ? '-' : value.toFixed(3), wanted, judge(goal)]
  })
  return table({ head: ['goal', 'measured', 'wanted', ''], rows })
}
