/** A set of 32-bit numbers: inclusive ranges, ascending, neither touching nor overlapping. */
export type Ranges = readonly Range[]
export interface Range {
  readonly from: number
  readonly to: number
}

export const maximum = 0xffffffff
export const everything: Ranges = [{ from: 0, to: maximum }]

/** The set of some single numbers. */
export function rangesOf(numbers: readonly number[]): Ranges {
  const ranges: { from: number; to: number }[] = []
  for (const number of Uint32Array.from(numbers).toSorted()) {
    const last = ranges.at(-1)
    if (last !== undefined && number <= last.to + 1) last.to = number
    else ranges.push({ from: number, to: number })
  }
  return ranges
}

/** All numbers that are not in the set. */
export function complement(ranges: Ranges): Ranges {
  const result: Range[] = []
  let from = 0
  for (const range of ranges) {
    if (range.from > from) result.push({ from, to: range.from - 1 })
    from = range.to + 1
  }
  return from <= maximum ? [...result, { from, to: maximum }] : result
}

/** Numbers in both sets. */
export function intersect(a: Ranges, b: Ranges): Ranges {
  const result: Range[] = []
  let [left, right] = [0, 0]
  for (let [one, other] = [a[0], b[0]]; one !== undefined && other !== undefined; [one, other] = [a[left], b[right]]) {
    const cut = { from: Math.max(one.from, other.from), to: Math.min(one.to, other.to) }
    if (cut.from <= cut.to) result.push(cut)
    // What ends first meets nothing that comes later.
    if (one.to < other.to) left += 1
    else right += 1
  }
  return result
}

/** Numbers from `from` to `to`; empty if there are none. */
export function span(from: number, to: number): Ranges {
  return from <= to ? [{ from, to }] : []
}

/** Whether the set is all numbers. */
export function isEverything(ranges: Ranges): boolean {
  return ranges.length === 1 && ranges[0]?.from === 0 && ranges[0].to === maximum
}

/** Whether a number is in the set. */
export function contains(ranges: Ranges, number: number): boolean {
  return ranges.some(({ from, to }) => from <= number && number <= to)
}

/** The numbers up to `limit` at which some sets begin or end: between two of them, every set is constant. */
export function cutPoints(sets: readonly Ranges[], limit: number): readonly number[] {
  const cuts = new Set([0])
  for (const ranges of sets) {
    for (const { from, to } of ranges) {
      if (from <= limit) cuts.add(from)
      if (to < limit) cuts.add(to + 1)
    }
  }
  return [...Uint32Array.from(cuts).toSorted()]
}
