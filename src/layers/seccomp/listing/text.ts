import type { Meaning, TableMeaning } from '../meaning.js'
import { decisionLines, summaryOf } from './clauses.js'
import { linesOf, type Line } from './lines.js'
import { headLines, type Listed } from './listed.js'
import { label, mnemonicOf } from './mnemonic.js'
import { actionText } from '../action.js'

/** Columns: a label, the instruction, then its index, its bytes and what it does. */
const instructionColumn = 34
const width = 120

/**
 * An annotated listing. What stands before the `;` is the notation of the kernel's bpf_asm; all else is comment: the
 * answers of the policy by call, then each instruction with its index, its bytes and what it asks.
 */
export function listingText(listed: Listed): string {
  const { program, meaning } = listed
  const head = [...headLines(listed), ...(meaning === null ? [] : answersText(meaning))]
  const lines = linesOf(program, meaning).flatMap(lineText)
  return `${[...head.map((line) => (line === '' ? ';' : `; ${line}`)), '', ...lines].join('\n')}\n`
}

function answersText(meaning: Meaning): readonly string[] {
  return meaning.tables.flatMap((table) => ['', ...tableText(table)])
}

function tableText(table: TableMeaning): readonly string[] {
  const { always, depends } = summaryOf(table)
  const groups = always.flatMap(({ answer, by, calls }) => [
    `  ${answer} [${by}]: ${calls.length === 1 ? '1 call' : `${calls.length} calls`}`,
    ...wrapWords(calls, '    '),
  ])
  const decisions = [...table.decisions.values()].filter(({ call }) => depends.includes(call.name))
  const conditional = decisions.flatMap((decision) => [
    `  ${decision.call.name} (${decision.call.number}), by its arguments:`,
    ...decisionLines(decision).map((line) => `    ${line}`),
  ])
  const x32 = table.x32 === null ? [] : [`  x32 numbers, and -1: ${actionText(table.x32)}`]
  return [table.arch, ...groups, ...conditional, `  any other number: ${actionText(table.unknown)}`, ...x32]
}

function wrapWords(words: readonly string[], indent: string): readonly string[] {
  return words.reduce<readonly string[]>((lines, word) => {
    const last = lines.at(-1)
    const longer = last === undefined ? '' : `${last} ${word}`
    return last === undefined || longer.length > width - 2
      ? [...lines, `${indent}${word}`]
      : [...lines.slice(0, -1), longer]
  }, [])
}

function lineText({ index, instruction, bytes, target, comment, heading }: Line): readonly string[] {
  const place = target === 'target' ? `${label(index)}:` : ''
  const left = `${place.padEnd(7)}${mnemonicOf(instruction, index)}`
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join(' ')
  const right = `${String(index).padStart(4)}  ${hex}  ${comment}`.trimEnd()
  return [...heading.map((line) => `       ; ${line}`), `${left.padEnd(instructionColumn)} ; ${right}`]
}
