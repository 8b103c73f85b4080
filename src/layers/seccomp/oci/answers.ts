/**
 * What a profile answers to a call, as runc makes a filter of it with libseccomp:
 * - an entry whose action is the default one is left out;
 * - entries of one call are alternatives, wherever they stand; one without arguments beats all that have some, and of
 *   several without arguments the first counts;
 * - tests of one entry must all hold, but if two of them name the same argument each is an alternative of its own;
 * - all 64 bits of an argument are compared.
 */
import { maximum } from '../code/ranges.js'
import { toWord64, type Conjunction, type Test } from '../condition/test.js'
import { letsThrough } from '../listing/answers.js'
import type { ProfileAction, ProfileEntry, ProfileTest } from './profile.js'

/** What one call gets. Where clauses with different actions overlap, libseccomp gives no order: the stricter is first. */
export interface ProfileAnswer {
  readonly clauses: readonly { readonly tests: Conjunction; readonly value: number }[]
  readonly otherwise: number
}

export function answerFor(name: string, entries: readonly ProfileEntry[], defaultAction: ProfileAction): ProfileAnswer {
  const own = entries.filter(({ names, action }) => names.includes(name) && action.value !== defaultAction.value)
  const always = own.find(({ args }) => args.length === 0)
  if (always !== undefined) return { clauses: [], otherwise: always.action.value }
  const clauses = own.flatMap(({ args, action }) =>
    alternatives(args).map((tests) => ({ tests: tests.map(testOf), value: action.value })),
  )
  const refusing = clauses.filter(({ value }) => !letsThrough(value))
  const letting = clauses.filter(({ value }) => letsThrough(value))
  return { clauses: [...refusing, ...letting], otherwise: defaultAction.value }
}

function alternatives(args: readonly ProfileTest[]): readonly (readonly ProfileTest[])[] {
  const once = new Set(args.map(({ index }) => index)).size === args.length
  return once ? [args] : args.map((one) => [one])
}

const all = { hi: maximum, lo: maximum }

function testOf({ index, op, value, valueTwo }: ProfileTest): Test {
  const plain = { argument: index, mask: all, values: [toWord64(value)] }
  switch (op) {
    case 'EQ':
      return { ...plain, relation: 'in' }
    case 'NE':
      return { ...plain, relation: 'not in' }
    case 'LT':
      return { ...plain, relation: '<' }
    case 'LE':
      return { ...plain, relation: '<=' }
    case 'GT':
      return { ...plain, relation: '>' }
    case 'GE':
      return { ...plain, relation: '>=' }
    case 'MASKED_EQ':
      // libseccomp drops the bits of the value that the mask does not have.
      return { argument: index, mask: toWord64(value), relation: 'in', values: [toWord64(value & valueTwo)] }
  }
}
