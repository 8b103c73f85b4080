import { join } from 'node:path'
import { syscallTable } from '../../src/layers/seccomp/tables.js'
import { must, type Outcome } from '../world/process.js'

/** The programs of this directory: three run the launcher, two are run by it. */
export interface Faults {
  readonly tracer: string
  readonly killer: string
  readonly repeat: string
  readonly witness: string
  readonly nap: string
}

export async function buildFaults(directory: string): Promise<Faults> {
  const build = async (name: string): Promise<string> => {
    const output = join(directory, name)
    await must(['cc', '-O1', '-Wall', '-Wextra', '-Werror', '-static', '-o', output, join(sources, `${name}.c`)])
    return output
  }
  const [tracer, killer, repeat, witness, nap] = await Promise.all([
    build('tracer'),
    build('killer'),
    build('repeat'),
    build('witness'),
    build('nap'),
  ])
  return { tracer, killer, repeat, witness, nap }
}

export const processes = ['supervisor', 'init', 'resolver', 'relay', 'publisher', 'sandboxee'] as const
export type Process = (typeof processes)[number]

/** One system call of the launcher: the `nth` of its name in its process. */
export interface Call {
  readonly process: Process
  readonly name: string
  readonly number: number
  readonly nth: number
  /** The first argument: which prctl, which descriptor. */
  readonly first: string
}

/** What the tracer or the killer saw. */
export interface Traced {
  readonly calls: readonly Call[]
  /** How many of them came before the program's execve had succeeded. */
  readonly callsBeforeExec: number
  /** The call came and the tracer acted. */
  readonly acted: boolean
  /** The victim existed and was killed. */
  readonly killed: boolean
  /** The program's execve succeeded while the tracer looked. */
  readonly executed: boolean
  /** How the launcher ended; null if it had to be ended. */
  readonly status: number | null
  /** Processes that were still there 5 seconds after the launcher's end. */
  readonly left: number
}

/** @throws Error when the tracer or killer itself failed. */
export function parseTrace({ code, signal, stderr, descriptor3 }: Outcome): Traced {
  if (code !== 0) throw new Error(`tracer: ${signal ?? code}: ${stderr}`)
  const lines = descriptor3.split('\n').map((line) => line.split(' '))
  const words = (kind: string) => lines.filter(([word]) => word === kind)
  const number = (kind: string) => words(kind).map(([, value]) => Number(value))[0]
  const signalled = number('signal')
  return {
    calls: countCalls(words('call')),
    callsBeforeExec: lines.slice(
      0,
      lines.findIndex(([word]) => word === 'exec'),
    ).length,
    acted: words('acted').length > 0,
    killed: words('killed').length > 0,
    executed: words('exec').length > 0,
    status: number('exit') ?? (signalled === undefined ? null : 128 + signalled),
    left: number('left') ?? 0,
  }
}

function countCalls(lines: readonly (readonly string[])[]): readonly Call[] {
  const counts = new Map<string, number>()
  return lines.map(([, process = '', number = '', first = '']) => {
    const key = `${process} ${number}`
    const nth = (counts.get(key) ?? 0) + 1
    counts.set(key, nth)
    return { process: processNamed(process), name: nameOf(Number(number)), number: Number(number), nth, first }
  })
}

function processNamed(name: string): Process {
  const found = processes.find((process) => process === name)
  if (found === undefined) throw new Error(`tracer: a call of ${name}`)
  return found
}

function nameOf(number: number): string {
  const call = table.byNumber.get(number)
  if (call === undefined) throw new Error(`tracer: call number ${number}`)
  return call.name
}

const table = syscallTable('x86_64')
// From build-test/integration/faults to the sources, which are not compiled by tsc.
const sources = join(import.meta.dirname, '../../../integration/faults')
