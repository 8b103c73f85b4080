/** Starts the launcher with a plan, and connects it with streams of this process. */
import { spawn, type ChildProcess, type StdioOptions } from 'node:child_process'
import { fchownSync } from 'node:fs'
import { Socket } from 'node:net'
import { LaunchError } from '../core/errors.js'
import { launcherPath, loadAddon } from '../launch/addon.js'

/** What the launcher and the program are connected with. */
export interface Launched {
  readonly child: ChildProcess
  /** null: the program reads /dev/null. */
  readonly stdin: Socket | null
  readonly stdout: Socket
  readonly stderr: Socket
  /** What the launcher tells at its end. */
  readonly report: Socket
  /** Where a world that stands is told its command; null: it runs the plan's. */
  readonly command: Socket | null
}

export interface LaunchPlan {
  readonly bytes: Uint8Array
  /** Where the plan expects the Report. */
  readonly reportDescriptor: number
  /** Where the launcher finds the plan. */
  readonly planDescriptor: number
  /** Where it may be told a command. */
  readonly commandDescriptor: number
  /** Descriptors of this process for the program, by the number that the program has them by. */
  readonly passed: ReadonlyMap<number, number>
  /** Who the program is on the host. */
  readonly owner: { readonly uid: number; readonly gid: number }
}

/**
 * Pipes, not the sockets that Node would make: a program opens /dev/stdout, which is none for a socket, and a socket
 * carries descriptors.
 */
export async function launch(
  plan: LaunchPlan,
  stdin: 'pipe' | 'nothing',
  command: 'planned' | 'told',
): Promise<Launched> {
  const addon = loadAddon()
  /** Of the child's, which it has copies of once it runs. */
  const given: number[] = []
  /** Of ours, until a stream owns them. */
  const kept: number[] = []
  const pipe = (gives: 'reads' | 'writes'): { readonly theirs: number; readonly ours: number } => {
    const [read, write] = addon.makePipe()
    const ends = gives === 'reads' ? { theirs: read, ours: write } : { theirs: write, ours: read }
    given.push(ends.theirs)
    kept.push(ends.ours)
    // Root's program is another user, who could not open /dev/stdout again.
    if (process.getuid?.() === 0) fchownSync(ends.theirs, plan.owner.uid, plan.owner.gid)
    return ends
  }
  try {
    const input = stdin === 'pipe' ? pipe('reads') : null
    const [output, errors, report] = [pipe('writes'), pipe('writes'), pipe('writes')]
    const words = command === 'told' ? pipe('reads') : null
    const planFile = addon.makePlanDescriptor(plan.bytes)
    given.push(planFile)
    const table = new Map<number, number | 'ignore'>([
      [0, input?.theirs ?? 'ignore'],
      [1, output.theirs],
      [2, errors.theirs],
      [plan.planDescriptor, planFile],
      [plan.reportDescriptor, report.theirs],
      ...(words === null ? [] : [[plan.commandDescriptor, words.theirs] as const]),
      ...plan.passed,
    ])
    const child = await started(table, [
      '--plan-descriptor',
      String(plan.planDescriptor),
      ...(words === null ? [] : ['--command-descriptor', String(plan.commandDescriptor)]),
    ])
    kept.length = 0
    const reads = { readable: true, writable: false }
    const writes = { readable: false, writable: true }
    return {
      child,
      stdin: input === null ? null : new Socket({ fd: input.ours, ...writes }),
      stdout: new Socket({ fd: output.ours, ...reads }),
      stderr: new Socket({ fd: errors.ours, ...reads }),
      report: new Socket({ fd: report.ours, ...reads }),
      command: words === null ? null : new Socket({ fd: words.ours, ...writes }),
    }
  } finally {
    for (const descriptor of [...given, ...kept]) addon.closeDescriptor(descriptor)
  }
}

/** @throws LaunchError when there is no process to be had. */
function started(table: ReadonlyMap<number, number | 'ignore'>, words: readonly string[]): Promise<ChildProcess> {
  const most = Math.max(...table.keys())
  const stdio: StdioOptions = Array.from({ length: most + 1 }, (_, number) => table.get(number) ?? 'ignore')
  const child = spawn(launcherPath(), words, { stdio, env: {} })
  return new Promise((resolve, reject) => {
    child.once('spawn', () => resolve(child))
    child.once('error', (error) => reject(launchError(error)))
  })
}

function launchError(error: Error): LaunchError {
  const code = 'code' in error ? String(error.code) : error.message
  return new LaunchError('', '', 'syscall' in error ? String(error.syscall) : 'spawn', code)
}
