import type { Atom, AtomConjunction } from '../condition/words.js'
import { cutPoints, heldKey, mergeRuns, search, type Held, type Node, type Nodes } from './diagram.js'
import { contains, maximum, type Ranges } from './ranges.js'

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

/**
 * Turns decisions on arguments into diagrams. Each step takes one masked word that the first clause asks about, splits
 * its values where any clause changes its mind, and goes on with what is left of the clauses on each piece.
 */
export function makeDecide(nodes: Nodes): Decide {
  const known = new Map<string, Node>()
  const build = (decision: WordDecision, held: Held | null): Node => {
    const simple = simplify(decision)
    const [first] = simple.clauses
    if (first === undefined) return nodes.return(simple.otherwise)
    const key = `${held === null ? '' : heldKey(held)} ${decisionKey(simple)}`
    const found = known.get(key)
    if (found !== undefined) return found
    const atom = first.atoms.find(({ offset }) => offset === held?.offset) ?? first.atoms[0]
    const node = atom === undefined ? nodes.return(first.value) : split(simple, atom, held)
    known.set(key, node)
    return node
  }
  const split = (decision: WordDecision, { offset, mask }: Atom, held: Held | null): Node => {
    const pieces = piecesOf(decision, offset, mask)
    const [none, some] = pieces
    if (none !== undefined && pieces.length === 1) return build(none.rest, held)
    const whole: Held = { offset, mask: maximum }
    const flags = mask !== maximum && pieces.length === 2 && some?.from === 1
    const wanted: Held = flags ? whole : { offset, mask }
    const runs = pieces.map(({ from, rest }) => ({ from, node: build(rest, wanted) }))
    const [no, yes] = runs
    const tested =
      flags && no !== undefined && yes !== undefined
        ? nodes.jump(wanted, 'set', mask, yes.node, no.node)
        : search(nodes, wanted, mergeRuns(runs))
    return held !== null && heldKey(held) === heldKey(wanted) ? tested : nodes.load(wanted, tested)
  }
  return (decision) => build(decision, null)
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

function piecesOf({ clauses, otherwise }: WordDecision, offset: number, mask: number): readonly Piece[] {
  const sets = clauses.flatMap(({ atoms }) => rangesAt(atoms, offset, mask))
  const pieces = cutPoints(sets, mask).map((from) => {
    const rest = clauses.filter(({ atoms }) => rangesAt(atoms, offset, mask).every((ranges) => contains(ranges, from)))
    const left = rest.map(({ atoms, value }) => ({
      atoms: atoms.filter((atom) => atom.offset !== offset || atom.mask !== mask),
      value,
    }))
    return { from, rest: simplify({ clauses: left, otherwise }) }
  })
  return pieces.filter((piece, index) => {
    const before = pieces[index - 1]
    return before === undefined || decisionKey(before.rest) !== decisionKey(piece.rest)
  })
}

function rangesAt(atoms: AtomConjunction, offset: number, mask: number): readonly Ranges[] {
  return atoms.filter((atom) => atom.offset === offset && atom.mask === mask).map(({ ranges }) => ranges)
}

function decisionKey({ clauses, otherwise }: WordDecision): string {
  return `${clauses.map(clauseKey).join('|')}/${otherwise}`
}

function clauseKey({ atoms, value }: WordClause): string {
  const listed = atoms.map(({ offset, mask, ranges }) => {
    return `${offset}&${mask}:${ranges.map(({ from, to }) => `${from}-${to}`).join(',')}`
  })
  return `${listed.join(';')}>${value}`
}
