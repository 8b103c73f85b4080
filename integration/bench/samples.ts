/** One measurement of one candidate, and what is made of many: medians, and medians of pairs. */
export interface Sample<Mode extends string = string> {
  /** The candidates of one round are measured one after the other. */
  readonly round: number
  readonly candidate: string
  readonly mode: Mode
  readonly value: number
}

/** The middle one, of an even number the upper one of the two; null of none. */
export function median(values: readonly number[]): number | null {
  const sorted = values.toSorted((left, right) => left - right)
  return sorted[Math.floor(sorted.length / 2)] ?? null
}

/** The values of a candidate by their round. */
function valuesOf<Mode extends string>(
  samples: readonly Sample<Mode>[],
  name: string,
  wanted: Mode,
): ReadonlyMap<number, number> {
  const own = samples.filter(({ candidate, mode }) => candidate === name && mode === wanted)
  return new Map(own.map(({ round, value }) => [round, value]))
}

export function medianOf<Mode extends string>(
  samples: readonly Sample<Mode>[],
  name: string,
  mode: Mode,
): number | null {
  return median([...valuesOf(samples, name, mode).values()])
}

/** Median over the rounds of `candidate` divided by `against`, each pair of one round; null without such a pair. */
export function ratio<Mode extends string>(
  samples: readonly Sample<Mode>[],
  candidate: string,
  against: string,
  mode: Mode,
): number | null {
  const own = valuesOf(samples, candidate, mode)
  const other = valuesOf(samples, against, mode)
  return median(
    [...own].flatMap(([round, value]) => {
      const base = other.get(round)
      return base === undefined || base === 0 ? [] : [value / base]
    }),
  )
}
