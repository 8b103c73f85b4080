import type { Action } from '../../src/layers/seccomp/action.js'
import { encodeProgram } from '../../src/layers/seccomp/code/bpf.js'
import { generate } from '../../src/layers/seccomp/code/generate.js'
import type { Decision, Meaning, TableMeaning } from '../../src/layers/seccomp/meaning.js'
import { errnoOf } from '../../src/layers/seccomp/tables.js'

/** Errors that no call of the kernel gives, so that the filter's answer cannot be taken for the kernel's. */
const marks = { EPERM: 'EXFULL', ENOSYS: 'EBADRQC', kill_process: 'EBADSLT' } as const

/** A filter that refuses with a mark instead of each refusal of `meaning`. */
export function markedProgram(meaning: Meaning): Uint8Array {
  return encodeProgram(generate({ ...meaning, tables: meaning.tables.map(markTable) }))
}

function markTable(table: TableMeaning): TableMeaning {
  const decisions = [...table.decisions].map(([number, decision]) => [number, markDecision(decision)] as const)
  return {
    ...table,
    decisions: new Map(decisions),
    unknown: markOf(table.unknown),
    x32: table.x32 === null ? null : markOf(table.x32),
  }
}

function markDecision({ call, clauses, otherwise }: Decision): Decision {
  return { call, clauses: clauses.map((one) => ({ ...one, action: markOf(one.action) })), otherwise: markOf(otherwise) }
}

/** What stands for an answer in a marked filter. */
function markOf(action: Action): Action {
  if (action === 'allow') return action
  const name = typeof action === 'string' ? action : action.errno
  if (name === 'EPERM' || name === 'ENOSYS' || name === 'kill_process') return { errno: marks[name] }
  throw new Error(`no mark for ${name}`)
}

/** What calls.c prints for the filter's answer `action`, where the filter is marked or not. */
export function printed(action: Action, marked: 'marked' | 'plain'): string {
  const shown = marked === 'marked' ? markOf(action) : action
  if (shown === 'kill_process') return 'killed 31'
  if (typeof shown === 'string') throw new Error(`${shown} is no refusal`)
  return `failed ${errnoOf(shown.errno)}`
}

const markNumbers = new Set(Object.values(marks).map((name) => `failed ${errnoOf(name)}`))

/** Whether a line of calls.c is the answer of a marked filter. */
export function isMark(line: string): boolean {
  return markNumbers.has(line)
}
