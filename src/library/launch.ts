/** Starts the launcher with a plan, and connects it with streams of this process. */
import { fchownSync } from 'node:fs'
import { Socket } from 'node:net'
import { getSystemErrorName, types } from 'node:util'
import { InternalError, LaunchError } from '../core/errors.js'
import { launcherPath, loadAddon } from '../launch/addon.js'
import { LauncherProcess } from './launcher-process.js'

/** What the launcher and the program are connected with. */
export interface Launched {
  readonly child: LauncherProcess
  readonly stdin: Socket
  readonly stdout: Socket
  readonly stderr: Socket
  /** What the launcher tells at its end. */
  readonly report: Socket
  /** Where it is told its command. When this closes, everything inside ends. */
  readonly command: Socket
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
 * @throws LaunchError when there is no process, pipe or memory to be had.
 */
export function launch(plan: LaunchPlan): Launched {
  const addon = loadAddon()
  /** The child's, which it has copies of once it runs. */
  const given: number[] = []
  const streams: Socket[] = []
  const pipe = (theyDo: 'read' | 'write'): { readonly theirs: number; readonly ours: Socket } => {
    const [read, write] = addon.makePipe()
    const [theirs, number] = theyDo === 'read' ? [read, write] : [write, read]
    given.push(theirs)
    // Before there is a child: a worker thread that is ended meanwhile closes its streams, and nothing else.
    const fd = addon.releaseDescriptor(number)
    const ours = new Socket({ fd, readable: theyDo === 'write', writable: theyDo === 'read' })
    streams.push(ours)
    // Root's program is another user, who could not open /dev/stdout again.
    if (process.getuid?.() === 0) fchownSync(theirs, plan.owner.uid, plan.owner.gid)
    return { theirs, ours }
  }
  try {
    const [input, command] = [pipe('read'), pipe('read')]
    const [output, errors, report] = [pipe('write'), pipe('write'), pipe('write')]
    const planFile = addon.makePlanDescriptor(plan.bytes)
    given.push(planFile)
    const table = new Map<number, number>([
      [0, input.theirs],
      [1, output.theirs],
      [2, errors.theirs],
      [plan.planDescriptor, planFile],
      [plan.reportDescriptor, report.theirs],
      [plan.commandDescriptor, command.theirs],
      ...plan.passed,
    ])
    const numbers = [plan.planDescriptor, plan.commandDescriptor].map(String)
    const words = ['--plan-descriptor', numbers[0] ?? '', '--command-descriptor', numbers[1] ?? '']
    const child = new LauncherProcess(launcherPath(), words, table)
    return {
      child,
      stdin: input.ours,
      stdout: output.ours,
      stderr: errors.ours,
      report: report.ours,
      command: command.ours,
    }
  } catch (error) {
    for (const stream of streams) stream.destroy()
    throw launchError(error)
  } finally {
    for (const descriptor of given) addon.closeDescriptor(descriptor)
  }
}

/** What the kernel refused; anything else is a bug, and stays what it is. */
function launchError(error: unknown): Error {
  if (!types.isNativeError(error)) return new InternalError(String(error))
  if (!('syscall' in error)) return error
  const errno = 'errno' in error && typeof error.errno === 'number' ? getSystemErrorName(-Math.abs(error.errno)) : ''
  return new LaunchError('', '', String(error.syscall), errno)
}
