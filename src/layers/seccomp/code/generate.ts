import { returnValue } from '../action.js'
import { x32Bit } from '../arch.js'
import { toWords } from '../condition/words.js'
import type { Decision, Meaning, TableMeaning } from '../meaning.js'
import { assemble } from './assemble.js'
import { field, type Instruction } from './bpf.js'
import { makeDecide, type Decide, type WordDecision } from './decide.js'
import { makeNodes, mergeRuns, search, type Held, type Node, type Nodes, type Run } from './diagram.js'
import { maximum } from './ranges.js'

const holdsArch: Held = { offset: field.arch, mask: maximum }
const holdsNumber: Held = { offset: field.number, mask: maximum }

/**
 * The program for a meaning: the arch first, because a number means nothing without it; then a search for the number,
 * which decides everything that does not depend on arguments; then the arguments.
 */
export function generate(meaning: Meaning): readonly Instruction[] {
  const nodes = makeNodes()
  const decide = makeDecide(nodes)
  const other = nodes.return(returnValue(meaning.otherArch))
  const root = meaning.tables.reduceRight(
    (rest, table) => nodes.jump(holdsArch, 'equal', table.audit, numberSearch(table, nodes, decide), rest),
    other,
  )
  return assemble(nodes.load(holdsArch, root))
}

function numberSearch(table: TableMeaning, nodes: Nodes, decide: Decide): Node {
  const unknown = nodes.return(returnValue(table.unknown))
  const runs: Run[] = [{ from: 0, node: unknown }]
  const put = (from: number, node: Node): void => {
    if (runs.at(-1)?.from === from) runs.pop()
    runs.push({ from, node })
  }
  for (const number of [...table.decisions.keys()].toSorted((a, b) => a - b)) {
    const decision = table.decisions.get(number)
    if (decision === undefined) continue
    put(number, decide(inWords(decision)))
    put(number + 1, unknown)
  }
  if (table.x32 !== null) put(x32Bit, nodes.return(returnValue(table.x32)))
  return nodes.load(holdsNumber, search(nodes, holdsNumber, mergeRuns(runs)))
}

function inWords({ clauses, otherwise }: Decision): WordDecision {
  const flat = clauses.flatMap(({ when, action }) => {
    const value = returnValue(action)
    if (when === null) return [{ atoms: [], value }]
    return when.flatMap(({ tests }) => toWords(tests)).map((atoms) => ({ atoms, value }))
  })
  return { clauses: flat, otherwise: returnValue(otherwise) }
}
