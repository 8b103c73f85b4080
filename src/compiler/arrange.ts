import { InternalError } from '../core/errors.js'
import { order, type Op, type Step } from '../plan/descriptors.js'

const places: ReadonlyMap<string, number> = new Map(
  order.flatMap((group, place) => group.map(({ op }): [Op, number] => [op, place])),
)

/** Puts steps in the order of `order`; those of one group keep the order that their layer gave them. */
export function arrange(steps: readonly Step[]): readonly Step[] {
  return steps.toSorted((left, right) => placeOf(left.op) - placeOf(right.op))
}

/** Where an operation stands in `order`. */
export function placeOf(op: Op): number {
  const place = places.get(op)
  if (place === undefined) throw new InternalError(`${op} has no place in the order`)
  return place
}
