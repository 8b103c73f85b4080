import type { Arch } from '../../../host/facts.js'
import { returnValue, type Action } from '../action.js'
import { x32Bit } from '../arch.js'
import { toWords } from '../condition/words.js'
import { ascending, type Clause, type Decision, type Meaning, type TableMeaning } from '../meaning.js'
import { assemble } from './assemble.js'
import { field, maximumInstructions, type Instruction } from './bpf.js'
import { naming } from './complexity.js'
import { makeDecide, type Decide, type WordClause, type WordDecision } from './decide.js'
import { holdWord, makeNodes, type Node, type Nodes } from './diagram.js'
import { FilterTooLongError } from './too-long.js'
import { search, type Run } from './search.js'
import { unknownWeight, weightOf } from './weight.js'

const holdsArch = holdWord(field.arch)
const holdsNumber = holdWord(field.number)

/**
 * The program for a meaning: the arch first, because a number means nothing without it; then a search for the number,
 * which decides everything that does not depend on arguments; then the arguments.
 * Throws `FilterTooLongError` for more instructions than the kernel takes, and `ComplexityError` for conditions that
 * combine in too many ways.
 */
export function generate(meaning: Meaning): readonly Instruction[] {
  const nodes = makeNodes()
  const decide = makeDecide(nodes)
  const tables = shareTail(
    nodes,
    meaning.tables.map((table) => numberRuns(table, nodes, decide)),
  )
  const root = meaning.tables.reduceRight<Node>(
    (rest, { audit }, index) => {
      const found = nodes.load(null, holdsNumber, search(nodes, holdsNumber, tables[index] ?? []))
      return nodes.jump(holdsArch, 'equal', audit, found, rest)
    },
    nodes.return(returnValue(meaning.otherArch)),
  )
  const program = assemble(nodes.load(null, holdsArch, root))
  if (program.length > maximumInstructions) throw new FilterTooLongError(program.length)
  return program
}

function numberRuns(table: TableMeaning, nodes: Nodes, decide: Decide): readonly Run[] {
  const unknown = nodes.return(returnValue(table.unknown))
  const runs: { readonly from: number; readonly node: Node; weight: number }[] = []
  let open: Node | null = null
  const add = (from: number, node: Node, weight: number): void => {
    const last = open === node ? runs[runs.length - 1] : undefined
    if (last === undefined) runs.push({ from, node, weight })
    else last.weight += weight
    open = node
  }
  let next = 0
  let [clauses, otherwise]: [Decision['clauses'] | null, Action | null] = [null, null]
  let node = unknown
  let weight = unknownWeight
  ascending(table.decisions).forEach((decision, number) => {
    if (number > next) add(next, unknown, unknownWeight)
    // Most calls are answered as the one before is.
    if (decision.clauses !== clauses || decision.otherwise !== otherwise) {
      node = nodeOf(decision, table.arch, nodes, decide)
      weight = weightOf(decision)
      clauses = dependsOnCall(decision) ? null : decision.clauses
      otherwise = decision.otherwise
    }
    add(number, node, weight)
    next = number + 1
  })
  add(next, unknown, unknownWeight)
  if (table.x32 !== null) add(x32Bit, nodes.return(returnValue(table.x32)), unknownWeight)
  return runs
}

/** Whether the same clauses would weigh less or more on another call. */
function dependsOnCall({ clauses }: Decision): boolean {
  const first = clauses[0]
  return first !== undefined && first.when !== null
}

function nodeOf({ call, clauses, otherwise }: Decision, arch: Arch, nodes: Nodes, decide: Decide): Node {
  const first = clauses[0]
  if (first === undefined) return nodes.return(returnValue(otherwise))
  if (first.when === null) return nodes.return(returnValue(first.action))
  return naming(`the conditions on ${call.name} (${arch})`, () => decide(inWords(clauses, otherwise)))
}

/** Clauses as tests of words. */
export function inWords(clauses: readonly Clause[], otherwise: Action): WordDecision {
  const flat = clauses.flatMap(({ when, action }): readonly WordClause[] => {
    const value = returnValue(action)
    if (when === null) return [{ atoms: [], value }]
    return when.flatMap(({ tests }) => toWords(tests)).map((atoms) => ({ atoms, value }))
  })
  return { clauses: flat, otherwise: returnValue(otherwise) }
}

/** A tail that is shared saves its instructions and costs each table one; fewer runs than this are not worth it. */
const shortestTail = 4

/**
 * From 424 on, calls have the same number on every arch, and mostly the same answer: the search through what two tables
 * have in common at their ends is one part of the program, which both reach.
 */
function shareTail(nodes: Nodes, tables: readonly (readonly Run[])[]): readonly (readonly Run[])[] {
  const [one, other] = tables
  if (one === undefined || other === undefined) return tables
  const [below, x32] = splitAt(one, x32Bit)
  const tail = commonTail(below, other)
  if (tail.length < shortestTail) return tables
  const [{ from } = { from: 0 }] = tail
  const node = search(nodes, holdsNumber, tail)
  const weight = tail.reduce((sum, run) => sum + run.weight, 0)
  const withTail = (runs: readonly Run[], end: readonly Run[]): readonly Run[] => {
    return [...runs.filter((run) => run.from < from), { from, node, weight }, ...end]
  }
  return [withTail(one, x32), withTail(other, [])]
}

function splitAt(runs: readonly Run[], number: number): readonly [readonly Run[], readonly Run[]] {
  return [runs.filter(({ from }) => from < number), runs.filter(({ from }) => from >= number)]
}

/** The runs with which both lists end, from the number on from which they agree. */
function commonTail(one: readonly Run[], other: readonly Run[]): readonly Run[] {
  let tail: readonly Run[] = []
  for (let back = 1; ; back += 1) {
    const [a, b] = [one.at(-back), other.at(-back)]
    if (a === undefined || b === undefined || a.node !== b.node) return tail
    tail = [a.from >= b.from ? a : b, ...tail]
    if (a.from !== b.from) return tail
  }
}
