/** What the processes that stay beside a sandboxed program hold in memory. */
import { readFileSync } from 'node:fs'
import { statusField, withDescendants } from './network-processes.js'

export interface Resident {
  readonly name: string
  readonly pid: number
  /** PSS (proc(5), smaps_rollup): a page that several processes map is divided among them. */
  readonly kib: number
}

/** `pid` and all its descendants but the program. */
export function residentsOf(pid: number, isProgram: (pid: number) => boolean): readonly Resident[] {
  // A zombie holds nothing.
  const own = withDescendants(pid).filter((one) => !statusField(one, 'State').startsWith('Z') && !isProgram(one))
  return own.map((one) => ({ name: statusField(one, 'Name'), pid: one, kib: pss(one) }))
}

/** What a process of Palisade's is there for. */
export function roleOf(pid: number, supervisor: number): string {
  if (pid === supervisor) return 'supervisor'
  // pid_namespaces(7): the last number is the one in the innermost namespace.
  return statusField(pid, 'NSpid').endsWith('\t1') ? 'init' : 'relay'
}

export function sumOf(residents: readonly Resident[]): number {
  return residents.reduce((total, { kib }) => total + kib, 0)
}

function pss(pid: number): number {
  return Number(/^Pss:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1])
}
