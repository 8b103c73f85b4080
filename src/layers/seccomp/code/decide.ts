import { ComplexityError } from '../../../core/errors.js'
import type { Atom, AtomConjunction } from '../condition/words.js'
import { hold, holdWord, type Held, type Node, type Nodes } from './diagram.js'
import { cutPoints, everything, maximum, type Ranges } from './ranges.js'
import { search, type Run } from './search.js'

/** Atoms that must all hold, and the value that the filter then returns. */
export interface WordClause {
  readonly atoms: AtomConjunction
  readonly value: number
}

/** Clauses in order, the first that holds counts; `otherwise` if none does. */
export interface WordDecision {
  readonly clauses: readonly WordClause[]
  readonly otherwise: number
}

export type Decide = (decision: WordDecision) => Node

/** Comparisons of a clause with a run of values, at most, for one filter: a second or two. The promises need some 10,000. */
const mostComparisons = 1 << 22

/** What it takes to make and compare what is left of a clause, in comparisons. */
const restPrice = 4

/** Callers pass values that a condition names more often than those between them. */
const [namedWeight, otherWeight] = [1, 0.25]

/**
 * Turns decisions on arguments into diagrams. Each step takes one masked word that the first clause asks about, splits
 * its values where any clause changes its mind, and goes on with what is left of the clauses on each piece. Equal
 * decisions become one node, whichever calls and tables they come from.
 */
export function makeDecide(nodes: Nodes): Decide {
  const known = new Map<string, Node>()
  const keyOf = makeKeys()
  let comparisons = 0
  const spend = (count: number): void => {
    comparisons += count
    if (comparisons > mostComparisons)
      throw new ComplexityError('too complex to compile: they combine in too many ways')
  }
  const build = (decision: WordDecision, held: Held | null): Node => {
    const first = decision.clauses[0]
    if (first === undefined) return nodes.return(decision.otherwise)
    const key = `${held?.key} ${keyOf(decision)}`
    const found = known.get(key)
    if (found !== undefined) return found
    const atom = first.atoms.find(({ offset }) => offset === held?.offset) ?? first.atoms[0]
    const node = atom === undefined ? nodes.return(first.value) : split(decision, atom, held)
    known.set(key, node)
    return node
  }
  const split = (decision: WordDecision, { offset, mask }: Atom, held: Held | null): Node => {
    const pieces = piecesOf(decision, offset, mask, keyOf, spend)
    const [none, some] = pieces
    if (none === undefined || some === undefined) return build(none?.rest ?? decision, held)
    if (mask !== maximum && pieces.length === 2 && some.from === 1) {
      const wanted = holdWord(offset)
      const test = nodes.jump(wanted, 'set', mask, build(some.rest, wanted), build(none.rest, wanted))
      return nodes.load(held, wanted, test)
    }
    const wanted = hold(offset, mask)
    const runs = pieces.map(({ from, rest }, index): Run => {
      const single = pieces[index + 1]?.from === from + 1
      return { from, node: build(rest, wanted), weight: single ? namedWeight : otherWeight }
    })
    return nodes.load(held, wanted, search(nodes, wanted, runs))
  }
  return (decision) => build(simplify(decision), null)
}

/** Without what cannot matter: clauses after one that always holds, and last ones that answer as `otherwise` does. */
function simplify({ clauses, otherwise }: WordDecision): WordDecision {
  const always = clauses.findIndex(({ atoms }) => atoms.length === 0)
  const value = always === -1 ? otherwise : (clauses[always]?.value ?? otherwise)
  const kept = always === -1 ? clauses : clauses.slice(0, always)
  return { clauses: kept.slice(0, kept.findLastIndex((clause) => clause.value !== value) + 1), otherwise: value }
}

interface Piece {
  readonly from: number
  readonly rest: WordDecision
}

function piecesOf(
  { clauses, otherwise }: WordDecision,
  offset: number,
  mask: number,
  keyOf: KeyOf,
  spend: (comparisons: number) => void,
): readonly Piece[] {
  // Each clause: what it demands of the word, and what is left of it where the word meets that.
  const parts = clauses.map((clause): Part => {
    const here = clause.atoms.find((atom) => atom.offset === offset && atom.mask === mask)
    if (here === undefined) return { ranges: everything, left: clause, passed: 0 }
    const atoms = clause.atoms.filter((atom) => atom !== here)
    return { ranges: here.ranges, left: { atoms, value: clause.value }, passed: 0 }
  })
  const rests = new Map<string, { readonly rest: WordDecision; readonly key: string }>()
  const restOf = (met: string): { readonly rest: WordDecision; readonly key: string } => {
    const known = rests.get(met)
    if (known !== undefined) return known
    spend(parts.length * restPrice)
    const left = parts.flatMap((part, index) => (met[index] === '+' ? [part.left] : []))
    const rest = simplify({ clauses: left, otherwise })
    const made = { rest, key: keyOf(rest) }
    rests.set(met, made)
    return made
  }
  const pieces: Piece[] = []
  let last: string | null = null
  const cuts = cutPoints(
    parts.map(({ ranges }) => ranges),
    mask,
  )
  spend(parts.length * cuts.length)
  for (const from of cuts) {
    let met = ''
    for (const part of parts) met += meets(part, from) ? '+' : '-'
    const { rest, key } = restOf(met)
    if (key !== last) pieces.push({ from, rest })
    last = key
  }
  return pieces
}

interface Part {
  readonly ranges: Ranges
  readonly left: WordClause
  /** How many ranges end before the numbers asked for so far, which ascend. */
  passed: number
}

function meets(part: Part, number: number): boolean {
  while ((part.ranges[part.passed]?.to ?? number) < number) part.passed += 1
  return (part.ranges[part.passed]?.from ?? maximum + 1) <= number
}

type KeyOf = (decision: WordDecision) => string

/** Text that is the same for equal decisions only. */
function makeKeys(): KeyOf {
  const atomKeys = new Map<Atom, string>()
  const atomKey = (atom: Atom): string => {
    const found = atomKeys.get(atom)
    if (found !== undefined) return found
    const key = `${atom.offset}&${atom.mask}:${rangesKey(atom.ranges)}`
    atomKeys.set(atom, key)
    return key
  }
  return ({ clauses, otherwise }) => {
    let key = `${otherwise}`
    for (const { atoms, value } of clauses) key += `|${atoms.map(atomKey).join(';')}>${value}`
    return key
  }
}

function rangesKey(ranges: Ranges): string {
  return ranges.map(({ from, to }) => `${from}-${to}`).join(',')
}
